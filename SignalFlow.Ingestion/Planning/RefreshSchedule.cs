namespace SignalFlow.Ingestion.Planning;

/// <summary>
/// The posts that are young enough to be refreshed and when each is due. A post belongs to the tier of the age at which it was last
/// observed. A batch is due when its first post has used up its slack, and takes along whatever may already be refreshed. When the quota is
/// not enough for all, <see cref="Fit"/> stretches the intervals: of the oldest and quietest posts first.
/// </summary>
internal sealed class RefreshSchedule
{
    /// <summary>A post that this many answers in a row leave out is gone.</summary>
    public const int MissesAllowed = 2;

    // Even the most expendable posts keep an eighth of their refreshes, as long as there is quota at all.
    private const double LongestStretch = 8;

    private readonly Cadence _cadence;
    private readonly Dictionary<string, FollowedPost> _posts = [];
    private readonly Dictionary<string, string> _names = [];

    // Two a tier, the lively posts before the quiet ones: the order in which refreshes are given up is from the end.
    private readonly RefreshClass[] _classes;
    private readonly PriorityQueue<string, long> _expiring = new();

    public RefreshSchedule(Cadence cadence)
    {
        _cadence = cadence;
        _classes = [.. cadence.RefreshTiers.SelectMany(tier => (RefreshClass[])[new(tier), new(tier)])];
    }

    public int Count => _posts.Count;

    /// <summary>The longest of the factors on the tiers' intervals; 1: nothing is given up.</summary>
    public double Stretch => _classes.Max(@class => @class.Count == 0 ? 1 : @class.Stretch);

    public FollowedPost? Find(string id) => _posts.GetValueOrDefault(id);

    /// <summary>Begins to follow a post at its first observation.</summary>
    public FollowedPost Follow(string id, string subreddit, DateTimeOffset createdAt, DateTimeOffset firstSeen)
    {
        // A clock ahead of ours must not keep a post for ever.
        var created = createdAt < firstSeen ? createdAt : firstSeen;
        if (_posts.TryGetValue(id, out var post))
            return post;
        // One string a subreddit, not one a post.
        if (!_names.TryGetValue(subreddit, out var name))
            _names.Add(subreddit, name = subreddit);
        _posts.Add(id, post = new FollowedPost(id, name, created, firstSeen));
        // Not before a refresh that is due within the horizon has used up its slack.
        _expiring.Enqueue(id, (created + _cadence.Horizon + _cadence.RefreshTiers[^1].Slack).UtcTicks);
        return post;
    }

    /// <summary>Notes an observation, which moves the due time. An older one than the newest changes nothing.</summary>
    /// <param name="post">The post.</param>
    /// <param name="at">When the answer arrived.</param>
    /// <param name="score">Its points then.</param>
    /// <param name="comments">Its comments then.</param>
    /// <param name="quiet">Whether little has changed since the observation before; null: compare with it.</param>
    public void Observed(FollowedPost post, DateTimeOffset at, int score, int comments, bool? quiet = null)
    {
        if (at.UtcTicks < post.ObservedAt)
        {
            Return(post);
            return;
        }

        // Votes are fuzzed: a change by one point is none.
        var isQuiet = quiet ?? (post.ObservedAt != 0 && comments == post.Comments && Math.Abs((long)score - post.Score) <= 1);
        (post.ObservedAt, post.Score, post.Comments, post.Misses) = (at.UtcTicks, score, comments, 0);
        post.Class = _cadence.TierAt(at - post.CreatedAt) is { } tier ? _classes[2 * tier + (isQuiet ? 1 : 0)] : null;
        post.InFlight = false;
        post.Queue?.Remove(post);
        Enqueue(post, fromFront: false);
    }

    /// <summary>The answer that should have described the post did not.</summary>
    /// <param name="post">The post.</param>
    /// <param name="at">When the answer arrived.</param>
    /// <param name="suspect">The answer left out everything it was asked for.</param>
    /// <returns>Whether it is gone for good.</returns>
    public bool Missed(FollowedPost post, DateTimeOffset at, bool suspect)
    {
        if (post.Misses == 0)
            post.MissingSince = at.UtcTicks;
        post.Misses = (byte)Math.Min(post.Misses + 1, byte.MaxValue);
        return post.Misses >= MissesAllowed && (!suspect || at.UtcTicks - post.MissingSince >= _cadence.MassAbsence.Ticks);
    }

    /// <summary>
    /// A post that was left out is asked for again after its usual interval, and not of an older tier than before: the second look decides
    /// whether its content must go.
    /// </summary>
    public void LookAgain(FollowedPost post, DateTimeOffset at)
    {
        post.InFlight = false;
        post.Queue?.Remove(post);
        post.ObservedAt = at.UtcTicks;
        Enqueue(post, fromFront: false);
    }

