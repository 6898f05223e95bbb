using SignalFlow.Processing.Statistics;

namespace SignalFlow.Processing.Terms;

/// <summary>
/// How much more than Poisson's the counts of a class of terms (words, pairs, names) scatter around what was expected of them, by the method of
/// moments over the last week: sum((o - e)² - e) / sum(e²). Each bucket gives two sums a class; they are what a table stores. A term that bursts is
/// left out of its bucket's sums, or one evening of news would hide the next.
/// </summary>
internal sealed class TermDispersion
{
    public const int Classes = 3;

    /// <summary>Rarer terms say nothing about dispersion.</summary>
    public const double LeastExpected = 0.5;

    private const double OutlierTail = 1e-4;

    // Where there is little to fit: what recorded titles show, with the weight of fifty terms that are expected once.
    private const double Prior = 0.1;
    private const double PriorWeight = 50;
    private const double Least = 0.02;
    private const double Most = 2;

    private static readonly TimeSpan Window = TimeSpan.FromDays(7);

    private readonly Queue<TermScatter> _scatters = new();

    public void Add(TermScatter scatter)
    {
        while (_scatters.TryPeek(out var oldest) && oldest.Bucket <= scatter.Bucket - Window)
            _scatters.Dequeue();
        _scatters.Enqueue(scatter);
    }

    /// <summary>By the number of words, less one. Summed anew in the order of time, so that every replica gets the same digits.</summary>
    public double[] Fit()
    {
        Span<double> excess = stackalloc double[Classes];
        Span<double> weight = stackalloc double[Classes];
        foreach (var scatter in _scatters)
        {
            excess[scatter.Words - 1] += scatter.Excess;
            weight[scatter.Words - 1] += scatter.Weight;
        }

        var fit = new double[Classes];
        for (var i = 0; i < Classes; i++)
            fit[i] = Math.Clamp((excess[i] + (Prior * PriorWeight)) / (weight[i] + PriorWeight), Least, Most);
        return fit;
    }

    /// <summary>The sums of one bucket, one per class.</summary>
    public static TermScatter[] Measure(TermCounts counts, TermBaseline baseline, ReadOnlySpan<double> dispersion)
    {
        var scatters = new TermScatter[Classes];
        for (var i = 0; i < Classes; i++)
            scatters[i] = new TermScatter(counts.Bucket, i + 1, 0, 0);

        var observed = counts.Terms.ToDictionary(term => term.Term, term => term.Authors, StringComparer.Ordinal);
        foreach (var (term, expectation) in baseline.Above(LeastExpected, counts.Volume).OrderBy(item => item.Term, StringComparer.Ordinal))
        {
            var words = Math.Min(Classes, term.Count(' ') + 1);
            var (count, mean) = (observed.GetValueOrDefault(term), expectation.Authors);
            if (NegativeBinomial.UpperTail(count, mean, dispersion[words - 1]) < OutlierTail)
                continue;
            var scatter = scatters[words - 1];
            scatters[words - 1] = scatter with
            {
                Excess = scatter.Excess + ((count - mean) * (count - mean)) - mean,
                Weight = scatter.Weight + (mean * mean),
            };
        }

        return scatters;
    }
}

/// <param name="Words">1, 2, or 3 for more.</param>
/// <param name="Excess">sum((o - e)² - e)</param>
/// <param name="Weight">sum(e²)</param>
internal readonly record struct TermScatter(DateTimeOffset Bucket, int Words, double Excess, double Weight);
