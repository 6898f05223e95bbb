using System.Collections.Concurrent;
using SignalFlow.RedditSimulator.Text;

namespace SignalFlow.RedditSimulator.World;

/// <summary>A world that is made up as it is asked for: every valid subreddit name exists, its posts follow from seed and name.</summary>
internal sealed class SyntheticWorld : SimulatedWorld
{
    /// <summary>Names beyond the table are remembered to resolve their posts' ids, so there must be an end to them.</summary>
    private const int MostSubreddits = 20_000;

    /// <summary>The posts of a burst are up to this old, most of them young.</summary>
    private static readonly TimeSpan BurstReach = TimeSpan.FromHours(12);

    private static readonly TimeSpan HiddenScore = TimeSpan.FromHours(1);

    private readonly ulong _seed;
    private readonly SubredditTable _known;
    private readonly ClockFile? _state;
    private readonly TimeSpan _oldest;
    private readonly Lock _adding = new();
    private readonly ConcurrentDictionary<string, SubredditStream> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<uint, SubredditStream> _byId = new();
    private readonly SubredditStream[] _table;
    private readonly PostWriter _writer = new();

    public SyntheticWorld(int seed, double backfillHours, ClockFile? state = null, SubredditTable? table = null)
    {
        _seed = SplitMix64.Mix(0x5EED, unchecked((ulong)seed));
        _state = state;
        _known = table ?? SubredditTable.Shipped;
        _oldest = -TimeSpan.FromHours(state?.BackfillHours ?? backfillHours);
        _table = [.. _known.Entries.Select(Add)];
        Subreddits = [.. _table.Select(stream => stream.Name)];
        foreach (var name in state?.AskedFor ?? [])
            Add(_known.For(name));
        foreach (var burst in state?.Bursts ?? [])
            Apply(burst);
    }

    public override IReadOnlyList<string> Subreddits { get; }

    public override SubredditStream? Find(string name)
    {
        if (_byName.TryGetValue(name, out var known))
            return known;

        if (!Subreddit.Exists(name))
            return null;

        lock (_adding)
        {
            if (_byName.TryGetValue(name, out known))
                return known;

            if (_byName.Count >= MostSubreddits)
                return null;

            // On disk before any of its posts is served: their ids must resolve after a restart.
            _state?.Add(name);
            return Add(_known.For(name));
        }
    }

    public override IEnumerable<PostKey> NewestFirst(IReadOnlyList<Subreddit>? subreddits, TimeSpan now)
    {
        var streams = subreddits ?? _table;
        return streams.Count == 1
            ? Listing((SubredditStream)streams[0], now)
            : Merge(streams.Select(stream => Listing((SubredditStream)stream, now)));
    }

    /// <summary>Adds posts that listings show from now on, with the votes of their age. They outlive the process like all others.</summary>
    /// <returns>Over how many subreddits they are spread.</returns>
    public int Add(PostBurst burst)
    {
        lock (_adding)
        {
            // On disk before any of its posts is served.
            _state?.Add(burst);
            return Apply(burst);
        }
    }

    public override PostKey? Find(ReadOnlySpan<char> id, TimeSpan now)
    {
        if (!PostId.TryParse(id, out var streamId, out var index) || !_byId.TryGetValue(streamId, out var stream)
            || index >= SubredditStream.FirstOfBursts + stream.InBursts)
            return null;

        var post = stream.PostAt(index);
        if (index < SubredditStream.FirstOfBursts && post.Created < _oldest || post.Visible > now)
            return null;

        var fate = stream.FateOf(index);
        return fate.Vanishes && fate.GoneAt(post.Created) <= now ? null : post;
    }

    public override PostSnapshot Describe(PostKey post, TimeSpan now)
    {
        var stream = (SubredditStream)post.Subreddit;
        var key = stream.KeyOf(post.Index);
        var written = _writer.Write(SplitMix64.Mix(key, "text"), stream.Topic);
        var id = PostId.Format(stream.Id, post.Index);
        var fate = stream.FateOf(post.Index);
        var gone = fate.GoneAt(post.Created) <= now;
        // Nobody votes on what is gone.
        var age = (gone ? fate.GoneAt(post.Created) : now) - post.Created;
        var (score, comments, ratio) = new Growth(SplitMix64.Mix(key, "growth"), stream.Audience).At(age);
        var hidden = stream.HidesScores && age < HiddenScore;
        return new PostSnapshot
        {
            Key = post,
            Id = id,
            Title = written.Title,
            SelfText = !gone ? written.Body : fate.Category == "deleted" ? "[deleted]" : "[removed]",
            Author = gone && fate.Category != "moderator" ? "[deleted]" : written.Author,
            Score = hidden ? 1 : score,
            Comments = comments,
            Ratio = ratio,
            IsSelf = written.Link is null,
            Permalink = Permalinks.Of(stream.Name, id, written.Title),
            Link = written.Link,
            Flair = written.Flair,
            HideScore = hidden,
            RemovedByCategory = gone ? fate.Category : null,
        };
    }

    public override long CountUntil(TimeSpan now) =>
        _byId.Values.Sum(stream => Math.Max(0, stream.CountUntil(now) - stream.CountUntil(_oldest)) + stream.InBursts);

    private IEnumerable<PostKey> Listing(SubredditStream stream, TimeSpan now)
    {
        var posts = stream.NewestFirst(now, _oldest);
        return stream.InBursts == 0 ? posts : Merge([posts, stream.OfBurstsNewestFirst(now)]);
    }

    private int Apply(PostBurst burst)
    {
        var random = new SplitMix64(SplitMix64.Mix(_seed, (ulong)burst.At.Ticks));
        var streams = new HashSet<SubredditStream>();
        for (var i = 0; i < burst.Count; i++)
        {
            var stream = _table[(int)(random.NextFraction() * _table.Length)];
            stream.AddOfBurst(burst.At - BurstReach * Math.Pow(random.NextFraction(), 2), burst.At);
            streams.Add(stream);
        }

        return streams.Count;
    }

    private SubredditStream Add(SubredditEntry entry)
    {
        var key = SplitMix64.Mix(_seed, entry.Name.ToLowerInvariant());
        var id = (uint)(key >> (64 - PostId.StreamBits));
        // Two names on one number are unlikely, not impossible; names are added in the same order in every run.
        while (id == 0 || _byId.ContainsKey(id))
            id = (id + 1) & ((1u << PostId.StreamBits) - 1);

        var stream = new SubredditStream(entry, key, id);
        _byId[id] = stream;
        _byName[entry.Name] = stream;
        return stream;
    }
}
