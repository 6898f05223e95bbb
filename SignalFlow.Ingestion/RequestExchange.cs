using System.Diagnostics;
using SignalFlow.Contracts;
using SignalFlow.Ingestion.Planning;
using SignalFlow.Ingestion.Publishing;
using SignalFlow.Ingestion.Reddit;
using SignalFlow.Storage;

namespace SignalFlow.Ingestion;

/// <summary>Those of the ids that an earlier run has stored.</summary>
internal delegate Task<IReadOnlySet<string>> StoredPostLookup(IReadOnlyCollection<string> ids, CancellationToken cancellationToken);

/// <summary>Takes observations for a topic; returns the ids that are confirmed: only those count as published.</summary>
internal delegate Task<IReadOnlySet<string>> ObservationSink(
    string topic, IReadOnlyCollection<PostObservation> observations, CancellationToken cancellationToken);

/// <summary>
/// One planned request from sending to reporting back: asks Reddit, compares the answer with what is known, publishes, and tells the planner
/// what has been confirmed.
/// </summary>
internal sealed class RequestExchange(
    RequestPlanner planner,
    RedditClient client,
    ObservationSink publish,
    StoredPostLookup storedPosts,
    IngestionMetrics metrics,
    ExchangeLog log)
{
    private static readonly ActivitySource Activities = new("SignalFlow.Ingestion");
    private static readonly IReadOnlySet<string> None = new HashSet<string>();

    /// <exception cref="OperationCanceledException">Cancelled; the request came to nothing.</exception>
    public async Task RunAsync(PlannedRequest request, CancellationToken cancellationToken)
    {
        using var activity = Activities.StartActivity($"reddit {request.Kind}", ActivityKind.Internal);
        try
        {
            var answer = await AskAsync(request, cancellationToken);
            activity?.SetTag("signalflow.outcome", answer.Outcome);
            if (answer is RedditAnswer.Page page)
            {
                activity?.SetTag("signalflow.posts", page.Listing.Posts.Count);
                await CompleteAsync(request, page, cancellationToken);
                return;
            }

            activity?.SetStatus(ActivityStatusCode.Error, answer.Outcome);
            Fail(request, answer);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) when (exception.IsOfDatabase())
        {
            activity?.SetStatus(ActivityStatusCode.Error, "database");
            Fail(request, new RedditAnswer.Failed("database", After: null));
        }
        catch (Exception exception)
        {
            log.Unexpected(exception);
            activity?.SetStatus(ActivityStatusCode.Error, "internal");
            Fail(request, new RedditAnswer.Failed("internal", After: null));
        }
    }

    private Task<RedditAnswer> AskAsync(PlannedRequest request, CancellationToken cancellationToken) => request switch
    {
        PlannedRequest.Poll poll => client.GetNewAsync(poll.Kind, poll.Subreddits, poll.After, cancellationToken),
        PlannedRequest.Refresh refresh => client.GetInfoAsync(refresh.Kind, refresh.Ids, cancellationToken),
        PlannedRequest.Backfill backfill => client.GetNewAsync(backfill.Kind, [backfill.Subreddit.Name], backfill.After, cancellationToken),
        PlannedRequest.Sweep sweep => client.GetInfoAsync(sweep.Kind, sweep.Posts.Select(post => post.Id), cancellationToken),
        _ => throw new UnreachableException(),
    };

    private Task CompleteAsync(PlannedRequest request, RedditAnswer.Page page, CancellationToken cancellationToken) => request switch
    {
        PlannedRequest.Poll or PlannedRequest.Backfill => CompleteListingAsync(request, page, cancellationToken),
        PlannedRequest.Refresh refresh => CompleteRefreshAsync(refresh, page, cancellationToken),
        PlannedRequest.Sweep sweep => CompleteSweepAsync(sweep, page, cancellationToken),
        _ => throw new UnreachableException(),
    };

    private async Task CompleteListingAsync(PlannedRequest request, RedditAnswer.Page page, CancellationToken cancellationToken)
    {
        PageReview review;
        IReadOnlyList<string> doubtful;
        lock (planner.Gate)
        {
            review = planner.Review(page);
            doubtful = planner.Doubtful(review);
            // Its counters are of before the last observation, whatever its time of arrival.
            if (request is PlannedRequest.Poll poll && RequestPlanner.IsStale(poll, page.Listing, review))
                review = review with { Seen = [] };
        }

        var (stored, published) = (None, new HashSet<string>());
        try
        {
            if (doubtful.Count > 0)
                stored = await storedPosts(doubtful, cancellationToken);
            var unseen = review.Unseen.Where(post => !stored.Contains(post.Id));
            published.UnionWith(await PublishAsync(KafkaTopics.Raw, Observations(unseen, page), cancellationToken));
            published.UnionWith(await PublishAsync(
                KafkaTopics.Refresh, [.. Observations(review.Seen, page), .. Removals(review.Removed, page)], cancellationToken));
        }
        finally
        {
            // Also when something failed half-way: what has been confirmed is known from now on, and the rest is not.
            Complete(request, page, review, stored, published);
        }
    }

    private void Complete(
        PlannedRequest request, RedditAnswer.Page page, PageReview review, IReadOnlySet<string> stored, HashSet<string> published)
    {
        metrics.Removed(review.Removed.Where(gone => published.Contains(gone.Id)));
        if (request is PlannedRequest.Backfill backfill)
        {
            bool ended;
            lock (planner.Gate)
                ended = planner.Complete(backfill, page, review, stored, published);
            if (ended)
                log.Backfilled(backfill.Subreddit.Name, backfill.Subreddit.BackfilledPosts);
            return;
        }

        PollResult result;
        var poll = (PlannedRequest.Poll)request;
        lock (planner.Gate)
        {
            foreach (var post in review.Unseen.Where(post => published.Contains(post.Id)))
            {
                if (planner.Find(post.Subreddit) is { } subreddit && post.CreatedAt >= subreddit.AddedAt)
                    metrics.Discovered(subreddit.Config.Priority, page.ArrivedAt - post.CreatedAt);
            }

            result = planner.Complete(poll, page, review, stored, published);
        }

        metrics.Polled(poll.Tier, poll.Delay);
        log.Polled(poll, page.Listing.Posts.Count, review.Unseen.Count(post => published.Contains(post.Id)));
        foreach (var subreddit in result.Recovered)
            log.Recovered(subreddit);
        foreach (var gap in result.Gaps)
        {
            metrics.GapFound();
            log.Gap(gap);
        }
    }

    private async Task CompleteRefreshAsync(PlannedRequest.Refresh refresh, RedditAnswer.Page page, CancellationToken cancellationToken)
    {
        InfoReview review;
        lock (planner.Gate)
            review = planner.Review(refresh, page);
        var published = None;
        try
        {
            published = await PublishAsync(
                KafkaTopics.Refresh, [.. Observations(review.Observed, page), .. Removals(review.Removed, page)], cancellationToken);
        }
        finally
        {
            lock (planner.Gate)
                planner.Complete(refresh, page, review, published);
        }

        Removed(review, published);
        log.Refreshed(refresh.Ids.Count, published.Count);
    }

    private async Task CompleteSweepAsync(PlannedRequest.Sweep sweep, RedditAnswer.Page page, CancellationToken cancellationToken)
    {
        InfoReview review;
        lock (planner.Gate)
            review = planner.OldPosts.Review(sweep, page.Listing, page.ArrivedAt);
        var published = None;
        try
        {
            published = await PublishAsync(KafkaTopics.Refresh, Removals(review.Removed, page), cancellationToken);
        }
        finally
        {
            lock (planner.Gate)
                planner.Complete(sweep, page, published);
        }

        metrics.Swept(sweep.Posts.Count);
        Removed(review, published);
    }

    private void Removed(InfoReview review, IReadOnlySet<string> published)
    {
        var gone = review.Removed.Where(post => published.Contains(post.Id)).ToList();
        metrics.Removed(gone);
        if (gone.Count > 0)
            log.Removed(gone.Count);
    }

    private List<PostObservation> Observations(IEnumerable<RedditPost> posts, RedditAnswer.Page page) =>
        [.. posts.Select(post => post.ToObservation(page.ArrivedAt, planner.Cadence))];

    private static List<PostObservation> Removals(IReadOnlyList<PostGone> posts, RedditAnswer.Page page) =>
        [.. posts.Select(post => post.ToObservation(page.ArrivedAt))];

    private async Task<IReadOnlySet<string>> PublishAsync(
        string topic, List<PostObservation> observations, CancellationToken cancellationToken)
    {
        if (observations.Count == 0)
            return None;
        var published = await publish(topic, observations, cancellationToken);
        if (published.Count < observations.Count)
        {
            lock (planner.Gate)
                planner.Stall();
        }

        return published;
    }

    private void Fail(PlannedRequest request, RedditAnswer answer)
    {
        Setback setback;
        lock (planner.Gate)
            setback = planner.Fail(request, answer);
        if (setback.News)
            log.Failed(request, answer, setback);
    }
}
