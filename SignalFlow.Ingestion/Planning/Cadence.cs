using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Ingestion.Planning;

/// <summary>How often what is asked for, at the configured speed: every duration here is already divided by it.</summary>
internal sealed class Cadence(IngestionOptions options)
{
    /// <summary>Refreshes by the age at which a post was last observed, the youngest tier first.</summary>
    public IReadOnlyList<RefreshTier> RefreshTiers { get; } =
    [
        new("aggressive", TimeSpan.FromMinutes(5) / options.Speed, TimeSpan.FromMinutes(5) / options.Speed),
        new("normal", TimeSpan.FromMinutes(60) / options.Speed, TimeSpan.FromMinutes(30) / options.Speed),
        new("slow", TimeSpan.FromHours(24) / options.Speed, TimeSpan.FromHours(2) / options.Speed),
    ];

    /// <summary>Posts of this age are no longer refreshed.</summary>
    public TimeSpan Horizon => RefreshTiers[^1].MaxAge;

    public Backoff PassingFault { get; } = new(TimeSpan.FromSeconds(4) / options.Speed, TimeSpan.FromMinutes(5) / options.Speed);

    /// <summary>A private or banned subreddit seldom comes back, but it may.</summary>
    public Backoff Refusal { get; } = new(TimeSpan.FromMinutes(20) / options.Speed, TimeSpan.FromHours(6) / options.Speed);

    /// <summary>The index in <see cref="RefreshTiers"/> of a post that was observed at this age, or null beyond the horizon.</summary>
    public int? TierAt(TimeSpan age)
    {
        for (var tier = 0; tier < RefreshTiers.Count; tier++)
        {
            if (age < RefreshTiers[tier].MaxAge)
                return tier;
        }

        return null;
    }

    public string PollPriority(TimeSpan age) => TierAt(age) is { } tier ? RefreshTiers[tier].Name : "inactive";

    public TimeSpan PollInterval(SubredditConfig subreddit)
    {
        var interval = subreddit switch
        {
            { IntervalSeconds: { } seconds and > 0 } => TimeSpan.FromSeconds(seconds),
            { Priority: "fast" } => options.FastInterval,
            { Priority: "slow" } => options.SlowInterval,
            _ => options.MediumInterval,
        };
        return interval / options.Speed;
    }
}

/// <param name="Name">What the original system calls posts of this tier.</param>
/// <param name="MaxAge">Younger posts than this belong to it.</param>
/// <param name="Interval">From one observation of a post to its refresh.</param>
internal readonly record struct RefreshTier(string Name, TimeSpan MaxAge, TimeSpan Interval)
{
    /// <summary>How much earlier or later than due a refresh may be, so that it shares its request with others.</summary>
    public TimeSpan Slack => Interval / 10;
}
