using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Ingestion.Planning;

/// <summary>How often what is asked for, at the configured speed: every duration here is already divided by it.</summary>
internal sealed class Cadence(IngestionOptions options)
{
    /// <summary>Refreshes by the age at which a post was last observed, the youngest tier first.</summary>
    public IReadOnlyList<RefreshTier> RefreshTiers { get; } =
        [.. RefreshPresets.TiersOf(options).Select(tier => tier with { MaxAge = tier.MaxAge / options.Speed, Interval = tier.Interval / options.Speed })];

    /// <summary>Posts of this age are no longer refreshed.</summary>
    public TimeSpan Horizon => RefreshTiers[^1].MaxAge;

    /// <summary>Of one listing, or of the refreshes. Not longer than a minute: even all of them together then ask less than usual.</summary>
    public Backoff PassingFault { get; } = new(TimeSpan.FromSeconds(4) / options.Speed, TimeSpan.FromMinutes(1) / options.Speed);

    /// <summary>Of everything: over the quota, kept out, or nowhere to put what is found.</summary>
    public Backoff Pause { get; } = new(TimeSpan.FromSeconds(4) / options.Speed, TimeSpan.FromMinutes(5) / options.Speed);

    /// <summary>A private or banned subreddit seldom comes back, but it may.</summary>
    public Backoff Refusal { get; } = new(TimeSpan.FromMinutes(20) / options.Speed, TimeSpan.FromHours(6) / options.Speed);

    /// <summary>
    /// How much further back than the last round a listing is read. Listings come from caches: an answer may be older than its request,
    /// so what a round did not show may stand below what it did.
    /// </summary>
    public TimeSpan Overlap { get; } = TimeSpan.FromSeconds(60) / options.Speed;

    /// <summary>A listing that shows a post again sooner than this tells nothing new of it.</summary>
    public TimeSpan SightingSpacing { get; } = TimeSpan.FromSeconds(20) / options.Speed;

    /// <summary>Between two distributions of the subreddits over listings.</summary>
    public TimeSpan PackingInterval { get; } = TimeSpan.FromMinutes(10) / options.Speed;

    /// <summary>Between two comparisons of what refreshes need with what the quota leaves.</summary>
    public TimeSpan BudgetInterval { get; } = TimeSpan.FromSeconds(15) / options.Speed;

    /// <summary>The memory of measured rates: what is this old counts 1/e.</summary>
    public TimeSpan RateMemory { get; } = TimeSpan.FromHours(1) / options.Speed;

    /// <summary>A subreddit that no listing has shown for this long is asked for alone, however quiet it may be.</summary>
    public TimeSpan LongestUnseen { get; } = TimeSpan.FromHours(12) / options.Speed;

    public TimeSpan ShortestUnseen { get; } = TimeSpan.FromMinutes(10) / options.Speed;

    /// <summary>Passes of the sweep begin at least this far apart.</summary>
    public TimeSpan SweepInterval { get; } = TimeSpan.FromHours(24) / options.Speed;

    /// <summary>From an answer that leaves an old post out to the question whether it really is gone.</summary>
    public TimeSpan SweepRecheck { get; } = TimeSpan.FromMinutes(5) / options.Speed;

    /// <summary>
    /// Answers that leave out every post they were asked for are suspect: only when they have kept coming for this long are their posts
    /// taken for deleted.
    /// </summary>
    public TimeSpan MassAbsence { get; } = TimeSpan.FromMinutes(30) / options.Speed;

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
