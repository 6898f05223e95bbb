using SignalFlow.Ingestion.Reddit;
using SignalFlow.Storage.Posts;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Ingestion.Planning;

/// <summary>
/// Decides what to ask Reddit next and when, and what each answer means. Does nothing itself: whoever drives it sends the request,
/// publishes what is to be published and reports back. Not thread-safe.
/// </summary>
internal sealed class RequestPlanner
{
    // What Reddit's listings hold, and a little less, because removed posts leave the page but not the count.
    private const int ListingDepth = 1_000;
    private const int NearlyAll = 900;

    // When polls alone would use up the quota, or the machine, every tenth request still is an overdue refresh: it covers a hundred
    // posts, and without it scores would stand still.
    private const int PollsBeforeRefresh = 9;

    private readonly TimeProvider _time;
    private readonly DateTimeOffset _startedAt;
    private readonly PollSchedule _polls;
    private readonly RefreshSchedule _refreshes;
    private readonly RequestPacer _pacer;
    private readonly HashSet<string> _claimed = [];
    private DateTimeOffset _refreshesPausedUntil = DateTimeOffset.MinValue;
    private int _refreshFailures;
    private int _outages;
    private int _pollsSinceRefresh;

    public RequestPlanner(IngestionOptions options, int requestsPerMinute, TimeProvider time)
    {
        _time = time;
        // Reddit tells creation in whole seconds.
        _startedAt = time.GetUtcNow() - TimeSpan.FromSeconds(1);
        Cadence = new Cadence(options);
        _polls = new PollSchedule(options, Cadence);
        _refreshes = new RefreshSchedule(Cadence);
        _pacer = new RequestPacer(TimeSpan.FromMinutes(1) / requestsPerMinute / options.Speed);
    }

    public Cadence Cadence { get; }

    public int Tracked => _refreshes.Count;

    public int Subreddits => _polls.Count;

    /// <summary>The tier of a subreddit: fast, medium or slow; null: it is not polled any more.</summary>
    public string? TierOf(string subreddit) => _polls.Find(subreddit)?.Config.Priority;

    public int CountOverdue() => _refreshes.CountOverdue(_time.GetUtcNow());

    public (int Added, int Removed) Configure(IReadOnlyList<SubredditConfig> active) => _polls.Configure(active, _time.GetUtcNow());

    /// <summary>Takes over what an earlier run has stored. Call it after <see cref="Configure"/>.</summary>
    /// <param name="posts">Those that are still refreshed.</param>
    /// <param name="subreddits">Those of which there is any post.</param>
    public void Restore(IEnumerable<TrackedPost> posts, IEnumerable<string> subreddits)
    {
        foreach (var name in subreddits)
        {
            if (_polls.Find(name) is { } subreddit)
                subreddit.HasHistory = true;
        }

        foreach (var post in posts)
            _refreshes.Observed(post.Id, post.CreatedUtc, post.LastPolledAt);
    }

    /// <summary>The request that may and should be sent now. New posts come before known ones.</summary>
    public Plan Next()
    {
        var now = _time.GetUtcNow();
        _refreshes.Expire(now);
        var poll = _polls.Next();
        var refreshAt = _refreshes.NextBatchAt();
        if (refreshAt < _refreshesPausedUntil)
            refreshAt = _refreshesPausedUntil;
        var due = Earlier(poll?.Due, refreshAt);
        var slot = _pacer.NextSlot(now);
        if (due > now || slot > now)
            return new Plan(null, due > slot ? due : slot);

        _pacer.Sent(now);
        if (poll is not null && poll.Due <= now && (_pollsSinceRefresh < PollsBeforeRefresh || !(refreshAt <= now)))
        {
            _pollsSinceRefresh++;
            poll.InFlight = true;
            poll.Current ??= new SubredditPoll.Round(now);
            return new Plan(new PlannedRequest.Poll(poll.Name, poll.Current.After), now);
        }

        _pollsSinceRefresh = 0;
        return new Plan(new PlannedRequest.Refresh(_refreshes.TakeBatch(now, RedditClient.PageSize)), now);

        static DateTimeOffset Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
            (one, other) switch
            {
                ({ } a, { } b) => a < b ? a : b,
                _ => one ?? other ?? DateTimeOffset.MaxValue,
            };
    }

