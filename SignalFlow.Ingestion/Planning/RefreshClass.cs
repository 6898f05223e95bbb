namespace SignalFlow.Ingestion.Planning;

/// <summary>
/// The posts of one tier that are alike in whether anything happens to them, in the order of their last observation: a linked list through
/// the posts themselves, so that an observation moves a post in constant time and leaves nothing behind.
/// </summary>
internal sealed class RefreshClass(RefreshTier tier)
{
    public TimeSpan FullInterval => tier.Interval;

    /// <summary>Factor on the tier's interval while the quota is not enough for all.</summary>
    public double Stretch { get; set; } = 1;

    public TimeSpan Interval => tier.Interval * Stretch;

    public TimeSpan Slack => tier.Slack * Stretch;

    public int Count { get; private set; }

    public FollowedPost? First { get; private set; }

    private FollowedPost? Last { get; set; }

    /// <summary>Posts per hour that keep to the full interval.</summary>
    public double DemandPerHour => Count / tier.Interval.TotalHours;

    public void Add(FollowedPost post)
    {
        // Observations come in order, but for posts of requests that came to nothing.
        var before = Last;
        while (before is not null && before.ObservedAt > post.ObservedAt)
            before = before.Previous;
        Insert(post, before);
    }

    /// <summary>Like <see cref="Add"/>, for a post that belongs near the front.</summary>
    public void AddFromFront(FollowedPost post)
    {
        var next = First;
        while (next is not null && next.ObservedAt < post.ObservedAt)
            next = next.Next;
        Insert(post, next is null ? Last : next.Previous);
    }

    public void Remove(FollowedPost post)
    {
        if (post.Previous is { } previous)
            previous.Next = post.Next;
        else
            First = post.Next;
        if (post.Next is { } next)
            next.Previous = post.Previous;
        else
            Last = post.Previous;
        (post.Previous, post.Next, post.Queue) = (null, null, null);
        Count--;
    }

    private void Insert(FollowedPost post, FollowedPost? before)
    {
        var after = before is null ? First : before.Next;
        (post.Previous, post.Next, post.Queue) = (before, after, this);
        if (before is null)
            First = post;
        else
            before.Next = post;
        if (after is null)
            Last = post;
        else
            after.Previous = post;
        Count++;
    }
}

/// <summary>A post that is refreshed. Half a million of them are held, so times are ticks and nothing is kept twice.</summary>
internal sealed class FollowedPost(string id, string subreddit, DateTimeOffset createdAt, DateTimeOffset firstSeen)
{
    private readonly long _created = createdAt.UtcTicks;
    private readonly long _firstSeen = firstSeen.UtcTicks;

    public string Id => id;
    public string Subreddit => subreddit;
    public DateTimeOffset CreatedAt => new(_created, TimeSpan.Zero);
    public DateTimeOffset FirstSeen => new(_firstSeen, TimeSpan.Zero);

    /// <summary>UTC ticks of the newest observation.</summary>
    public long ObservedAt { get; set; }

    /// <summary>UTC ticks of the first of the answers that left it out, one after the other.</summary>
    public long MissingSince { get; set; }

    public int Score { get; set; }
    public int Comments { get; set; }
    public byte Misses { get; set; }
    public bool InFlight { get; set; }

    /// <summary>Where it belongs; null: it is not refreshed again.</summary>
    public RefreshClass? Class { get; set; }

    /// <summary>The list it stands in; null while it is in flight.</summary>
    public RefreshClass? Queue { get; set; }

    public FollowedPost? Previous { get; set; }
    public FollowedPost? Next { get; set; }
}
