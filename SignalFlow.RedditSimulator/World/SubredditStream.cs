using System.Collections.Immutable;

namespace SignalFlow.RedditSimulator.World;

/// <summary>
/// The posts of one synthetic subreddit: the k-th post, its creation, the moment it becomes visible and the moment it goes are pure
/// functions of the stream's key and k. Nothing is kept per post.
/// </summary>
internal sealed class SubredditStream : Subreddit
{
    /// <summary>Posts of bursts have the indexes from here on, which no stream reaches by itself.</summary>
    public const long FirstOfBursts = 1L << (PostId.IndexBits - 1);

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
    private ImmutableArray<PostKey> _ofBursts = [];

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

    /// <summary>Posts that came with bursts so far, whenever they were created.</summary>
    public int InBursts => _ofBursts.Length;

    public ulong KeyOf(long index) => SplitMix64.Mix(_key, (ulong)index);

    /// <summary>The number of posts created up to an instant.</summary>
    public long CountUntil(TimeSpan instant)
    {
        if (instant < DailyRhythm.Origin)
            return 0;

        // The integral and its inverse round differently; starting one block late and walking back is exact all the same.
        Span<TimeSpan> arrivals = stackalloc TimeSpan[Block];
        for (var block = (long)(DailyRhythm.BusyHours(instant) * _postsPerHour / Block) + 1; block >= 0; block--)
        {
            Arrivals(block, arrivals);
            for (var i = Block - 1; i >= 0; i--)
            {
                if (arrivals[i] <= instant)
                    return Math.Min(block * Block + i + 1, FirstOfBursts);
            }
        }

        return 0;
    }

    public TimeSpan CreatedAt(long index)
    {
        Span<TimeSpan> block = stackalloc TimeSpan[Block];
        Arrivals(index / Block, block);
        return block[(int)(index % Block)];
    }

    /// <param name="index">Below <see cref="FirstOfBursts"/> plus <see cref="InBursts"/>.</param>
    public PostKey PostAt(long index)
    {
        if (index >= FirstOfBursts)
            return _ofBursts[(int)(index - FirstOfBursts)];

        var created = CreatedAt(index);
        return new PostKey(this, index, created, created + ApprovalOf(index));
    }

    /// <summary>Adds the next post of a burst. One caller at a time; readers may read meanwhile.</summary>
    /// <param name="created">Simulated instant of its creation.</param>
    /// <param name="visible">From when listings show it; not before that of an earlier burst.</param>
    public void AddOfBurst(TimeSpan created, TimeSpan visible) =>
        _ofBursts = _ofBursts.Add(new PostKey(this, FirstOfBursts + _ofBursts.Length, created, visible));

    /// <summary>The visible posts of bursts, the last approved first.</summary>
    public IEnumerable<PostKey> OfBurstsNewestFirst(TimeSpan now) => _ofBursts.Reverse().Where(post => post.Visible <= now);

    /// <summary>The visible posts but those of bursts, the last approved first.</summary>
    public IEnumerable<PostKey> NewestFirst(TimeSpan now, TimeSpan oldest)
    {
        // Posts are walked by creation and leave in the order of their approval: one is due when no post further down can be later.
        var waiting = new ApprovalOrder();
        var arrivals = new TimeSpan[Block];
        var block = -1L;
        for (var index = CountUntil(now) - 1; index >= 0; index--)
        {
            if (index / Block != block)
                Arrivals(block = index / Block, arrivals);

            var created = arrivals[index % Block];
            if (created < oldest)
                break;

            while (waiting.TryTake(created + LongestApproval, out var next))
                yield return next;

            var post = new PostKey(this, index, created, created + ApprovalOf(index));
            if (post.Visible <= now && FateOf(index).GoneAt(created) > now)
                waiting.Add(post);
        }

        while (waiting.TryTake(TimeSpan.MinValue, out var post))
            yield return post;
    }

    public Fate FateOf(long index)
    {
        // Whoever asks for a number of posts gets them.
        if (index >= FirstOfBursts)
            return Fate.Stays;

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

    /// <summary>
    /// Posts that come by creation, the newest first, and go by approval. Most are approved at once and so come in the order in which they
    /// go; only the others are sorted.
    /// </summary>
    private sealed class ApprovalOrder
    {
        private readonly Queue<PostKey> _atOnce = new();
        private readonly PriorityQueue<PostKey, PostKey> _late = new(NewestFirstOrder.Instance);

        public void Add(PostKey post)
        {
            if (post.Visible == post.Created)
                _atOnce.Enqueue(post);
            else
                _late.Enqueue(post, post);
        }

        /// <summary>The next one, if it became visible at <paramref name="from"/> or later.</summary>
        public bool TryTake(TimeSpan from, out PostKey post)
        {
            if (_late.TryPeek(out var late, out _) && (!_atOnce.TryPeek(out post) || NewestFirstOrder.Instance.Compare(late, post) < 0))
            {
                post = late;
                return post.Visible >= from && _late.TryDequeue(out _, out _);
            }

            return _atOnce.TryPeek(out post) && post.Visible >= from && _atOnce.TryDequeue(out _);
        }
    }
}