    /// <summary>Compares a page with what is known and claims what is not, so that no other request publishes it meanwhile.</summary>
    public PageReview Review(PlannedRequest.Poll poll, RedditListing listing)
    {
        var subreddit = _polls.Find(poll.Subreddit);
        var unseen = new List<RedditPost>();
        var meetsKnown = false;
        foreach (var post in listing.Posts)
        {
            if (_refreshes.Contains(post.Id) || subreddit?.Recent.Contains(post.Id) == true)
                meetsKnown |= subreddit?.Current?.Published.Contains(post.Id) != true;
            else if (_claimed.Add(post.Id))
                unseen.Add(post);
        }

        return new PageReview(unseen, meetsKnown);
    }

    /// <summary>
    /// The unseen posts too old for this planner to remember: an earlier run may have published them, or they moved up again after
    /// deletions. Only the database can tell.
    /// </summary>
    public IReadOnlyList<string> Doubtful(PageReview review)
    {
        var oldest = _time.GetUtcNow() - Cadence.Horizon;
        return [.. review.Unseen.Where(post => post.CreatedAt <= oldest).Select(post => post.Id)];
    }

    /// <summary>Ends the poll of a page.</summary>
    /// <param name="poll">The request.</param>
    /// <param name="page">Its answer.</param>
    /// <param name="review">What <see cref="Review"/> said of it.</param>
    /// <param name="stored">Those of the unseen posts that turned out to be known after all.</param>
    /// <param name="published">Those that Kafka has confirmed; the rest stays unseen.</param>
    public PollResult Complete(
        PlannedRequest.Poll poll, RedditAnswer.Page page, PageReview review, IReadOnlySet<string> stored, IReadOnlySet<string> published)
    {
        var complete = true;
        foreach (var post in review.Unseen)
        {
            _claimed.Remove(post.Id);
            if (published.Contains(post.Id))
                _refreshes.Observed(post.Id, post.CreatedAt, page.ArrivedAt);
            else
                complete &= stored.Contains(post.Id);
        }

        Answered(page);
        if (_polls.Find(poll.Subreddit) is not { } subreddit)
            return default;

        subreddit.InFlight = false;
        var round = subreddit.Current ??= new SubredditPoll.Round(_time.GetUtcNow());
        round.Published.UnionWith(published);
        foreach (var post in page.Listing.Posts)
        {
            if (published.Contains(post.Id) || stored.Contains(post.Id) || _refreshes.Contains(post.Id) || subreddit.Recent.Contains(post.Id))
                subreddit.Recent.Add(post.Id);
        }

        return complete ? Advance(subreddit, round, page.Listing, EndsSearch(subreddit, page.Listing, review, stored)) : default;
    }

    /// <summary>
    /// Whether nothing unseen is to be expected beyond a page. In the first round after a start one known post is not enough: what the
    /// last run published may have been lost before it was stored, between posts that were. At the first sight of a subreddit only
    /// posts that were created since this run began are ours to find.
    /// </summary>
    private bool EndsSearch(SubredditPoll subreddit, RedditListing listing, PageReview review, IReadOnlySet<string> stored)
    {
        if (!subreddit.HasHistory)
            return !listing.Posts.All(post => post.CreatedAt > _startedAt);
        if (subreddit.PolledAt is null)
            return review.Unseen.All(post => stored.Contains(post.Id));
        return review.MeetsKnown || stored.Count > 0;
    }

