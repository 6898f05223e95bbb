using SignalFlow.Processing.Surge;

namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>What a detector's alerts were worth.</summary>
/// <param name="Posts">Posts whose end is known.</param>
/// <param name="Events">Those of them that were to be found.</param>
/// <param name="Catchable">Events whose first observation was before half of their peak.</param>
/// <param name="Alerts">Posts that it reported; each at most once.</param>
/// <param name="Hits">Reported events.</param>
/// <param name="Early">Events reported before half of their peak.</param>
/// <param name="MedianLead">Minutes from the report to half of the peak, of the reported events.</param>
internal sealed record OnlineResult(int Posts, int Events, int Catchable, int Alerts, int Hits, int Early, double MedianLead)
{
    public double Precision => Alerts == 0 ? double.NaN : (double)Hits / Alerts;

    public double Recall => Events == 0 ? double.NaN : (double)Hits / Events;

    public double RecallBeforeHalf => Events == 0 ? double.NaN : (double)Early / Events;

    public int False => Alerts - Hits;
}

/// <summary>Alerts as they would have been given while the posts were observed.</summary>
internal static class OnlineTest
{
    private const int Thresholds = 200;

    public static OnlineResult Run(IReadOnlyList<SeriesPost> posts, Func<SeriesPost, bool?> label, Func<SeriesPost, int> alert)
    {
        var (known, events, catchable, alerts, hits, early) = (0, 0, 0, 0, 0, 0);
        var leads = new List<double>();
        foreach (var post in posts)
        {
            if (label(post) is not { } isEvent)
                continue;
            known++;
            var at = alert(post);
            alerts += at >= 0 ? 1 : 0;
            if (!isEvent)
                continue;
            events++;
            var half = post.HalfAt;
            catchable += post.Observations[0].At < half ? 1 : 0;
            if (at < 0)
                continue;
            hits++;
            early += post.Observations[at].At < half ? 1 : 0;
            leads.Add(SurgeWindow.Minutes(half - post.Observations[at].At));
        }

        leads.Sort();
        return new(known, events, catchable, alerts, hits, early, leads.Count == 0 ? double.NaN : leads[leads.Count / 2]);
    }

    /// <summary>
    /// The best that a constant threshold could have done: two consecutive observations above it, and of all thresholds that one with the highest
    /// harmonic mean of precision and recall before half of the peak. Chosen in hindsight on the very posts it is reported on, which ours is not.
    /// </summary>
    public static (OnlineResult Result, double Threshold) Best(
        IReadOnlyList<SeriesPost> posts, Func<SeriesPost, bool?> label, Func<SeriesPost, double[]> values)
    {
        var known = posts.Where(post => label(post) is not null).ToList();
        // Two consecutive observations are above a threshold if the smaller one is.
        var pairs = known.ToDictionary(post => post, post => Pairs(values(post)));
        var all = pairs.Values.SelectMany(value => value).Where(value => value > 0).Order().ToArray();
        if (all.Length == 0)
            return (Run(known, label, _ => -1), double.NaN);
        var tried = Enumerable.Range(0, Thresholds)
            .Select(i => all[(int)((all.Length - 1) * (1 - Math.Pow(1 - i / (double)Thresholds, 3)))])
            .Distinct();
        return tried
            .Select(threshold => (Result: Run(known, label, post => Array.FindIndex(pairs[post], value => value >= threshold)), Threshold: threshold))
            .MaxBy(trial => Worth(trial.Result));
    }

    /// <summary>95 % interval of a share: Wilson, JASA 22 (1927).</summary>
    public static (double Low, double High) Interval(int part, int whole)
    {
        if (whole == 0)
            return (double.NaN, double.NaN);
        const double Z = 1.96;
        var share = (double)part / whole;
        var middle = share + Z * Z / (2 * whole);
        var half = Z * Math.Sqrt(share * (1 - share) / whole + Z * Z / (4.0 * whole * whole));
        return (Math.Max(0, (middle - half) / (1 + Z * Z / whole)), Math.Min(1, (middle + half) / (1 + Z * Z / whole)));
    }

    private static double Worth(OnlineResult result) =>
        result.Early == 0 ? 0 : 2 / (1 / result.Precision + 1 / result.RecallBeforeHalf);

    private static double[] Pairs(double[] values) =>
        [.. values.Select((value, index) => index == 0 ? double.NegativeInfinity : Math.Min(value, values[index - 1]))];
}
