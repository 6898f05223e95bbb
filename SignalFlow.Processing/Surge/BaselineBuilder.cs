using System.Runtime.InteropServices;

namespace SignalFlow.Processing.Surge;

/// <summary>
/// Computes the rows of a cut in memory, for evaluation and tests; in production the same formulas stand in SQL. Not safe for concurrent use.
/// </summary>
internal sealed class BaselineBuilder
{
    /// <summary>A community with fewer posts at an age does not say how far posts spread.</summary>
    public const int LeastForPooledMad = 10;

    private readonly Dictionary<string, Community> _communities = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds a post as it was known at the cut.</summary>
    /// <param name="subreddit">Its community, in any case.</param>
    /// <param name="createdAt">Microseconds since the Unix epoch.</param>
    /// <param name="observations">Those before the cut, in the order of their time.</param>
    /// <param name="final">The score at 24 hours of age; null if that was not known at the cut.</param>
    public void Add(string subreddit, long createdAt, ReadOnlySpan<SurgeObservation> observations, int? final)
    {
        ref var community = ref CollectionsMarshal.GetValueRefOrAddDefault(_communities, subreddit, out _);
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

    public BaselineTable Build() => new(Rows());

    /// <summary>The rows of every community, then those of all together.</summary>
    public BaselineRows Rows()
    {
        var rows = new BaselineRows([], [], []);
        var pooled = new Community();
        var distances = new List<double>();
        // In the order of their names: the rows must not depend on the order in which posts were added.
        foreach (var (name, community) in _communities.OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            AddFinals(name, community.Finals, distances, rows);
            pooled.Finals.AddRange(community.Finals);
            for (var bin = 0; bin < AgeBins.Count; bin++)
            {
                if (community.Bins[bin].Count > 0)
                    AddBin(name, bin, community.Bins[bin], pooled.Bins[bin], rows);
            }
        }

        AddFinals(null, pooled.Finals, distances, rows);
        for (var bin = 0; bin < AgeBins.Count; bin++)
        {
            if (pooled.Bins[bin].Count > 0)
                AddPooledBin(bin, pooled.Bins[bin], rows);
        }

        return rows;
    }

    private static void AddFinals(string? name, List<int> finals, List<double> pooledDistances, BaselineRows rows)
    {
        if (finals.Count == 0)
            return;
        var sorted = finals.Select(final => (double)final).Order().ToArray();
        var spread = Spread(finals.Select(Log));
        if (name is not null && spread.Count >= LeastForPooledMad)
            pooledDistances.AddRange(finals.Select(final => Math.Abs(Log(final) - spread.Median)));
        var mad = name is null && pooledDistances.Count > 0 ? Median(pooledDistances) : spread.Mad;
        rows.Communities.Add(new(name, sorted.Length, Quantile(sorted, 0.5), Quantile(sorted, 0.9), Quantile(sorted, 0.95), mad));
    }

    private static void AddBin(string name, int bin, List<Standing> standings, List<Standing> pooled, BaselineRows rows)
    {
        var row = Row(name, bin, standings);
        rows.Bins.Add(row);
        var compared = standings.ConvertAll(standing => standing with
        {
            Level = LevelClass.Of(LevelClass.Level(standing.Score, row.Score.Median, row.Score.Mad)),
            FromScore = row.Score.Count >= LeastForPooledMad ? Math.Abs(standing.Score - row.Score.Median) : null,
            FromComments = row.Score.Count >= LeastForPooledMad ? Math.Abs(standing.Comments - row.Comments.Median) : null,
        });
        AddGrowth(name, bin, compared, rows);
        pooled.AddRange(compared);
    }

    /// <summary>
    /// Spread within communities, not between them: else all communities' posts together would spread so much that nothing stands out in one.
    /// </summary>
    private static void AddPooledBin(int bin, List<Standing> standings, BaselineRows rows)
    {
        var row = Row(null, bin, standings);
        if (standings.Exists(standing => standing.FromScore is not null))
        {
            row = row with
            {
                Score = row.Score with { Mad = MedianOf(standings, standing => standing.FromScore) },
                Comments = row.Comments with { Mad = MedianOf(standings, standing => standing.FromComments) },
            };
        }

        rows.Bins.Add(row);
        AddGrowth(null, bin, standings, rows);
    }

    private static BaselineRow Row(string? name, int bin, List<Standing> standings) => new(
        name,
        bin,
        Median(standings.Select(standing => standing.Age)),
        Spread(standings.Select(standing => standing.Score)),
        Spread(standings.Select(standing => standing.Comments)),
        Spread(Known(standings, standing => standing.Gain)));

    private static void AddGrowth(string? name, int bin, List<Standing> standings, BaselineRows rows)
    {
        var grown = standings.Where(standing => standing.Growth is not null);
        foreach (var level in grown.GroupBy(standing => standing.Level).OrderBy(group => group.Key))
        {
            var sorted = level.Select(standing => standing.Growth!.Value).Order().ToArray();
            rows.Growth.Add(new(name, bin, level.Key, sorted.Length, Quantile(sorted, 0.1), Quantile(sorted, 0.5), Quantile(sorted, 0.9)));
        }
    }

    private static double MedianOf(List<Standing> standings, Func<Standing, double?> value) => Median(Known(standings, value));

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

    private readonly record struct Standing(double Age, double Score, double Comments, double? Gain, double? Growth)
    {
        /// <summary>Class of its level in its own community.</summary>
        public int Level { get; init; }

        /// <summary>Distance from its own community's median; null where that has too few posts.</summary>
        public double? FromScore { get; init; }

        public double? FromComments { get; init; }
    }
}
