using System.Runtime.InteropServices;

namespace SignalFlow.Processing.Surge;

/// <summary>
/// Computes the rows of a cut. What is known of a community's posts is needed until it is closed, and then only the numbers of all communities
/// together, each in a column of its own. Not safe for concurrent use.
/// </summary>
internal sealed class BaselineBuilder
{
    /// <summary>A community with fewer posts at an age does not say how far posts spread.</summary>
    public const int LeastForPooledMad = 10;

    private readonly Dictionary<string, Community> _open = new(StringComparer.OrdinalIgnoreCase);
    private readonly SortedDictionary<string, BaselineRows> _closed = new(StringComparer.OrdinalIgnoreCase);
    private readonly PooledNumbers[] _pooled = [.. Enumerable.Range(0, AgeBins.Count).Select(_ => new PooledNumbers())];
    private readonly List<int> _finals = [];
    private readonly List<double> _finalDistances = [];

    /// <summary>Adds a post as it was known at the cut.</summary>
    /// <param name="subreddit">Its community, in any case.</param>
    /// <param name="createdAt">Microseconds since the Unix epoch.</param>
    /// <param name="observations">Those before the cut, in the order of their time.</param>
    /// <param name="final">The score at 24 hours of age; null if that was not known at the cut.</param>
    /// <exception cref="InvalidOperationException">The community is closed.</exception>
    public void Add(string subreddit, long createdAt, ReadOnlySpan<SurgeObservation> observations, int? final)
    {
        ref var community = ref CollectionsMarshal.GetValueRefOrAddDefault(_open, subreddit, out _);
        if (community is null && _closed.ContainsKey(subreddit))
            throw new InvalidOperationException($"r/{subreddit} is closed.");
        community ??= new();
        if (final is { } points)
            community.Finals.Add(points);
        Span<int> nearest = stackalloc int[AgeBins.Count];
        nearest.Fill(-1);
        for (var i = 0; i < observations.Length; i++)
        {
            var bin = AgeBins.Of(Age(i, observations));
            if (bin >= 0 && (nearest[bin] < 0 || Distance(i, bin, observations) < Distance(nearest[bin], bin, observations)))
                nearest[bin] = i;
        }

        for (var bin = 0; bin < AgeBins.Count; bin++)
        {
            if (nearest[bin] is >= 0 and var index)
            {
                var observation = observations[index];
                community.Bins[bin].Add(new(
                    Age(index, observations),
                    Log(observation.Score),
                    Log(observation.Comments),
                    Gain(createdAt, observations, index),
                    final is { } last ? Log(last) - Log(observation.Score) : null));
            }
        }

        double Age(int index, ReadOnlySpan<SurgeObservation> all) => SurgeWindow.Minutes(all[index].At - createdAt);

        double Distance(int index, int bin, ReadOnlySpan<SurgeObservation> all) => Math.Abs(Age(index, all) - AgeBins.Ages[bin]);
    }

    /// <summary>Computes the rows of a community, of which no post comes any more, and forgets its posts.</summary>
    public void Close(string subreddit)
    {
        if (!_open.Remove(subreddit, out var community))
            return;
        var rows = new BaselineRows([], [], []);
        AddFinals(subreddit, community.Finals, rows);
        for (var bin = 0; bin < AgeBins.Count; bin++)
        {
            if (community.Bins[bin].Count > 0)
                AddBin(subreddit, bin, community.Bins[bin], rows);
        }

        _closed.Add(subreddit, rows);
    }

    public BaselineTable Build() => new(Rows());

    /// <summary>
    /// Closes every community. The rows of each in the order of their names, whatever the order of the posts was, then those of all together.
    /// </summary>
    public BaselineRows Rows()
    {
        foreach (var name in _open.Keys.ToList())
            Close(name);
        var rows = new BaselineRows([], [], []);
        foreach (var own in _closed.Values)
        {
            rows.Bins.AddRange(own.Bins);
            rows.Growth.AddRange(own.Growth);
            rows.Communities.AddRange(own.Communities);
        }

        if (_finals.Count > 0)
        {
            var row = FinalsOf(null, _finals);
            rows.Communities.Add(_finalDistances.Count > 0 ? row with { Mad = Median(_finalDistances) } : row);
        }

        for (var bin = 0; bin < AgeBins.Count; bin++)
            _pooled[bin].AddTo(rows, bin);
        return rows;
    }

    private void AddFinals(string name, List<int> finals, BaselineRows rows)
    {
        if (finals.Count == 0)
            return;
        _finals.AddRange(finals);
        if (finals.Count >= LeastForPooledMad)
        {
            var median = Spread(finals.Select(Log)).Median;
            _finalDistances.AddRange(finals.Select(final => Math.Abs(Log(final) - median)));
        }

        rows.Communities.Add(FinalsOf(name, finals));
    }

    private static CommunityRow FinalsOf(string? name, List<int> finals)
    {
        var sorted = finals.Select(final => (double)final).Order().ToArray();
        return new(name, sorted.Length, Quantile(sorted, 0.5), Quantile(sorted, 0.9), Quantile(sorted, 0.95), Spread(finals.Select(Log)).Mad);
    }

    private void AddBin(string name, int bin, List<Standing> standings, BaselineRows rows)
    {
        var row = Row(name, bin, standings);
        rows.Bins.Add(row);
        var grown = standings
            .Where(standing => standing.Growth is not null)
            .ToLookup(standing => LevelClass.Of(LevelClass.Level(standing.Score, row.Score.Median, row.Score.Mad)), standing => standing.Growth!.Value);
        foreach (var level in grown.OrderBy(level => level.Key))
        {
            var sorted = level.Order().ToArray();
            rows.Growth.Add(GrowthOf(name, bin, level.Key, sorted));
            _pooled[bin].Growth[level.Key].AddRange(sorted);
        }

        _pooled[bin].Add(standings, row.Score.Count >= LeastForPooledMad ? row : null);
    }

