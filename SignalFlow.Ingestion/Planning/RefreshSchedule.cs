namespace SignalFlow.Ingestion.Planning;

/// <summary>
/// The posts that are young enough to be refreshed and when each is due. A post belongs to the tier of the age at which it was last
/// observed. A batch is due when its first post has used up its slack, and takes along whatever may already be refreshed.
/// </summary>
internal sealed class RefreshSchedule(Cadence cadence)
{
    /// <summary>A post that is missing from this many answers in a row is given up.</summary>
    public const int MissesAllowed = 3;

    private readonly Dictionary<string, Post> _posts = [];

    // One queue a tier: within it the slack is the same for all, so the order by due time is the order by urgency. A ticket whose
    // version is not its post's any more is skipped when it comes up.
    private readonly PriorityQueue<Ticket, DateTimeOffset>[] _tiers =
        [.. cadence.RefreshTiers.Select(_ => new PriorityQueue<Ticket, DateTimeOffset>())];

    private readonly PriorityQueue<string, DateTimeOffset> _expiring = new();

    public int Count => _posts.Count;

    public bool Contains(string id) => _posts.ContainsKey(id);

    /// <summary>Notes an observation: the first one starts the tracking, later ones move the due time.</summary>
    public void Observed(string id, DateTimeOffset createdAt, DateTimeOffset observedAt)
    {
        if (!_posts.TryGetValue(id, out var post))
        {
            // A clock ahead of ours must not keep a post for ever.
            var created = createdAt < observedAt ? createdAt : observedAt;
            if (observedAt - created >= cadence.Horizon)
                return;
            _posts.Add(id, post = new Post(id, created));
            // Not before a refresh that is due within the horizon has used up its slack.
            _expiring.Enqueue(id, created + cadence.Horizon + cadence.RefreshTiers[^1].Slack);
        }

        post.Misses = 0;
        Schedule(post, observedAt);
    }

    /// <summary>The answer that should have described the post did not.</summary>
    /// <returns>Whether the post has been given up.</returns>
    public bool Missed(string id, DateTimeOffset at)
    {
        if (!_posts.TryGetValue(id, out var post))
            return false;
        if (++post.Misses >= MissesAllowed)
            return Forget(id);
        Schedule(post, at);
        return false;
    }

    /// <summary>Puts back posts of a batch that came to nothing; they are as overdue as before.</summary>
    public void Return(IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            if (_posts.TryGetValue(id, out var post) && post.InFlight)
                Enqueue(post);
        }
    }

    /// <summary>When the next batch is due; null: none is to come.</summary>
    public DateTimeOffset? NextBatchAt()
    {
        DateTimeOffset? next = null;
        for (var tier = 0; tier < _tiers.Length; tier++)
        {
            if (DeadlineOf(tier) is { } deadline && (next is null || deadline < next))
                next = deadline;
        }

        return next;
    }

    /// <summary>The most urgent posts among those that may be refreshed now. They are in flight until observed, missed or returned.</summary>
    public List<string> TakeBatch(DateTimeOffset now, int size)
    {
        var batch = new List<string>();
        while (batch.Count < size && MostUrgentTier(now) is { } tier)
        {
            var post = _tiers[tier].Dequeue().Post;
            post.Version++;
            post.InFlight = true;
            batch.Add(post.Id);
        }

        return batch;
    }

    /// <summary>Forgets the posts that have become too old.</summary>
    public void Expire(DateTimeOffset now)
    {
        while (_expiring.TryPeek(out var id, out var at) && at <= now)
        {
            _expiring.Dequeue();
            Forget(id);
        }
    }

    /// <summary>How many posts have used up their slack.</summary>
    public int CountOverdue(DateTimeOffset now)
    {
        var overdue = 0;
        for (var tier = 0; tier < _tiers.Length; tier++)
        {
            var latest = now - cadence.RefreshTiers[tier].Slack;
            foreach (var (ticket, due) in _tiers[tier].UnorderedItems)
            {
                if (due < latest && ticket.IsValid)
                    overdue++;
            }
        }

        return overdue;
    }

    private int? MostUrgentTier(DateTimeOffset now)
    {
        int? urgent = null;
        var earliest = DateTimeOffset.MaxValue;
        for (var tier = 0; tier < _tiers.Length; tier++)
        {
            // Refreshable from a slack before its due time, which is two before its deadline.
            if (DeadlineOf(tier) is { } deadline && deadline < earliest && deadline - 2 * cadence.RefreshTiers[tier].Slack <= now)
                (urgent, earliest) = (tier, deadline);
        }

        return urgent;
    }

    private DateTimeOffset? DeadlineOf(int tier)
    {
        var queue = _tiers[tier];
        while (queue.TryPeek(out var ticket, out var due))
        {
            if (ticket.IsValid)
                return due + cadence.RefreshTiers[tier].Slack;
            queue.Dequeue();
        }

        return null;
    }

    private void Schedule(Post post, DateTimeOffset observedAt)
    {
        post.Tier = cadence.TierAt(observedAt - post.CreatedAt) ?? -1;
        post.Due = post.Tier < 0 ? DateTimeOffset.MaxValue : observedAt + cadence.RefreshTiers[post.Tier].Interval;
        Enqueue(post);
    }

    private void Enqueue(Post post)
    {
        post.InFlight = false;
        post.Version++;
        // What will be too old by then stays known until it expires, but is not refreshed again.
        if (post.Tier >= 0 && post.Due - post.CreatedAt < cadence.Horizon)
            _tiers[post.Tier].Enqueue(new Ticket(post, post.Version), post.Due);
    }

    private bool Forget(string id)
    {
        if (!_posts.Remove(id, out var post))
            return false;
        post.Version++;
        return true;
    }

    private sealed class Post(string id, DateTimeOffset createdAt)
    {
        public string Id => id;
        public DateTimeOffset CreatedAt => createdAt;
        public DateTimeOffset Due { get; set; }
        public int Tier { get; set; }
        public int Misses { get; set; }
        public int Version { get; set; }
        public bool InFlight { get; set; }
    }

    private readonly record struct Ticket(Post Post, int Version)
    {
        public bool IsValid => Post.Version == Version;
    }
}
