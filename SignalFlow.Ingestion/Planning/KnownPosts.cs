using SignalFlow.Ingestion.Reddit;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Ingestion.Planning;

/// <summary>
/// Which posts have been published. Identity is the id and nothing else: Reddit's listings are sorted by neither time nor id, posts that
/// were approved late stand above younger ones, and pages come from caches of different age.
/// </summary>
internal sealed class KnownPosts(Cadence cadence, RefreshSchedule refreshes, int recentCapacity)
{
    private readonly RecentIds _recent = new(recentCapacity);
    private readonly HashSet<string> _claimed = [];

    // Published, but the round that found them has not come to its end: between them and what was known before there may be others.
    private readonly HashSet<string> _unproven = [];

    /// <param name="post">What the database holds of it.</param>
    /// <param name="isProven">Whether a round that found it, or one after that, came to its end.</param>
    public void Restore(TrackedPost post, bool isProven)
    {
        if (!isProven)
            _unproven.Add(post.Id);
        if (post.IsPurged)
        {
            _recent.Add(post.Id, post.FirstSeenAt);
            return;
        }

        var followed = refreshes.Follow(post.Id, post.Subreddit, post.CreatedUtc, post.FirstSeenAt);
        refreshes.Observed(followed, post.LastPolledAt, post.Score, post.Comments, post.IsQuiet);
    }

    /// <summary>Compares a listing with what is known and claims what is not, so that no other request publishes it meanwhile.</summary>
    public PageReview Review(RedditListing listing, DateTimeOffset arrivedAt)
    {
        var unseen = new List<RedditPost>();
        var seen = new List<RedditPost>();
        var removed = new List<PostGone>();
        var known = new List<KnownPost>();
        foreach (var post in listing.Posts)
        {
            if (refreshes.Find(post.Id) is { } followed)
            {
                known.Add(new(post.CreatedAt, followed.FirstSeen, !_unproven.Contains(post.Id)));
                if (post.RemovedBy is not null)
                    removed.Add(Gone(post));
                else if (arrivedAt.UtcTicks - followed.ObservedAt >= cadence.SightingSpacing.Ticks)
                    seen.Add(post);
            }
            else if (_recent.FirstSeen(post.Id) is { } firstSeen)
            {
                known.Add(new(post.CreatedAt, firstSeen, !_unproven.Contains(post.Id)));
            }
            else if (_claimed.Add(post.Id))
            {
                unseen.Add(post);
            }
        }

        return new PageReview(unseen, seen, removed, known);
    }

    /// <summary>
    /// The unseen posts too old for this process to remember: an earlier run may have published them, or they moved up again after
    /// deletions. Only the database can tell.
    /// </summary>
    public IReadOnlyList<string> Doubtful(PageReview review, DateTimeOffset now)
    {
        var oldest = now - cadence.Horizon;
        return [.. review.Unseen.Where(post => post.CreatedAt <= oldest).Select(post => post.Id)];
    }

    /// <summary>Ends the review of a listing.</summary>
    /// <param name="review">What <see cref="Review(RedditListing, DateTimeOffset)"/> said.</param>
    /// <param name="arrivedAt">When the answer had arrived.</param>
    /// <param name="stored">Those of the unseen posts that turned out to be known after all.</param>
    /// <param name="published">Those that Kafka has confirmed; the rest stays as it was.</param>
    /// <returns>Whether all of the unseen are known now.</returns>
    public bool Settle(PageReview review, DateTimeOffset arrivedAt, IReadOnlySet<string> stored, IReadOnlySet<string> published)
    {
        var complete = true;
        foreach (var post in review.Unseen)
        {
            _claimed.Remove(post.Id);
            if (stored.Contains(post.Id))
                _recent.Add(post.Id, DateTimeOffset.MinValue);
            else if (!published.Contains(post.Id))
                complete = false;
            else
                Begin(post, arrivedAt);
        }

        foreach (var post in review.Seen)
        {
            if (published.Contains(post.Id) && refreshes.Find(post.Id) is { } followed)
                Observe(followed, post, arrivedAt);
        }

        Forget(review.Removed, published);
        return complete;
    }

