using SignalFlow.Processing.Surge;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>
/// Posts of the simulator's world, observed as the ingestion would: every 3 minutes until 2 hours of age, every 10 until 6, every 30 until 24.
/// A seed gives the same series on every machine; no clock, no HTTP.
/// </summary>
internal static class SimulatedSeries
{
    private const int Seed = 20;
    private const int EverySubreddit = 8;

    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The simulator's own posts: most end with a handful of points, one in eighty takes off.</summary>
    public static PostSeries Simulated(double days) => Make("simulated", days, Own);

    /// <summary>Those of them that do not take off: no burst, and yet scores that spread over a factor of a thousand.</summary>
    public static PostSeries WithoutTakeOffs(double days) =>
        Make("simulated without take-offs", days, (stream, index, created) => GrowthOf(stream, index).TakesOff ? null : Own(stream, index, created));

    /// <summary>A stationary stream: all posts of a community draw their votes from one law, and only chance makes them differ.</summary>
    public static PostSeries Stationary(double days) => Make("stationary", days, Alike);

    private static PostSeries Make(string name, double days, Func<SubredditStream, long, long, SurgeObservation[]?> observe)
    {
        var world = new SyntheticWorld(Seed, backfillHours: 168);
        var oldest = -TimeSpan.FromHours(24 + 24 * days);
        var streams = world.Subreddits.Where((_, index) => index % EverySubreddit == 0).Select(subreddit => world.Find(subreddit)!);
        return new(name, streams.SelectMany(stream => Posts(stream, oldest, observe)), 180 * SurgeWindow.Minute);
    }

    private static IEnumerable<SeriesPost> Posts(
        SubredditStream stream, TimeSpan oldest, Func<SubredditStream, long, long, SurgeObservation[]?> observe)
    {
        var end = stream.CountUntil(-TimeSpan.FromHours(24));
        for (var index = stream.CountUntil(oldest); index < end; index++)
        {
            var created = ((Start + stream.CreatedAt(index)) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            if (observe(stream, index, created) is { } observations)
                yield return new(PostId.Format(stream.Id, index), stream.Name, created, observations, 0);
        }
    }

    private static Growth GrowthOf(SubredditStream stream, long index) => new(SplitMix64.Mix(stream.KeyOf(index), "growth"), stream.Audience);

    private static SurgeObservation[] Own(SubredditStream stream, long index, long created)
    {
        var growth = GrowthOf(stream, index);
        return [.. Ages(stream, index).Select(minutes =>
        {
            var (score, comments, ratio) = growth.At(TimeSpan.FromMinutes(minutes));
            var isHidden = stream.HidesScores && minutes < 60;
            return new SurgeObservation(At(created, minutes), isHidden ? 1 : score, comments, (float)ratio);
        })];
    }

    private static SurgeObservation[] Alike(SubredditStream stream, long index, long created)
    {
        const double FinalScore = 40;
        const double Minutes = 120;
        var random = new SplitMix64(SplitMix64.Mix(stream.KeyOf(index), "alike"));
        var observations = new List<SurgeObservation>();
        var (score, comments, before) = (SurgeWindow.BirthScore, 0, 0.0);
        foreach (var age in Ages(stream, index))
        {
            var expected = FinalScore * stream.Audience * (Math.Exp(-before / Minutes) - Math.Exp(-age / Minutes));
            score += Poisson(ref random, expected);
            comments += Poisson(ref random, expected / 4);
            observations.Add(new(At(created, age), score, comments, 0.9f));
            before = age;
        }

        return [.. observations];
    }

    /// <summary>Knuth, "The Art of Computer Programming" 3.4.1: for the small means of one step.</summary>
    private static int Poisson(ref SplitMix64 random, double mean)
    {
        var (limit, product, count) = (Math.Exp(-mean), random.NextFraction(), 0);
        for (; product > limit; count++)
            product *= random.NextFraction();
        return count;
    }

    private static long At(long created, double minutes) => created + (long)(minutes * SurgeWindow.Minute);

    private static IEnumerable<double> Ages(SubredditStream stream, long index)
    {
        // A poll finds a post somewhere within its interval.
        var first = 3 * SplitMix64.Fraction(SplitMix64.Mix(stream.KeyOf(index), "first seen"));
        for (var age = first; age < 1441; age += age < 120 ? 3 : age < 360 ? 10 : 30)
            yield return age;
    }
}
