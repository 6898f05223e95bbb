namespace SignalFlow.RedditSimulator.World;

/// <summary>
/// The posts of one synthetic subreddit: the k-th post, its creation, the moment it becomes visible and the moment it goes are pure
/// functions of the stream's key and k. Nothing is kept per post.
/// </summary>
internal sealed class SubredditStream : Subreddit
{
    /// <summary>Longest wait of a post for a moderator's approval; until then posts are visible in the order of their creation.</summary>
    private static readonly TimeSpan LongestApproval = TimeSpan.FromMinutes(30);

    /// <summary>Arrivals are drawn independently within blocks of this many: bursts and lulls as in a Poisson process, in constant time.</summary>
    private const int Block = 8;

    private const double LateShare = 0.015;
    private const double GoneShare = 0.06;

    /// <summary>Of what Reddit itself removes; the rest is still there by id, as removed.</summary>
    private const double VanishingShare = 0.5;

    private readonly ulong _key;
    private readonly double _postsPerHour;

    public SubredditStream(SubredditEntry entry, ulong key, uint id)
        : base(entry.Name, $"t5_{PostId.ToBase36(id)}", SubscribersOf(entry, key))
    {
        _key = key;
        _postsPerHour = entry.PostsPerHour;
        Id = id;
        Topic = entry.Topic;
        Audience = Math.Clamp(Math.Sqrt(entry.PostsPerHour / 6), 0.5, 4);
        HidesScores = SplitMix64.Fraction(SplitMix64.Mix(key, "hides scores")) < 0.3;
    }

    public uint Id { get; }

    public string Topic { get; }

    /// <summary>Factor on the votes of this subreddit's posts.</summary>
    public double Audience { get; }

    /// <summary>Shows no score in a post's first hour.</summary>
    public bool HidesScores { get; }

    public ulong KeyOf(long index) => SplitMix64.Mix(_key, (ulong)index);

    /// <summary>The number of posts created up to an instant.</summary>
    public long CountUntil(TimeSpan instant)
    {
        if (instant < DailyRhythm.Origin)
            return 0;

        // The integral and its inverse round differently; starting one block late and walking back is exact all the same.
        var index = ((long)(DailyRhythm.BusyHours(instant) * _postsPerHour / Block) + 2) * Block - 1;
        while (index >= 0 && CreatedAt(index) > instant)
            index--;

        return Math.Min(index + 1, PostId.MaxIndex + 1);
    }

    public TimeSpan CreatedAt(long index)
    {
        Span<TimeSpan> block = stackalloc TimeSpan[Block];
        Arrivals(index / Block, block);
        return block[(int)(index % Block)];
    }

    public PostKey PostAt(long index)
    {
        var created = CreatedAt(index);
        return new PostKey(this, index, created, created + ApprovalOf(index));
    }

    /// <summary>The visible posts, the last approved first.</summary>
    public IEnumerable<PostKey> NewestFirst(TimeSpan now, TimeSpan oldest)
    {
        // Posts are walked by creation and leave in the order of their approval: one is due when no post further down can be later.
        var waiting = new PriorityQueue<PostKey, PostKey>(NewestFirstOrder.Instance);
        for (var index = CountUntil(now) - 1; index >= 0; index--)
        {
            var post = PostAt(index);
            if (post.Created < oldest)
                break;

            while (waiting.TryPeek(out var next, out _) && next.Visible >= post.Created + LongestApproval)
                yield return waiting.Dequeue();

            if (post.Visible <= now && FateOf(index).GoneAt(post.Created) > now)
                waiting.Enqueue(post, post);
        }

        while (waiting.TryDequeue(out var post, out _))
            yield return post;
    }

    public Fate FateOf(long index)
    {
        var random = new SplitMix64(SplitMix64.Mix(KeyOf(index), "fate"));
        var draw = random.NextFraction();
        if (draw >= GoneShare)
            return Fate.Stays;

        // Log-uniform between two minutes and a day: most removals are quick, deletions can take hours.
        var age = TimeSpan.FromMinutes(2 * Math.Pow(720, random.NextFraction()));
        return draw switch
        {
            < 0.035 => new Fate("moderator", age),
            < 0.055 => new Fate("deleted", age),
            _ => new Fate("reddit", age, Vanishes: random.NextFraction() < VanishingShare),
        };
    }

    private static int SubscribersOf(SubredditEntry entry, ulong key) =>
        900 + (int)(1_500 * entry.PostsPerHour * Math.Exp(4 * SplitMix64.Fraction(SplitMix64.Mix(key, "subscribers"))));

    private TimeSpan ApprovalOf(long index)
    {
        var random = new SplitMix64(SplitMix64.Mix(KeyOf(index), "approval"));
        return random.NextFraction() < LateShare ? LongestApproval * random.NextBetween(1 / 30.0, 1) : TimeSpan.Zero;
    }

    private void Arrivals(long block, Span<TimeSpan> arrivals)
    {
        var random = new SplitMix64(SplitMix64.Mix(SplitMix64.Mix(_key, "arrivals"), (ulong)block));
        for (var i = 0; i < Block; i++)
            arrivals[i] = DailyRhythm.At((block + random.NextFraction()) * Block / _postsPerHour);

        arrivals.Sort();
    }
}