    private static BaselineRow Row(string? name, int bin, List<Standing> standings) => new(
        name,
        bin,
        Median(standings.Select(standing => standing.Age)),
        Spread(standings.Select(standing => standing.Score)),
        Spread(standings.Select(standing => standing.Comments)),
        Spread(Known(standings, standing => standing.Gain)));

    private static GrowthRow GrowthOf(string? name, int bin, int level, ReadOnlySpan<double> sorted) =>
        new(name, bin, level, sorted.Length, Quantile(sorted, 0.1), Quantile(sorted, 0.5), Quantile(sorted, 0.9));

    private static IEnumerable<double> Known(List<Standing> standings, Func<Standing, double?> value) => standings.Select(value).OfType<double>();

    private static double Median(IEnumerable<double> values) => Quantile([.. values.Order()], 0.5);

    /// <summary>Reddit's scores may be shown below zero; to the logarithm all these are zero.</summary>
    public static double Log(int count) => Math.Log(1 + (double)Math.Max(0, count));

    /// <summary>Linear between the two nearest ranks: PostgreSQL's <c>percentile_cont</c>.</summary>
    public static double Quantile(ReadOnlySpan<double> sorted, double fraction)
    {
        var rank = fraction * (sorted.Length - 1);
        var lower = (int)rank;
        var upper = Math.Min(lower + 1, sorted.Length - 1);
        return sorted[lower] + (sorted[upper] - sorted[lower]) * (rank - lower);
    }

    public static Spread Spread(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
            return default;
        var median = Quantile(sorted, 0.5);
        return new(sorted.Length, median, Quantile([.. sorted.Select(value => Math.Abs(value - median)).Order()], 0.5));
    }

    /// <summary>Points per minute, by the rules of <see cref="SurgeWindow"/>.</summary>
    private static double? Gain(long createdAt, ReadOnlySpan<SurgeObservation> observations, int index)
    {
        var observation = observations[index];
        for (var i = index - 1; i >= 0; i--)
        {
            var window = observation.At - observations[i].At;
            if (window > SurgeWindow.Most)
                return null;
            if (window >= SurgeWindow.Least)
                return (observation.Score - observations[i].Score) / SurgeWindow.Minutes(window);
        }

        var age = observation.At - createdAt;
        return age is >= SurgeWindow.LeastAge and <= SurgeWindow.MostAge
            ? (observation.Score - SurgeWindow.BirthScore) / SurgeWindow.Minutes(age)
            : null;
    }

    private sealed class Community
    {
        public List<int> Finals { get; } = [];

        public List<Standing>[] Bins { get; } = [.. Enumerable.Range(0, AgeBins.Count).Select(_ => new List<Standing>())];
    }

    private readonly record struct Standing(double Age, double Score, double Comments, double? Gain, double? Growth);

    /// <summary>The posts of all communities at one age. The order within a column means nothing, so each is sorted where it is.</summary>
    private sealed class PooledNumbers
    {
        private readonly List<double> _ages = [];
        private readonly List<double> _scores = [];
        private readonly List<double> _comments = [];
        private readonly List<double> _gains = [];
        private readonly List<double> _fromScores = [];
        private readonly List<double> _fromComments = [];

        /// <summary>By the class of a post's level in its own community.</summary>
        public List<double>[] Growth { get; } = [.. Enumerable.Range(0, LevelClass.Count).Select(_ => new List<double>())];

        /// <param name="standings">Of one community.</param>
        /// <param name="own">Its row; null where it has too few posts to say how far they spread.</param>
        public void Add(List<Standing> standings, BaselineRow? own)
        {
            foreach (var standing in standings)
            {
                _ages.Add(standing.Age);
                _scores.Add(standing.Score);
                _comments.Add(standing.Comments);
                if (standing.Gain is { } gain)
                    _gains.Add(gain);
                if (own is not { } row)
                    continue;
                _fromScores.Add(Math.Abs(standing.Score - row.Score.Median));
                _fromComments.Add(Math.Abs(standing.Comments - row.Comments.Median));
            }
        }

        /// <summary>
        /// Spread within communities, not between them: else all communities' posts together would spread so much that nothing stands out in one.
        /// </summary>
        public void AddTo(BaselineRows rows, int bin)
        {
            if (_ages.Count == 0)
                return;
            var (scores, comments) = (SpreadOf(_scores), SpreadOf(_comments));
            if (_fromScores.Count > 0)
                (scores, comments) = (scores with { Mad = MedianOf(_fromScores) }, comments with { Mad = MedianOf(_fromComments) });
            rows.Bins.Add(new(null, bin, MedianOf(_ages), scores, comments, SpreadOf(_gains)));
            for (var level = 0; level < LevelClass.Count; level++)
            {
                if (Growth[level].Count > 0)
                    rows.Growth.Add(GrowthOf(null, bin, level, Sorted(Growth[level])));
            }
        }

        private static Spread SpreadOf(List<double> values)
        {
            if (values.Count == 0)
                return default;
            var median = MedianOf(values);
            foreach (ref var value in CollectionsMarshal.AsSpan(values))
                value = Math.Abs(value - median);
            return new(values.Count, median, MedianOf(values));
        }

        private static double MedianOf(List<double> values) => Quantile(Sorted(values), 0.5);

        private static Span<double> Sorted(List<double> values)
        {
            values.Sort();
            return CollectionsMarshal.AsSpan(values);
        }
    }
}
