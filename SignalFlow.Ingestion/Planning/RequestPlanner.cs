using SignalFlow.Ingestion.Reddit;
using SignalFlow.Storage.Ingestion;
using SignalFlow.Storage.Posts;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Ingestion.Planning;

/// <summary>
/// Decides what to ask Reddit next and when, and what each answer means. Does nothing itself: whoever drives it sends the request,
/// publishes what is to be published and reports back. The same calls at the same times lead to the same requests.
/// Not thread-safe: callers hold <see cref="Gate"/>.
/// </summary>
internal sealed class RequestPlanner
{
    // When polls alone would use up the quota, or the machine, every tenth request still is an overdue refresh: it covers a hundred
    // posts, and without it scores would stand still.
    private const int PollsBeforeRefresh = 9;

    // Of the requests that polls leave over, what refreshes are planned to use: the rest is for second pages, repetitions and the backfill.
    private const double RefreshShare = 0.9;

    // In time lapse the machine is the limit, not Reddit: what can wait is held to this many requests per real second.
    private const double BulkPerSecond = 10;

    private const int RecentIds = 50_000;

    private const int FailuresOfAnOutage = 3;

    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly PollSchedule _polls;
    private readonly PollRounds _rounds;
    private readonly RefreshSchedule _refreshes;
    private readonly KnownPosts _known;
    private readonly BackfillSchedule _backfill;
    private readonly SweepSchedule _sweep;
    private readonly RequestPacer _pacer;
    private readonly TimeSpan _bulkSpacing;
    private DateTimeOffset _bulkAt = DateTimeOffset.MinValue;
    private DateTimeOffset _budgetAt = DateTimeOffset.MinValue;
    private DateTimeOffset _refreshesPausedUntil = DateTimeOffset.MinValue;
    private DateTimeOffset _lastAnswerAt = DateTimeOffset.MinValue;
    private DateTimeOffset _turnedAt = DateTimeOffset.MinValue;
    private int _failuresInARow;
    private int _refreshFailures;
    private int _outages;
    private int _pollsSinceRefresh;

    /// <param name="options">What to poll and how often.</param>
    /// <param name="requestsPerMinute">The quota.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">For the jitter of delays.</param>
    public RequestPlanner(IngestionOptions options, int requestsPerMinute, TimeProvider time, Random random)
    {
        _time = time;
        _random = random;
        Cadence = new Cadence(options);
        _polls = new PollSchedule(options, Cadence);
        _refreshes = new RefreshSchedule(Cadence);
        _known = new KnownPosts(Cadence, _refreshes, RecentIds);
        _rounds = new PollRounds(_polls, _known, Cadence);
        _backfill = new BackfillSchedule(_polls, Cadence);
        _sweep = new SweepSchedule(Cadence);
        _pacer = new RequestPacer(TimeSpan.FromMinutes(1) / requestsPerMinute / options.Speed);
        _bulkSpacing = options.Speed > 1 ? TimeSpan.FromSeconds(1 / BulkPerSecond) : TimeSpan.Zero;
    }

    public Lock Gate { get; } = new();

    public Cadence Cadence { get; }

    public RequestPacer Pacer => _pacer;

    public SweepSchedule OldPosts => _sweep;

    public IReadOnlyCollection<PolledSubreddit> Subreddits => _polls.Subreddits;

    public IReadOnlyList<ListingGroup> Listings => _polls.Groups;

    public int Tracked => _refreshes.Count;

    /// <summary>The longest factor on a refresh interval; 1: the quota is enough for all.</summary>
    public double Stretch => _refreshes.Stretch;

    public PolledSubreddit? Find(string subreddit) => _polls.Find(subreddit);

    public int CountOverdue() => _refreshes.CountOverdue(_time.GetUtcNow());

    public (int Added, int Removed) Configure(IReadOnlyList<SubredditConfig> active) => _polls.Configure(active, _time.GetUtcNow());

