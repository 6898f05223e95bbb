using System.Globalization;

namespace SignalFlow.Processing.Terms;

/// <summary>What a burst is measured against; it depends on how much history there is.</summary>
internal enum TermBaselineKind : byte
{
    /// <summary>Less than six hours: nothing is reported.</summary>
    None,

    /// <summary>Less than a day.</summary>
    RecentHours,

    /// <summary>Less than a week.</summary>
    HourOfDay,

    HourOfWeek,
}

/// <summary>
/// The number of authors to be expected in one bucket. The share of posts that have the term is estimated from the same hours of the week, drawn
/// towards its share over all hours because most terms are rare; where its share over the last day (without the last three hours) is higher, that
/// counts, so that yesterday's news is none. The share times the bucket's volume is what is expected.
/// </summary>
internal sealed class TermBaseline(TermBaselineKind kind, Dictionary<string, int> numbers, int capacity)
{
    public const int LeastHours = 6;

    /// <summary>Hours before the bucket that the last day leaves out.</summary>
    public const int RecentGap = 3;

    /// <summary>Of a term that history does not know: one post in ten thousand. What hours leave out (one author an hour) is about as much.</summary>
    private const double LeastShare = 1e-4;

    /// <summary>An author, spread as over all hours, that is added to the observed ones: one hour of one term is little to learn from.</summary>
    private const double Shrinkage = 1;

    private readonly Dictionary<string, int> _numbers = numbers;
    private readonly Counts[] _counts = new Counts[capacity];
    private readonly string?[] _terms = new string?[capacity];
    private long _volume;
    private long _seasonalVolume;
    private long _recentVolume;

    public TermBaselineKind Kind => kind;

    /// <summary>In words, for those who read a burst.</summary>
    public static string Describe(TermBaselineKind kind) => kind switch
    {
        TermBaselineKind.HourOfWeek => "same hour of the week",
        TermBaselineKind.HourOfDay => "same hour of the day, less than a week of history",
        TermBaselineKind.RecentHours => "recent hours, less than a day of history",
        TermBaselineKind.None => "no baseline yet",
        _ => kind.ToString(),
    };

    public void Add(int volume, bool isSeasonal, bool isRecent)
    {
        _volume += volume;
        _seasonalVolume += isSeasonal ? volume : 0;
        _recentVolume += isRecent ? volume : 0;
    }

    public void Add(int number, int authors, bool isSeasonal, bool isRecent)
    {
        ref var counts = ref _counts[number];
        counts.Seasonal += isSeasonal ? authors : 0;
        counts.Recent += isRecent ? authors : 0;
    }

    public void AddTotal(int number, long authors, string? term)
    {
        _counts[number].Total = authors;
        _terms[number] = term;
    }

    /// <param name="volume">Posts counted in the bucket.</param>
    public TermExpectation Of(string term, int volume) =>
        Of(_numbers.TryGetValue(term, out var number) && number < _counts.Length ? _counts[number] : default, volume);

    /// <summary>The terms whose expectation in a bucket of that volume is at least <paramref name="least"/>, in no order.</summary>
    public IEnumerable<(string Term, TermExpectation Expectation)> Above(double least, int volume)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            if (_terms[i] is { } term && Of(_counts[i], volume) is var expectation && expectation.Authors >= least)
                yield return (term, expectation);
        }
    }

    private TermExpectation Of(Counts counts, int volume)
    {
        // One more than was seen, so that a term of which nothing is known has a share that could have been overlooked.
        var share = Math.Max(LeastShare, (counts.Total + 1.0) / Math.Max(1, _volume));
        var seasonal = (counts.Seasonal + Shrinkage) / (_seasonalVolume + (Shrinkage / share));
        var recent = (counts.Recent + Shrinkage) / (_recentVolume + (Shrinkage / share));
        return new TermExpectation(volume * Math.Max(seasonal, recent), 1.0 / (1 + counts.Total));
    }

    private struct Counts
    {
        public long Total;
        public int Seasonal;
        public int Recent;
    }
}

/// <param name="Authors">The mean.</param>
/// <param name="Uncertainty">What not knowing the mean well adds to the dispersion: the inverse of the number of authors it was learnt from.</param>
internal readonly record struct TermExpectation(double Authors, double Uncertainty)
{
    public override string ToString() => Authors.ToString("0.##", CultureInfo.InvariantCulture);
}