    /// <summary>A poll failed, so its subreddit waits; others go on unless the failure concerns all.</summary>
    public Setback Fail(PlannedRequest.Poll poll, RedditAnswer answer)
    {
        Observe(answer);
        var subreddit = _polls.Find(poll.Subreddit);
        if (subreddit is not null)
            subreddit.InFlight = false;
        if (PauseAll(answer) is { } pause)
            return pause;
        if (subreddit is null || answer is RedditAnswer.Unauthorized)
            return default;

        var news = subreddit.Trouble != answer.Outcome;
        subreddit.Failures = news ? 1 : subreddit.Failures + 1;
        subreddit.Trouble = answer.Outcome;
        var backoff = answer is RedditAnswer.Refused ? Cadence.Refusal : Cadence.PassingFault;
        var delay = (answer as RedditAnswer.Failed)?.After ?? Jittered(backoff, subreddit.Failures);
        subreddit.Due = _time.GetUtcNow() + delay;
        return new Setback(delay, news);
    }

    /// <summary>Ends a refresh.</summary>
    /// <returns>How many posts have been given up because Reddit does not return them any more.</returns>
    public int Complete(PlannedRequest.Refresh refresh, RedditAnswer.Page page, IReadOnlySet<string> published)
    {
        Answered(page);
        _refreshFailures = 0;
        var gone = 0;
        var answered = new HashSet<string>();
        foreach (var post in page.Listing.Posts)
        {
            answered.Add(post.Id);
            if (published.Contains(post.Id))
                _refreshes.Observed(post.Id, post.CreatedAt, page.ArrivedAt);
        }

        foreach (var id in refresh.Ids)
        {
            if (!answered.Contains(id) && _refreshes.Missed(id, page.ArrivedAt))
                gone++;
        }

        // What was answered but not published goes back; what was observed is no longer in flight.
        _refreshes.Return(refresh.Ids);
        return gone;
    }

    public Setback Fail(PlannedRequest.Refresh refresh, RedditAnswer answer)
    {
        Observe(answer);
        _refreshes.Return(refresh.Ids);
        if (PauseAll(answer) is { } pause)
            return pause;
        if (answer is RedditAnswer.Unauthorized)
            return default;
        var delay = (answer as RedditAnswer.Failed)?.After ?? Jittered(Cadence.PassingFault, ++_refreshFailures);
        _refreshesPausedUntil = _time.GetUtcNow() + delay;
        return new Setback(delay, _refreshFailures == 1);
    }

    /// <summary>Kafka or the database did not do its part: asking Reddit for more would only spend quota.</summary>
    public Setback Stall() => Pause(null);

    private static PollResult Advance(SubredditPoll subreddit, SubredditPoll.Round round, RedditListing listing, bool endsSearch)
    {
        var recovered = subreddit.Trouble is not null;
        subreddit.Failures = 0;
        subreddit.Trouble = null;
        round.Posts += listing.Posts.Count;
        var searching = !endsSearch;
        if (searching && listing.After is not null && round.Posts < ListingDepth)
        {
            round.After = listing.After;
            return new PollResult(recovered, null);
        }

        // An empty page after an anchor means that the anchor has left the listing, not that nothing comes after it.
        var unreachable = searching && (round.Posts >= NearlyAll || (round.After is not null && listing.Posts.Count == 0));
        var gap = unreachable
            ? new PollGap(
                round.Posts,
                subreddit.PolledAt ?? round.StartedAt,
                listing.Posts.Count == 0 ? round.StartedAt : listing.Posts[^1].CreatedAt)
            : null;
        subreddit.Due = PollSchedule.DueAfter(subreddit, round.StartedAt);
        subreddit.PolledAt = round.StartedAt;
        subreddit.HasHistory = true;
        subreddit.Current = null;
        return new PollResult(recovered, gap);
    }

    private void Answered(RedditAnswer.Page page)
    {
        Observe(page);
        _outages = 0;
    }

    private void Observe(RedditAnswer answer)
    {
        if (answer.RateLimit is { } limit)
            _pacer.Observe(limit, _time.GetUtcNow());
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
        var delay = asked ?? Jittered(Cadence.PassingFault, Math.Max(1, _outages));
        _pacer.PauseUntil(now + delay);
        return new Setback(delay, news);
    }

    private static TimeSpan Jittered(Backoff backoff, int failures) => backoff.Delay(failures, Random.Shared.NextDouble());
}