    /// <summary>Takes over what an earlier run has stored. Call it after <see cref="Configure"/>.</summary>
    public void Restore(IngestionState state)
    {
        foreach (var stored in state.Subreddits)
        {
            if (_polls.Find(stored.Name) is not { } subreddit)
                continue;
            subreddit.HasHistory = true;
            subreddit.ResumesFrom = stored.CoveredAt;
            (subreddit.BackfilledAt, subreddit.BackfilledPosts) = (stored.BackfilledAt, stored.BackfilledPosts);
            (subreddit.Gaps, subreddit.LastGapAt) = (stored.Gaps, stored.LastGapAt);
        }

        RestoreRates(state.Posts);
        // The schedule appends in the order of observations.
        foreach (var post in state.Posts.OrderBy(post => post.LastPolledAt))
        {
            if (!_polls.IsMine(post.Subreddit))
                continue;
            // The last run may have ended in the middle of a round: of what it found since the one it could be sure of, nothing says which
            // round it was, so none of it proves that what is below is known.
            var resumesFrom = _polls.Find(post.Subreddit)?.ResumesFrom - Cadence.Overlap;
            _known.Restore(post, isProven: !(post.FirstSeenAt > resumesFrom));
        }

        _sweep.Restore(state.Sweep);
    }

    /// <summary>The request that may and should be sent now: new posts before known ones, those before the past.</summary>
    public Plan Next()
    {
        var now = _time.GetUtcNow();
        if (_turnedAt - now > ClockStep.Tolerance)
            StepBack(now, _turnedAt - now);
        _turnedAt = now;
        _known.Expire(now);
        if (now >= _budgetAt)
            Budget(now);

        var poll = _polls.Next(now);
        var refreshAt = Later(_refreshes.NextBatchAt(), Later(_refreshesPausedUntil, _bulkAt));
        var backfillAt = Later(_backfill.NextAt(), _bulkAt);
        // Sweeping can wait for days: it does not touch what is left of a window that is running out.
        var sweepAt = _pacer.IsTight(now) ? null : Later(_sweep.NextAt(), _bulkAt);
        var due = Earlier(Earlier(poll?.Due, refreshAt), Earlier(backfillAt, sweepAt)) ?? DateTimeOffset.MaxValue;
        var slot = _pacer.NextSlot(now);
        if (due > now || slot > now)
            return new Plan(null, due > slot ? due : slot);

        _pacer.Sent(now);
        if (poll is not null && poll.Due <= now && (_pollsSinceRefresh < PollsBeforeRefresh || !(refreshAt <= now)))
        {
            _pollsSinceRefresh++;
            return new Plan(Begin(poll, now), now);
        }

        _pollsSinceRefresh = 0;
        _bulkAt = now + _bulkSpacing;
        if (refreshAt <= now)
            return new Plan(new PlannedRequest.Refresh(_refreshes.TakeBatch(now, RedditClient.PageSize)), now);
        return new Plan(backfillAt <= now ? _backfill.Take() : _sweep.Take(now), now);
    }

    /// <summary>Whether a page of a poll is older than the one before, so that its counters must not pass for new ones.</summary>
    public static bool IsStale(PlannedRequest.Poll poll, RedditListing listing, PageReview review) =>
        PollRounds.IsStale(poll.Group, listing, review);

    /// <inheritdoc cref="KnownPosts.Review(RedditListing, DateTimeOffset)"/>
    public PageReview Review(RedditAnswer.Page page) => _known.Review(page.Listing, page.ArrivedAt);

    /// <inheritdoc cref="KnownPosts.Doubtful"/>
    public IReadOnlyList<string> Doubtful(PageReview review) => _known.Doubtful(review, _time.GetUtcNow());

    /// <inheritdoc cref="KnownPosts.Review(PlannedRequest.Refresh, RedditListing, DateTimeOffset)"/>
    public InfoReview Review(PlannedRequest.Refresh refresh, RedditAnswer.Page page) =>
        _known.Review(refresh, page.Listing, page.ArrivedAt);

    /// <summary>Ends the poll of a page.</summary>
    /// <param name="poll">The request.</param>
    /// <param name="page">Its answer.</param>
    /// <param name="review">What <see cref="Review(RedditAnswer.Page)"/> said of it.</param>
    /// <param name="stored">Those of the unseen posts that turned out to be known after all.</param>
    /// <param name="published">Those that Kafka has confirmed; the rest stays as it was.</param>
    public PollResult Complete(
        PlannedRequest.Poll poll, RedditAnswer.Page page, PageReview review, IReadOnlySet<string> stored, IReadOnlySet<string> published)
    {
        Answered(page);
        var complete = _known.Settle(review, page.ArrivedAt, stored, published);
        return _rounds.Complete(poll, page, review, stored, published, complete);
    }

