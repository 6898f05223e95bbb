using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator.Corpus;

/// <summary>
/// Replays a corpus: its posts in file order, one each 1/rate simulated second from the world's start. Scores grow from 1 to the
/// recorded ones and reach them within <see cref="LongestGrowth"/>; nothing is removed or deleted that the recording does not show so.
/// </summary>
internal sealed class CorpusWorld : SimulatedWorld
{
    public static readonly TimeSpan LongestGrowth = TimeSpan.FromHours(4);

    private readonly CorpusFile _corpus;
    private readonly ulong _seed;
    private readonly double _ticksPerPost;
    private readonly Dictionary<string, int> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Subreddit[] _subreddits;
    // Positions of each subreddit's posts in the corpus, ascending.
    private readonly int[][] _positions;

    public CorpusWorld(CorpusFile corpus, double rate, int seed)
    {
        _corpus = corpus;
        _seed = SplitMix64.Mix(0xC0, unchecked((ulong)seed));
        _ticksPerPost = TimeSpan.TicksPerSecond / rate;
        var positions = corpus.Subreddits.Select(_ => new List<int>()).ToArray();
        for (var i = 0; i < corpus.Posts.Count; i++)
            positions[corpus.Posts[i].Subreddit].Add(i);

        _positions = [.. positions.Select(list => list.ToArray())];
        _subreddits = [.. corpus.Subreddits.Select((name, i) => Named(name, 1_000 * (positions[i].Count + 1)))];
        for (var i = 0; i < _subreddits.Length; i++)
            _byName.Add(_subreddits[i].Name, i);
    }

    public override IReadOnlyList<string> Subreddits => _corpus.Subreddits;

    public override Subreddit? Find(string name) =>
        _byName.TryGetValue(name, out var index) ? _subreddits[index] : Subreddit.Exists(name) ? Named(name, 1) : null;

    public override IEnumerable<PostKey> NewestFirst(IReadOnlyList<Subreddit>? subreddits, TimeSpan now)
    {
        var count = (int)CountUntil(now);
        return subreddits switch
        {
            null => Enumerable.Range(0, count).Reverse().Select(PostAt),
            [var one] => NewestFirst(one, count),
            _ => Merge(subreddits.Select(subreddit => NewestFirst(subreddit, count))),
        };
    }

    public override PostKey? Find(ReadOnlySpan<char> id, TimeSpan now) =>
        _corpus.ById.TryGetValue(id.ToString(), out var position) && position < CountUntil(now) ? PostAt(position) : null;

    public override PostSnapshot Describe(PostKey post, TimeSpan now)
    {
        var recorded = _corpus.Posts[(int)post.Index];
        var key = SplitMix64.Mix(_seed, (ulong)post.Index);
        var (score, comments) = Grown(recorded, key, now - post.Created);
        var permalink = recorded.Permalink ?? $"/r/{post.Subreddit.Name}/comments/{recorded.Id}/";
        var self = recorded.Url is null || recorded.Url.EndsWith(permalink, StringComparison.Ordinal);
        return new PostSnapshot
        {
            Key = post,
            Id = recorded.Id,
            Title = PostText.FromJson(recorded.TitleJson),
            SelfText = PostText.FromJson(recorded.SelfTextJson),
            Author = recorded.Author,
            Score = score,
            Comments = comments,
            Ratio = recorded.Ratio is { } ratio ? Math.Round(ratio, 2) : Math.Round(0.7 + 0.3 * SplitMix64.Fraction(key), 2),
            IsSelf = self,
            Permalink = permalink,
            Link = self ? null : recorded.Url,
            Over18 = recorded.Over18,
        };
    }

    public override long CountUntil(TimeSpan now)
    {
        if (now < TimeSpan.Zero)
            return 0;

        var count = Math.Min(_corpus.Posts.Count, (long)(now.Ticks / _ticksPerPost) + 1);
        // CreatedAt rounds; a post counts from exactly its own instant.
        while (count > 0 && CreatedAt(count - 1) > now)
            count--;

        return count;
    }

    /// <summary>Exponential approach that is cut to end exactly at the recorded numbers; steps go down a little now and then, not at the end.</summary>
    private static (int Score, int Comments) Grown(CorpusPost recorded, ulong key, TimeSpan age)
    {
        var random = new SplitMix64(key);
        var part = age / (LongestGrowth * random.NextBetween(0.3, 1));
        if (part >= 1)
            return (recorded.Score, recorded.Comments);

        var grown = (1 - Math.Exp(-3 * Math.Max(0, part))) / (1 - Math.Exp(-3));
        var fuzz = new SplitMix64(SplitMix64.Mix(key, (ulong)(age.Ticks / TimeSpan.TicksPerMinute)));
        var drop = fuzz.NextFraction() < 0.2 ? 1 + (int)(0.02 * recorded.Score * fuzz.NextFraction()) : 0;
        var score = (int)Math.Round(1 + (recorded.Score - 1) * grown) - drop;
        return (Math.Max(0, score), (int)(recorded.Comments * grown));
    }

    private IEnumerable<PostKey> NewestFirst(Subreddit subreddit, int count)
    {
        if (!_byName.TryGetValue(subreddit.Name, out var index))
            yield break;

        var positions = _positions[index];
        var upto = Array.BinarySearch(positions, count);
        for (var i = (upto < 0 ? ~upto : upto) - 1; i >= 0; i--)
            yield return PostAt(positions[i]);
    }

    private PostKey PostAt(int position)
    {
        var created = CreatedAt(position);
        return new PostKey(_subreddits[_corpus.Posts[position].Subreddit], position, created, created);
    }

    private TimeSpan CreatedAt(long position) => TimeSpan.FromTicks((long)(position * _ticksPerPost));

    private static Subreddit Named(string name, int subscribers) =>
        new(name, $"t5_{PostId.ToBase36((long)(SplitMix64.Mix(0, name.ToLowerInvariant()) >> 34))}", subscribers);
}