    /// <summary>Puts back a post of a batch that came to nothing; it is as overdue as before.</summary>
    public void Return(FollowedPost post)
    {
        if (!post.InFlight)
            return;
        post.InFlight = false;
        Enqueue(post, fromFront: true);
    }

    public void Forget(FollowedPost post)
    {
        _posts.Remove(post.Id);
        post.Queue?.Remove(post);
        post.Class = null;
    }

    /// <summary>When the next batch is due; null: none is to come.</summary>
    public DateTimeOffset? NextBatchAt()
    {
        long? next = null;
        foreach (var @class in _classes)
        {
            if (Deadline(@class) is { } deadline && !(next <= deadline))
                next = deadline;
        }

        return next is { } ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
    }

    /// <summary>The most urgent posts among those that may be refreshed now. They are in flight until observed, missed or returned.</summary>
    public List<string> TakeBatch(DateTimeOffset now, int size)
    {
        var batch = new List<string>(size);
        while (batch.Count < size && MostUrgent(now) is { First: { } post } @class)
        {
            @class.Remove(post);
            post.InFlight = true;
            batch.Add(post.Id);
        }

        return batch;
    }

    /// <summary>Forgets the posts that have become too old.</summary>
    /// <param name="now">The time.</param>
    /// <param name="expired">Called for each.</param>
    public void Expire(DateTimeOffset now, Action<FollowedPost> expired)
    {
        while (_expiring.TryPeek(out var id, out var at) && at <= now.UtcTicks)
        {
            _expiring.Dequeue();
            if (!_posts.TryGetValue(id, out var post))
                continue;
            Forget(post);
            expired(post);
        }
    }

    /// <summary>The clock was set back: what was observed after <paramref name="now"/> is due again as if it had been observed now.</summary>
    public void StepBack(DateTimeOffset now)
    {
        // Keeps each class in the order of its observations.
        foreach (var post in _posts.Values)
            (post.ObservedAt, post.MissingSince) = (Math.Min(post.ObservedAt, now.UtcTicks), Math.Min(post.MissingSince, now.UtcTicks));
    }

    /// <summary>How many posts have used up their slack.</summary>
    public int CountOverdue(DateTimeOffset now)
    {
        var overdue = 0;
        foreach (var @class in _classes)
        {
            var latest = (now - @class.Interval - @class.Slack).UtcTicks;
            for (var post = @class.First; post is not null && post.ObservedAt < latest; post = post.Next)
                overdue++;
        }

        return overdue;
    }

    /// <summary>
    /// Divides what the quota allows: every class gets an eighth of what it needs, or as much of that as there is; the rest fills the classes
    /// from the youngest and liveliest on. So a smaller quota first makes the oldest and quietest posts wait longer.
    /// </summary>
    /// <param name="postsPerHour">How many posts the requests that are left can refresh.</param>
    public void Fit(double postsPerHour)
    {
        var floor = _classes.Sum(@class => @class.DemandPerHour) / LongestStretch;
        var share = floor > postsPerHour && floor > 0 ? Math.Max(postsPerHour, 1) / floor : 1;
        var left = Math.Max(0, postsPerHour - floor * share);
        foreach (var @class in _classes)
        {
            if (@class.Count == 0)
            {
                @class.Stretch = 1;
                continue;
            }

            var least = @class.DemandPerHour / LongestStretch * share;
            var more = Math.Clamp(@class.DemandPerHour - least, 0, left);
            left -= more;
            @class.Stretch = Math.Max(1, @class.DemandPerHour / (least + more));
        }
    }

    private RefreshClass? MostUrgent(DateTimeOffset now)
    {
        RefreshClass? urgent = null;
        var earliest = long.MaxValue;
        foreach (var @class in _classes)
        {
            // Refreshable from a slack before its due time, which is two before its deadline.
            if (Deadline(@class) is { } deadline && deadline < earliest && deadline - 2 * @class.Slack.Ticks <= now.UtcTicks)
                (urgent, earliest) = (@class, deadline);
        }

        return urgent;
    }

    private static long? Deadline(RefreshClass @class) =>
        @class.First is { } post ? post.ObservedAt + @class.Interval.Ticks + @class.Slack.Ticks : null;

    private void Enqueue(FollowedPost post, bool fromFront)
    {
        // What will be too old by then stays known until it expires, but is not refreshed again; the sweep takes over.
        if (post.Class is not { } @class || post.ObservedAt + @class.FullInterval.Ticks - post.CreatedAt.UtcTicks >= _cadence.Horizon.Ticks)
            return;
        if (fromFront)
            @class.AddFromFront(post);
        else
            @class.Add(post);
    }
}