    /// <summary>Compares the answer to a refresh with what was asked for.</summary>
    public InfoReview Review(PlannedRequest.Refresh refresh, RedditListing listing, DateTimeOffset arrivedAt)
    {
        var observed = new List<RedditPost>();
        var removed = new List<PostGone>();
        var answers = listing.Posts.DistinctBy(post => post.Id).ToDictionary(post => post.Id);
        var suspect = LeavesOutEverything(listing, refresh.Ids.Count);
        foreach (var id in refresh.Ids)
        {
            if (refreshes.Find(id) is not { } followed)
                continue;
            if (!answers.TryGetValue(id, out var post))
            {
                if (refreshes.Missed(followed, arrivedAt, suspect))
                    removed.Add(new PostGone(id, followed.Subreddit, followed.CreatedAt, followed.Score, followed.Comments, Contracts.PostRemoval.Absent));
            }
            else if (post.RemovedBy is not null)
            {
                removed.Add(Gone(post));
            }
            else
            {
                observed.Add(post);
            }
        }

        return new InfoReview(observed, removed);
    }

    /// <summary>Ends a refresh.</summary>
    public void Settle(PlannedRequest.Refresh refresh, InfoReview review, DateTimeOffset arrivedAt, IReadOnlySet<string> published)
    {
        foreach (var post in review.Observed)
        {
            if (published.Contains(post.Id) && refreshes.Find(post.Id) is { } followed)
                Observe(followed, post, arrivedAt);
        }

        Forget(review.Removed, published);
        var answered = review.Observed.Select(post => post.Id).Concat(review.Removed.Select(post => post.Id)).ToHashSet();
        foreach (var id in refresh.Ids)
        {
            if (refreshes.Find(id) is not { InFlight: true } followed)
                continue;
            // What was answered but not published is as overdue as before.
            if (answered.Contains(id))
                refreshes.Return(followed);
            else
                refreshes.LookAgain(followed, arrivedAt);
        }
    }

    /// <summary>A round has read a listing from these posts down to proven ones.</summary>
    public void Prove(IEnumerable<string> ids) => _unproven.ExceptWith(ids);

    public void Return(PlannedRequest.Refresh refresh)
    {
        // The last one first: each goes to the front.
        foreach (var id in refresh.Ids.Reverse())
        {
            if (refreshes.Find(id) is { } followed)
                refreshes.Return(followed);
        }
    }

    /// <summary>Forgets the posts that have become too old to be refreshed.</summary>
    public void Expire(DateTimeOffset now) => refreshes.Expire(now, post =>
    {
        _recent.Add(post.Id, post.FirstSeen);
        _unproven.Remove(post.Id);
    });

    /// <summary>An answer without any of many posts is more likely to be a fault of Reddit's than the deletion of them all.</summary>
    public static bool LeavesOutEverything(RedditListing listing, int asked) => listing.Posts.Count == 0 && asked >= 10;

    public static PostGone Gone(RedditPost post) =>
        new(post.Id, post.Subreddit, post.CreatedAt, post.Score, post.NumComments, post.RemovedBy!);

    private void Begin(RedditPost post, DateTimeOffset at)
    {
        if (at - post.CreatedAt >= cadence.Horizon || post.RemovedBy is not null)
        {
            _recent.Add(post.Id, at);
            return;
        }

        _unproven.Add(post.Id);
        Observe(refreshes.Follow(post.Id, post.Subreddit, post.CreatedAt, at), post, at);
    }

    private void Observe(FollowedPost followed, RedditPost post, DateTimeOffset at) =>
        refreshes.Observed(followed, at, post.Score, post.NumComments);

    private void Forget(IReadOnlyList<PostGone> removed, IReadOnlySet<string> published)
    {
        foreach (var gone in removed)
        {
            // What Kafka has not confirmed is found out again.
            if (!published.Contains(gone.Id) || refreshes.Find(gone.Id) is not { } followed)
                continue;
            refreshes.Forget(followed);
            _unproven.Remove(gone.Id);
            _recent.Add(gone.Id, followed.FirstSeen);
        }
    }
}