    /// <returns>Whether the subreddit has been read to the end.</returns>
    public bool Complete(
        PlannedRequest.Backfill request, RedditAnswer.Page page, PageReview review, IReadOnlySet<string> stored, IReadOnlySet<string> published)
    {
        Answered(page);
        var complete = _known.Settle(review, page.ArrivedAt, stored, published);
        var found = review.Unseen.Count(post => published.Contains(post.Id));
        return _backfill.Complete(request, page, found, complete);
    }

    public void Complete(PlannedRequest.Refresh refresh, RedditAnswer.Page page, InfoReview review, IReadOnlySet<string> published)
    {
        Answered(page);
        // An answer that leaves everything out is a kind of failure: the next one must not follow at once.
        if (KnownPosts.LeavesOutEverything(page.Listing, refresh.Ids.Count))
            _refreshesPausedUntil = _time.GetUtcNow() + Jittered(Cadence.PassingFault, ++_refreshFailures);
        else
            _refreshFailures = 0;
        _known.Settle(refresh, review, page.ArrivedAt, published);
    }

    public void Complete(PlannedRequest.Sweep sweep, RedditAnswer.Page page, IReadOnlySet<string> published)
    {
        Answered(page);
        _sweep.Settle(sweep, page.Listing, page.ArrivedAt, published);
    }

    /// <summary>A request failed. Only what it was for waits, unless the failure concerns all.</summary>
    public Setback Fail(PlannedRequest request, RedditAnswer answer)
    {
        var now = _time.GetUtcNow();
        if (answer.RateLimit is { } limit)
            _pacer.Observe(limit, now);
        if (answer is RedditAnswer.Refused)
            _lastAnswerAt = now;
        if (answer is RedditAnswer.Failed)
            _failuresInARow++;
        var everything = PauseAll(answer);
        if (everything is not null || answer is RedditAnswer.Unauthorized)
        {
            Return(request, now);
            return everything ?? default;
        }

        return request switch
        {
            PlannedRequest.Poll poll => Fail(poll.Group, answer, now),
            PlannedRequest.Refresh refresh => Fail(refresh, answer, now),
            PlannedRequest.Backfill backfill => new Setback(_backfill.Fail(backfill, answer, now, _random.NextDouble()), News: true),
            PlannedRequest.Sweep sweep => new Setback(_sweep.Fail(sweep, answer, now, _random.NextDouble()), News: true),
            _ => throw new ArgumentOutOfRangeException(nameof(request), request, "unknown kind"),
        };
    }

    /// <summary>Kafka or the database did not do its part: asking Reddit for more would only spend quota.</summary>
    public Setback Stall() => Pause(null);

    private static PlannedRequest.Poll Begin(ListingGroup group, DateTimeOffset now)
    {
        group.InFlight = true;
        TimeSpan? delay = group.Current is null ? now - group.Due : null;
        // A round that has not had an answer yet begins with this attempt.
        if (group.Current is null or { Pages: 0, Restarts: 0 })
            group.Current = new PollRound(now, group.Members);
        foreach (var member in group.Members)
        {
            member.Requests.Observe(1.0 / group.Members.Count, now - (member.LastPollAt ?? now));
            member.LastPollAt = now;
        }

        return new PlannedRequest.Poll(group, [.. group.Members.Select(member => member.Name)], group.Current.After, delay);
    }

    private void StepBack(DateTimeOffset now, TimeSpan by)
    {
        _polls.StepBack(by);
        _refreshes.StepBack(now);
        _backfill.StepBack(by);
        _sweep.StepBack(by);
        _pacer.StepBack(by);
        (_bulkAt, _budgetAt) = (_bulkAt.Back(by), _budgetAt.Back(by));
        (_refreshesPausedUntil, _lastAnswerAt) = (_refreshesPausedUntil.Back(by), _lastAnswerAt.Back(by));
    }

