using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Ingestion.Planning;

/// <summary>What is known of the polling of one subreddit.</summary>
internal sealed class SubredditPoll(SubredditConfig config, TimeSpan interval, DateTimeOffset due)
{
    // Three pages: enough that posts which move up again after deletions, or come from a stale page, are still known.
    private const int RecentCapacity = 300;

    public string Name => Config.Name;
    public SubredditConfig Config { get; private set; } = config;
    public TimeSpan Interval { get; private set; } = interval;
    public DateTimeOffset Due { get; set; } = due;

    /// <summary>When the last finished round began.</summary>
    public DateTimeOffset? PolledAt { get; set; }

    public bool InFlight { get; set; }

    /// <summary>Polled before, in this run or an earlier one: a page that shows nothing known has missed something.</summary>
    public bool HasHistory { get; set; }

    public int Failures { get; set; }

    /// <summary>Why the last request failed, null when it did not.</summary>
    public string? Trouble { get; set; }

    public RecentIds Recent { get; } = new(RecentCapacity);

    /// <summary>The round that is under way: one page, or several when the first does not reach known posts.</summary>
    public Round? Current { get; set; }

    /// <summary>Lower is polled first among those that are due at the same time.</summary>
    public int Rank => Config.Priority switch { "fast" => 0, "medium" => 1, _ => 2 };

    public void Reconfigure(SubredditConfig config, TimeSpan interval)
    {
        Config = config;
        if (interval != Interval && Failures == 0 && PolledAt is { } polledAt)
            Due = polledAt + interval;
        Interval = interval;
    }

    /// <param name="StartedAt">When its first request was planned.</param>
    internal sealed record Round(DateTimeOffset StartedAt)
    {
        /// <summary>The ids it has published: known by now, but no proof that the listing has been read far enough.</summary>
        public HashSet<string> Published { get; } = [];

        /// <summary>The anchor of the next page, null for the first.</summary>
        public string? After { get; set; }

        public int Posts { get; set; }
    }
}
