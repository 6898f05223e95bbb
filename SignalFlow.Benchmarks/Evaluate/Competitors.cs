using Microsoft.Extensions.Options;
using SignalFlow.Processing.Surge;
using SignalFlow.Processing.Trending;

namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>A signal by name: a value for each observation of a post. The higher, the more it is expected of the post.</summary>
/// <param name="Values">Of every observation.</param>
internal sealed record Competitor(string Name, Func<SeriesPost, double[]> Values);

/// <summary>The signals that ours is compared with.</summary>
internal static class Competitors
{
    public const string RawScore = "raw score";
    public const string RawVelocity = "raw velocity";
    public const string ScorePerAge = "score per age";
    public const string Seed = "seed";

    public static IReadOnlyList<Competitor> Simple { get; } =
    [
        new(Seed, SeedValues()),
        new(RawScore, post => Array.ConvertAll(post.Observations, observation => (double)observation.Score)),
        new(RawVelocity, post => [.. post.Observations.Select((_, index) => Velocity(post.Observations, index).Score)]),
        new(ScorePerAge, post => [.. post.Observations.Select((observation, index) => observation.Score / Math.Max(1, post.AgeAt(index)))]),
    ];

    private static Func<SeriesPost, double[]> SeedValues()
    {
        var rule = new SeedTrending(new FixedOptions(), Microsoft.Extensions.Logging.Abstractions.NullLogger<SeedTrending>.Instance);
        return post => [.. post.Observations.Select((observation, index) =>
            rule.Rate(Velocity(post.Observations, index).Score, post.Sentiment, observation.Comments).Score)];
    }

    /// <summary>Points per second since the observation before; 0 for the first.</summary>
    private static (double Score, double Seconds) Velocity(SurgeObservation[] observations, int index)
    {
        if (index == 0)
            return (0, 0);
        var seconds = (observations[index].At - observations[index - 1].At) / 1e6;
        return ((observations[index].Score - observations[index - 1].Score) / seconds, seconds);
    }

    private sealed class FixedOptions : IOptionsMonitor<TrendingOptions>
    {
        public TrendingOptions CurrentValue { get; } = new();

        public TrendingOptions Get(string? name) => CurrentValue;

        public IDisposable? OnChange(Action<TrendingOptions, string?> listener) => null;
    }
}