    private void Return(PlannedRequest request, DateTimeOffset now)
    {
        switch (request)
        {
            case PlannedRequest.Poll poll:
                poll.Group.InFlight = false;
                break;
            case PlannedRequest.Refresh refresh:
                _known.Return(refresh);
                break;
            case PlannedRequest.Backfill:
                _backfill.Return();
                break;
            case PlannedRequest.Sweep sweep:
                _sweep.Return(sweep, now);
                break;
        }
    }

    private Setback Fail(ListingGroup group, RedditAnswer answer, DateTimeOffset now)
    {
        group.InFlight = false;
        return group.Members.Count == 0 ? default : _rounds.Fail(group, answer, now, _lastAnswerAt, _random.NextDouble());
    }

    private Setback Fail(PlannedRequest.Refresh refresh, RedditAnswer answer, DateTimeOffset now)
    {
        _known.Return(refresh);
        var delay = (answer as RedditAnswer.Failed)?.After ?? Jittered(Cadence.PassingFault, ++_refreshFailures);
        _refreshesPausedUntil = now + delay;
        return new Setback(delay, _refreshFailures == 1);
    }

    /// <summary>Compares what refreshes need with the requests that polls leave.</summary>
    private void Budget(DateTimeOffset now)
    {
        _budgetAt = now + Cadence.BudgetInterval;
        var requests = _pacer.RequestsPerHour(now);
        var left = Math.Max((requests - 1.2 * _polls.RequestsPerHour) * RefreshShare, requests / (PollsBeforeRefresh + 1));
        if (_bulkSpacing > TimeSpan.Zero)
            left = Math.Min(left, TimeSpan.FromHours(1) / _bulkSpacing);
        _refreshes.Fit(left * RedditClient.PageSize);
    }

    private void RestoreRates(IReadOnlyList<TrackedPost> posts)
    {
        // What is younger than the newest poll may not have been stored yet, so the window ends there.
        var measured = 4 * Cadence.RateMemory;
        foreach (var group in posts.Where(post => !post.IsPurged).GroupBy(post => post.Subreddit, StringComparer.OrdinalIgnoreCase))
        {
            if (_polls.Find(group.Key) is not { } subreddit)
                continue;
            var until = group.Max(post => post.LastPolledAt);
            subreddit.NewestPostAt = group.Max(post => post.CreatedUtc);
            subreddit.Arrivals.Observe(group.Count(post => post.CreatedUtc > until - measured), measured);
        }
    }

    private void Answered(RedditAnswer.Page page)
    {
        if (page.RateLimit is { } limit)
            _pacer.Observe(limit, _time.GetUtcNow());
        if (_failuresInARow >= FailuresOfAnOutage)
            Recover(page.ArrivedAt);
        (_outages, _failuresInARow) = (0, 0);
        _lastAnswerAt = page.ArrivedAt;
    }

    /// <summary>Reddit answers again: what has been failing need not wait for its own next attempt.</summary>
    private void Recover(DateTimeOffset now)
    {
        foreach (var group in _polls.Groups)
        {
            if (group.Trouble is not null && group.Due > now)
                group.Due = now;
        }

        _refreshesPausedUntil = now;
    }

    private Setback? PauseAll(RedditAnswer answer) => answer switch
    {
        RedditAnswer.Throttled throttled => Pause(throttled.After),
        RedditAnswer.NoToken { After: var after } => Pause(after),
        RedditAnswer.Refused { Reason: RefusalReason.Blocked } => Pause(null),
        _ => null,
    };

    private Setback Pause(TimeSpan? asked)
    {
        // Requests that were under way together fail together; only the first of them is news.
        var now = _time.GetUtcNow();
        var news = !_pacer.IsPaused(now);
        if (news)
            _outages++;
        var delay = asked ?? Jittered(Cadence.Pause, Math.Max(1, _outages));
        _pacer.PauseUntil(now + delay);
        return new Setback(delay, news);
    }

    private TimeSpan Jittered(Backoff backoff, int failures) => backoff.Delay(failures, _random.NextDouble());

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        (one, other) switch
        {
            ({ } a, { } b) => a < b ? a : b,
            _ => one ?? other,
        };

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one is { } a && other is { } b && a < b ? b : one;
}
