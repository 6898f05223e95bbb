using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Ingestion.Planning;

/// <summary>What is known of one subreddit and of the polling of it.</summary>
internal sealed class PolledSubreddit
{
    private readonly Cadence _cadence;

    public PolledSubreddit(SubredditConfig config, Cadence cadence, DateTimeOffset addedAt)
    {
        _cadence = cadence;
        Config = config;
        Interval = cadence.PollInterval(config);
        AddedAt = LastShownAt = addedAt;
        StatusSince = addedAt;
        // At the tier's usual rate, until it is measured.
        var perInterval = config.Priority switch { "fast" => 1, "medium" => 0.5, _ => 0.2 };
        Arrivals = new ArrivalRate(cadence.RateMemory, perInterval / Interval.TotalHours);
        Requests = new ArrivalRate(cadence.RateMemory, 0);
    }

    public string Name => Config.Name;
    public SubredditConfig Config { get; private set; }
    public TimeSpan Interval { get; private set; }

    /// <summary>With whom it is polled; null until the next packing.</summary>
    public ListingGroup? Group { get; set; }

    /// <summary>Lower is polled first among those that are due at the same time.</summary>
    public int Rank => Config.Priority switch { "fast" => 0, "medium" => 1, _ => 2 };

    /// <summary>Posts created since are for the live rounds to find, older ones for the backfill.</summary>
    public DateTimeOffset AddedAt { get; }

    /// <summary>Its posts have been read before, in this run or an earlier one: a page that shows nothing known has missed something.</summary>
    public bool HasHistory { get; set; }

    /// <summary>Start of the last round that was read to its end: what Reddit listed then is known. Null: none in this run.</summary>
    public DateTimeOffset? CoveredAt { get; set; }

    /// <summary>Start of the complete round before that: what was listed then is known, even if the last answer was an old one.</summary>
    public DateTimeOffset SafelyCoveredAt { get; set; }

    /// <summary>
    /// From where the next run has to read again, whatever becomes of the rounds under way: start of the last complete round but one, of
    /// this run or an earlier one. Not of the last, whose answer may have been an old one. Null: unknown.
    /// </summary>
    public DateTimeOffset? ResumesFrom { get; set; }

    /// <summary>When a listing last showed a post of it, or it answered when asked alone.</summary>
    public DateTimeOffset LastShownAt { get; set; }

    public ArrivalRate Arrivals { get; }

    /// <summary>Its share of the requests.</summary>
    public ArrivalRate Requests { get; }

    public DateTimeOffset? LastPollAt { get; set; }
    public DateTimeOffset? LastSuccessAt { get; set; }
    public DateTimeOffset? NewestPostAt { get; set; }

    /// <summary>How often, and when last, posts were out of the API's reach.</summary>
    public int Gaps { get; set; }
    public DateTimeOffset? LastGapAt { get; set; }

    public DateTimeOffset? BackfilledAt { get; set; }
    public int BackfilledPosts { get; set; }

    /// <summary>Why the last request for it alone failed; null when it did not.</summary>
    public string? Trouble { get; private set; }

    public string? TroubleDetail { get; private set; }

    public DateTimeOffset StatusSince { get; private set; }

    public int Failures { get; private set; }

    /// <summary><c>ok</c>, <c>new</c> before the first answer, or why it cannot be polled.</summary>
    public string Status => Trouble ?? Group?.Trouble ?? (LastSuccessAt is null ? "new" : "ok");

    /// <summary>Posts expected of one round.</summary>
    public double ExpectedPerRound => Arrivals.Expected(Interval);

    /// <summary>
    /// A listing with others should have shown it by now: at the measured rate it would stay away this long once in a thousand times.
    /// </summary>
    public bool IsOverdueToShow(DateTimeOffset now)
    {
        var surprising = TimeSpan.FromHours(Math.Min(7 / Math.Max(Arrivals.PerHour, 1e-6), 1e6));
        var least = _cadence.ShortestUnseen > 3 * Interval ? _cadence.ShortestUnseen : 3 * Interval;
        var limit = surprising < least ? least : surprising;
        return now - LastShownAt > (limit < _cadence.LongestUnseen ? limit : _cadence.LongestUnseen);
    }

    public void Reconfigure(SubredditConfig config)
    {
        Config = config;
        Interval = _cadence.PollInterval(config);
    }

    /// <returns>Whether the failure differs from the last one.</returns>
    public bool Failed(string trouble, string? detail, DateTimeOffset at)
    {
        var news = Trouble != trouble;
        if (news)
            StatusSince = at;
        Failures = news ? 1 : Failures + 1;
        (Trouble, TroubleDetail) = (trouble, detail);
        return news;
    }

    /// <returns>Whether it had been failing.</returns>
    public bool Succeeded(DateTimeOffset at)
    {
        var recovered = Trouble is not null;
        if (recovered || LastSuccessAt is null)
            StatusSince = at;
        (Trouble, TroubleDetail, Failures) = (null, null, 0);
        LastSuccessAt = at;
        return recovered;
    }
}
