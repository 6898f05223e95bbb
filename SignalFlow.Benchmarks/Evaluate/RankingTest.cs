namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>How well each competitor ranks posts at one age, by average precision, on held-out posts.</summary>
internal sealed record RankingResult(double Minutes, int Posts, int Positives, IReadOnlyDictionary<string, Estimate> Precision)
{
    /// <summary>Ours as a multiple of another's, on the same resamples.</summary>
    public required IReadOnlyDictionary<string, Estimate> Gains { get; init; }
}

/// <summary>A figure and its 95 % interval.</summary>
internal readonly record struct Estimate(double Value, double Low, double High);

internal static class RankingTest
{
    // Fewer positives make an average precision of luck.
    public const int LeastPositives = 3;

    /// <param name="series">One, or several to be ranked together: each with its own baselines.</param>
    /// <param name="minutes">Age.</param>
    /// <param name="label">Of a series, what is to be found.</param>
    public static RankingResult Run(IReadOnlyList<EvaluatedSeries> series, double minutes, Func<Labels, Func<SeriesPost, bool?>> label)
    {
        var samples = series.Select(one => (Series: one, Sample: one.At(minutes, label(one.Labels)))).ToList();
        bool[] positives = [.. samples.SelectMany(one => one.Sample.Posts.Select(post => post.IsPositive))];
        var rankings = series[0].Competitors.Select(competitor => competitor.Name).ToDictionary(
            name => name,
            name => new Ranking([.. samples.SelectMany(one => one.Sample.Values(Named(one.Series, name).Values))], positives));
        var ours = rankings[EvaluatedSeries.Surge];
        return new(
            minutes,
            positives.Length,
            positives.Count(positive => positive),
            rankings.ToDictionary(pair => pair.Key, pair => Measure(positives.Length, counts => pair.Value.AveragePrecision(counts))))
        {
            Gains = rankings.Where(pair => pair.Key != EvaluatedSeries.Surge).ToDictionary(
                pair => pair.Key,
                pair => Measure(positives.Length, counts => ours.AveragePrecision(counts) / pair.Value.AveragePrecision(counts))),
        };
    }

    private static Estimate Measure(int posts, Func<int[]?, double> figure)
    {
        var (low, high) = Bootstrap.Interval(posts, figure);
        return new(figure(null), low, high);
    }

    private static Competitor Named(EvaluatedSeries series, string name) => series.Competitors.First(competitor => competitor.Name == name);
}
