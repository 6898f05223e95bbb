using System.Diagnostics;
using SignalFlow.Contracts;
using SignalFlow.Ingestion.Planning;
using SignalFlow.Ingestion.Publishing;
using SignalFlow.Ingestion.Reddit;
using SignalFlow.Storage.Posts;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Ingestion;

/// <summary>Those of the ids that an earlier run has stored.</summary>
internal delegate Task<IReadOnlySet<string>> StoredPostLookup(IReadOnlyCollection<string> ids, CancellationToken cancellationToken);

/// <summary>
/// Drives the planner: sends what it plans when it is due, publishes what answers bring, reports back. Between two requests it sleeps
/// until the planner's next time or until something changes.
/// </summary>
internal sealed partial class RequestLoop(
    RequestPlanner planner,
    RedditClient client,
    ObservationPublisher publisher,
    StoredPostLookup storedPosts,
    IngestionMetrics metrics,
    TimeProvider time,
    ILogger<RequestLoop> logger) : IDisposable
{
    /// <summary>The loop turns at least this often, so that a loop which does not can be told from an idle one.</summary>
    public static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(30);

    // Enough for a slow answer not to hold up the others; the rate is the planner's business.
    private const int MaxInFlight = 16;

    private static readonly ActivitySource Activities = new("SignalFlow.Ingestion");
    private static readonly IReadOnlySet<string> None = new HashSet<string>();
    private static readonly TimeSpan GaugeInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _planning = new();
    private readonly SemaphoreSlim _slots = new(MaxInFlight);
    private TaskCompletionSource _changed = NewSignal();
    private DateTimeOffset _gaugesAt;
    private long _lastTurnTicks;

    /// <summary>When the loop last turned; null: it has not started.</summary>
    public DateTimeOffset? LastTurnAt =>
        Volatile.Read(ref _lastTurnTicks) is var ticks and > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    public void Configure(IReadOnlyList<SubredditConfig> active)
    {
        lock (_planning)
        {
            var (added, removed) = planner.Configure(active);
            if (added + removed > 0)
                LogConfigured(planner.Subreddits, added, removed);
            Wake();
        }
    }

    public void Restore(IReadOnlyList<TrackedPost> posts, IReadOnlyList<string> subreddits)
    {
        lock (_planning)
        {
            planner.Restore(posts, subreddits);
            LogRestored(planner.Tracked);
        }
    }

    /// <summary>Runs until cancelled, then waits for the requests under way.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var timer = time.CreateTimer(_ => Signal(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await using var registration = cancellationToken.Register(Signal);
        while (!cancellationToken.IsCancellationRequested)
        {
            var (plan, changed) = Turn();
            if (plan.Request is not null)
            {
                _ = ExchangeAsync(plan.Request, cancellationToken);
                continue;
            }

            timer.Change(SleepUntil(plan.At), Timeout.InfiniteTimeSpan);
            await changed;
        }

        for (var slot = 0; slot < MaxInFlight; slot++)
            await _slots.WaitAsync(CancellationToken.None);
    }

    /// <summary>Waits for what is still on its way to Kafka, at most <paramref name="budget"/>.</summary>
    public void Flush(TimeSpan budget) => publisher.Flush(budget);

    public void Dispose() => _slots.Dispose();

    private (Plan Plan, Task Changed) Turn()
    {
        lock (_planning)
        {
            var now = time.GetUtcNow();
            Volatile.Write(ref _lastTurnTicks, now.UtcTicks);
            if (now - _gaugesAt >= GaugeInterval)
            {
                _gaugesAt = now;
                metrics.Tracking(planner.Tracked, planner.CountOverdue());
            }

            if (_changed.Task.IsCompleted)
                _changed = NewSignal();
            if (!_slots.Wait(0, CancellationToken.None))
                return (new Plan(null, DateTimeOffset.MaxValue), _changed.Task);
            var plan = planner.Next();
            if (plan.Request is null)
                _slots.Release();
            return (plan, _changed.Task);
        }
    }

    private TimeSpan SleepUntil(DateTimeOffset at)
    {
        var sleep = at - time.GetUtcNow();
        // Timers cut fractions of a millisecond off: without rounding up the loop would wake too early and spin.
        return sleep > LongestSleep ? LongestSleep : TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(sleep.TotalMilliseconds)));
    }

    // Whatever happens in here, the slot is given back and the planner hears how the request ended.
    private async Task ExchangeAsync(PlannedRequest request, CancellationToken cancellationToken)
    {
        // The loop's own context would otherwise make every span a child of whatever started the loop.
        Activity.Current = null;
        try
        {
            await (request switch
            {
                PlannedRequest.Poll poll => PollAsync(poll, cancellationToken),
                PlannedRequest.Refresh refresh => RefreshAsync(refresh, cancellationToken),
                _ => throw new UnreachableException(),
            });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            LogUnexpected(exception);
            Failed(request, new RedditAnswer.Failed("internal", After: null));
        }
        finally
        {
            lock (_planning)
            {
                _slots.Release();
                Wake();
            }
        }
    }

    private async Task PollAsync(PlannedRequest.Poll poll, CancellationToken cancellationToken)
    {
        using var activity = Activities.StartActivity("reddit poll", ActivityKind.Internal);
        activity?.SetTag("signalflow.subreddit", poll.Subreddit);
        var answer = await client.GetNewAsync(poll.Subreddit, poll.After, cancellationToken);
        if (answer is not RedditAnswer.Page page)
        {
            activity?.SetStatus(ActivityStatusCode.Error, answer.Outcome);
            Failed(poll, answer);
            return;
        }

        PageReview review;
        IReadOnlyList<string> doubtful;
        lock (_planning)
        {
            review = planner.Review(poll, page.Listing);
            doubtful = planner.Doubtful(review);
        }

        var (stored, published) = (None, None);
        try
        {
            if (doubtful.Count > 0)
                stored = await storedPosts(doubtful, cancellationToken);
            published = await PublishAsync(KafkaTopics.Raw, review.Unseen.Where(post => !stored.Contains(post.Id)), page, cancellationToken);
        }
        finally
        {
            CompletePoll(poll, page, review, stored, published);
        }
    }

    private void CompletePoll(
        PlannedRequest.Poll poll, RedditAnswer.Page page, PageReview review, IReadOnlySet<string> stored, IReadOnlySet<string> published)
    {
        PollResult result;
        string? tier;
        lock (_planning)
        {
            result = planner.Complete(poll, page, review, stored, published);
            tier = planner.TierOf(poll.Subreddit);
        }

        if (tier is not null)
            metrics.Polled(tier, page.ArrivedAt);
        if (result.Recovered)
            LogRecovered(poll.Subreddit);
        if (result.Gap is { } gap)
        {
            metrics.GapFound();
            LogGap(poll.Subreddit, gap.Posts, gap.From, gap.To);
        }

        LogPolled(poll.Subreddit, page.Listing.Posts.Count, published.Count);
    }

    private async Task RefreshAsync(PlannedRequest.Refresh refresh, CancellationToken cancellationToken)
    {
        using var activity = Activities.StartActivity("reddit refresh", ActivityKind.Internal);
        activity?.SetTag("signalflow.posts", refresh.Ids.Count);
        var answer = await client.GetInfoAsync(refresh.Ids, cancellationToken);
        if (answer is not RedditAnswer.Page page)
        {
            activity?.SetStatus(ActivityStatusCode.Error, answer.Outcome);
            Failed(refresh, answer);
            return;
        }

        var asked = refresh.Ids.ToHashSet();
        var published = await PublishAsync(
            KafkaTopics.Refresh, page.Listing.Posts.Where(post => asked.Contains(post.Id)), page, cancellationToken);
        int gone;
        lock (_planning)
            gone = planner.Complete(refresh, page, published);
        if (gone > 0)
        {
            metrics.PostsVanished(gone);
            LogVanished(gone);
        }

        LogRefreshed(refresh.Ids.Count, published.Count);
    }

    private async Task<IReadOnlySet<string>> PublishAsync(
        string topic, IEnumerable<RedditPost> posts, RedditAnswer.Page page, CancellationToken cancellationToken)
    {
        var observations = posts.Select(post => post.ToObservation(page.ArrivedAt, planner.Cadence)).ToList();
        var published = await publisher.PublishAsync(topic, observations, cancellationToken);
        if (published.Count < observations.Count)
        {
            lock (_planning)
                planner.Stall();
        }

        return published;
    }

    private void Failed(PlannedRequest request, RedditAnswer answer)
    {
        Setback setback;
        lock (_planning)
        {
            setback = request switch
            {
                PlannedRequest.Poll poll => planner.Fail(poll, answer),
                PlannedRequest.Refresh refresh => planner.Fail(refresh, answer),
                _ => throw new UnreachableException(),
            };
        }

        if (!setback.News)
            return;
        switch (answer, request)
        {
            case (RedditAnswer.Refused { Reason: RefusalReason.Blocked }, _):
                LogBlocked(setback.Delay.TotalSeconds);
                break;
            case (RedditAnswer.Throttled or RedditAnswer.NoToken, _):
                LogPaused(answer.Outcome, setback.Delay.TotalSeconds);
                break;
            case (_, PlannedRequest.Poll poll):
                LogPollFailed(poll.Subreddit, answer.Outcome, setback.Delay.TotalSeconds);
                break;
            default:
                LogRefreshFailed(answer.Outcome, setback.Delay.TotalSeconds);
                break;
        }
    }

    private void Signal()
    {
        lock (_planning)
            Wake();
    }

    private void Wake() => _changed.TrySetResult();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(LogLevel.Information, "Polling {Count} subreddits ({Added} new, {Removed} removed)")]
    private partial void LogConfigured(int count, int added, int removed);

    [LoggerMessage(LogLevel.Information, "Goes on refreshing {Count} posts of an earlier run")]
    private partial void LogRestored(int count);

    [LoggerMessage(LogLevel.Debug, "r/{Subreddit}: {Posts} posts, {New} new")]
    private partial void LogPolled(string subreddit, int posts, int @new);

    [LoggerMessage(LogLevel.Debug, "Asked for {Asked} posts, refreshed {Refreshed}")]
    private partial void LogRefreshed(int asked, int refreshed);

    [LoggerMessage(LogLevel.Warning, "r/{Subreddit} cannot be polled ({Outcome}); the next attempt is in {Seconds:F1} s")]
    private partial void LogPollFailed(string subreddit, string outcome, double seconds);

    [LoggerMessage(LogLevel.Information, "r/{Subreddit} can be polled again")]
    private partial void LogRecovered(string subreddit);

    [LoggerMessage(LogLevel.Warning, "Posts cannot be refreshed ({Outcome}); the next attempt is in {Seconds:F1} s")]
    private partial void LogRefreshFailed(string outcome, double seconds);

    [LoggerMessage(LogLevel.Warning, "All requests to Reddit pause for {Seconds:F1} s ({Outcome})")]
    private partial void LogPaused(string outcome, double seconds);

    [LoggerMessage(LogLevel.Error, "Reddit's network blocks this client; check Reddit:UserAgent. The next attempt is in {Seconds:F1} s")]
    private partial void LogBlocked(double seconds);

    [LoggerMessage(LogLevel.Warning, "r/{Subreddit}: the listing ended after {Posts} posts without reaching a known one; posts between {From} and {To} may be missing")]
    private partial void LogGap(string subreddit, int posts, DateTimeOffset from, DateTimeOffset to);

    [LoggerMessage(LogLevel.Information, "Reddit no longer returns {Count} posts; they are not refreshed any more")]
    private partial void LogVanished(int count);

    [LoggerMessage(LogLevel.Error, "A request ended in an unexpected way")]
    private partial void LogUnexpected(Exception exception);
}
