using SignalFlow.Contracts;
using SignalFlow.Ingestion.Reddit;
using SignalFlow.Storage.Ingestion;

namespace SignalFlow.Ingestion.Planning;

/// <summary>
/// Looks at the posts that are too old to be refreshed, so that a deletion is found whenever it happens: in passes over all of them, from
/// new to old, with whatever quota is left.
/// </summary>
internal sealed class SweepSchedule(Cadence cadence)
{
    private const int BatchSize = RedditClient.PageSize;
    private const int Few = 2 * BatchSize;

    // Where answers leave out everything, a pass would otherwise go on to the last post that is stored, and remember them all.
    private const int MostMissing = 20 * BatchSize;

    private readonly Queue<OldPost> _waiting = new();
    private readonly Queue<(OldPost Post, DateTimeOffset At)> _missing = new();
    private SweepCursor? _loaded;
    private bool _loading;
    private bool _loadedAll;
    private bool _inFlight;
    private int _failures;
    private DateTimeOffset _pausedUntil = DateTimeOffset.MinValue;
    private DateTimeOffset _lastPassAt = DateTimeOffset.MinValue;

    /// <summary>How far the pass that is under way has come, for the next run to go on from.</summary>
    public SweepProgress Progress { get; private set; } = new(null, null, null);

    /// <summary>Posts that an answer has left out and that are asked for once more.</summary>
    public int Missing => _missing.Count;

    public void Restore(SweepProgress progress)
    {
        Progress = progress;
        _loaded = progress.Position;
        _lastPassAt = progress.StartedAt ?? progress.CoveredAt ?? DateTimeOffset.MinValue;
    }

    /// <summary>Where to load more posts from, oldest last; null: none are needed now. <see cref="Offer"/> must follow.</summary>
    public SweepLoad? TakeLoad(DateTimeOffset now)
    {
        if (_loading || _waiting.Count >= Few || _missing.Count >= MostMissing)
            return null;
        if (Progress.StartedAt is null)
        {
            if (now < _lastPassAt + cadence.SweepInterval)
                return null;
            _lastPassAt = now;
            (_loaded, _loadedAll) = (null, false);
            Progress = Progress with { StartedAt = now };
        }

        if (_loadedAll)
            return null;
        _loading = true;
        return new SweepLoad(_loaded, now - cadence.Horizon);
    }

    /// <param name="posts">The next posts of this shard.</param>
    /// <param name="reached">The last post that was read, of any shard; null: there are no more.</param>
    public void Offer(IReadOnlyList<OldPost> posts, SweepCursor? reached)
    {
        _loading = false;
        foreach (var post in posts)
            _waiting.Enqueue(post);
        if (reached is null)
            _loadedAll = true;
        else
            _loaded = reached;
        EndPass();
    }

    /// <summary>Loading failed; it is tried again later.</summary>
    public void Withdraw() => _loading = false;

    /// <summary>The clock was set back. Posts that are missing are looked for later than they might be, which hurts nobody.</summary>
    public void StepBack(TimeSpan by) => (_pausedUntil, _lastPassAt) = (_pausedUntil.Back(by), _lastPassAt.Back(by));

    /// <summary>When there is something to ask for; null: nothing.</summary>
    public DateTimeOffset? NextAt()
    {
        if (_inFlight)
            return null;
        if (_waiting.Count > 0)
            return _pausedUntil;
        return _missing.TryPeek(out var first) ? (first.At > _pausedUntil ? first.At : _pausedUntil) : null;
    }

    public PlannedRequest.Sweep Take(DateTimeOffset now)
    {
        var posts = new List<OldPost>(BatchSize);
        while (posts.Count < BatchSize && _missing.TryPeek(out var first) && first.At <= now)
            posts.Add(_missing.Dequeue().Post);
        while (posts.Count < BatchSize && _waiting.TryDequeue(out var post))
            posts.Add(post);
        _inFlight = true;
        return new PlannedRequest.Sweep(posts);
    }

    /// <summary>Compares an answer with what was asked for: nothing is observed, posts of this age hardly change.</summary>
    public InfoReview Review(PlannedRequest.Sweep sweep, RedditListing listing, DateTimeOffset arrivedAt)
    {
        var answers = listing.Posts.DistinctBy(post => post.Id).ToDictionary(post => post.Id);
        var suspect = KnownPosts.LeavesOutEverything(listing, sweep.Posts.Count);
        var removed = new List<PostGone>();
        foreach (var post in sweep.Posts)
        {
            if (answers.TryGetValue(post.Id, out var answer))
            {
                if (answer.RemovedBy is not null)
                    removed.Add(KnownPosts.Gone(answer));
            }
            else if (post.MissingSince is { } since && (!suspect || arrivedAt - since >= cadence.MassAbsence))
            {
                removed.Add(new PostGone(post.Id, post.Subreddit, post.CreatedAt, post.Score, post.Comments, PostRemoval.Absent));
            }
        }

        return new InfoReview([], removed);
    }

    /// <summary>Ends a request of the sweep.</summary>
    public void Settle(
        PlannedRequest.Sweep sweep, RedditListing listing, DateTimeOffset arrivedAt, IReadOnlySet<string> published)
    {
        _inFlight = false;
        _failures = 0;
        var there = listing.Posts.Where(post => post.RemovedBy is null).Select(post => post.Id).ToHashSet();
        foreach (var post in sweep.Posts)
        {
            if (there.Contains(post.Id) || published.Contains(post.Id))
                continue;
            _missing.Enqueue((post with { MissingSince = post.MissingSince ?? arrivedAt }, arrivedAt + cadence.SweepRecheck));
        }

        if (sweep.Posts is [.., { MissingSince: null } last] && Progress.StartedAt is not null)
            Progress = Progress with { Position = new SweepCursor(last.CreatedAt, last.Id) };
        EndPass();
    }

    public TimeSpan Fail(PlannedRequest.Sweep sweep, RedditAnswer answer, DateTimeOffset now, double jitter)
    {
        Return(sweep, now);
        var delay = (answer as RedditAnswer.Failed)?.After ?? cadence.PassingFault.Delay(++_failures, jitter);
        _pausedUntil = now + delay;
        return delay;
    }

    /// <summary>The request came to nothing; its posts are asked for again.</summary>
    public void Return(PlannedRequest.Sweep sweep, DateTimeOffset now)
    {
        _inFlight = false;
        foreach (var post in sweep.Posts)
            _missing.Enqueue((post, now));
        EndPass();
    }

    private void EndPass()
    {
        if (_loadedAll && _waiting.Count == 0 && !_inFlight && Progress.StartedAt is { } startedAt)
            Progress = new SweepProgress(null, null, startedAt);
    }
}

/// <summary>A post that is not refreshed any more. <paramref name="MissingSince"/>: when an answer first left it out.</summary>
internal sealed record OldPost(
    string Id, string Subreddit, DateTimeOffset CreatedAt, int Score, int Comments, DateTimeOffset? MissingSince = null);

/// <summary>Load posts that were created before <paramref name="CreatedBefore"/> and come after <paramref name="After"/>.</summary>
internal sealed record SweepLoad(SweepCursor? After, DateTimeOffset CreatedBefore);
