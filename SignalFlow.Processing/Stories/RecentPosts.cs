namespace SignalFlow.Processing.Stories;

/// <summary>
/// The posts of the last 48 hours, at most <c>capacity</c> of them, as parallel arrays: what is kept of a post is some 150 bytes, whatever its title.
/// A post is named by its place in the stream.
/// </summary>
/// <param name="capacity">A power of two.</param>
internal sealed class RecentPosts(int capacity)
{
    public static readonly TimeSpan Window = TimeSpan.FromHours(48);

    private readonly byte[] _sketches = new byte[capacity * TitleSketch.Hashes];
    private readonly uint[] _words = new uint[capacity * StoryTitle.MaxWords];
    private readonly Entry[] _entries = new Entry[capacity];
    private readonly Dictionary<ulong, int> _byId = [];
    private readonly Dictionary<ulong, int> _byLink = [];
    private int _first;

    /// <summary>Posts so far; the number of the next one.</summary>
    public int Next { get; private set; }

    public int Count => Next - _first;

    public Story StoryOf(int post) => _entries[Slot(post)].Story!.Current;

    public StoryEvidence EvidenceOf(int post) => _entries[Slot(post)].Evidence;

    /// <summary>Null where the title was too short for one.</summary>
    public ReadOnlySpan<byte> SketchOf(int post) =>
        _entries[Slot(post)].HasSketch ? _sketches.AsSpan(Slot(post) * TitleSketch.Hashes, TitleSketch.Hashes) : default;

    public uint NumbersOf(int post) => _entries[Slot(post)].Numbers;

    public bool Holds(int post) => post >= _first && post < Next;

    public int? FindById(ulong id) => _byId.TryGetValue(id, out var post) ? post : null;

    /// <summary>The last post with that link.</summary>
    public int? FindByLink(ulong link) => _byLink.TryGetValue(link, out var post) ? post : null;

    /// <summary>Forgets what is older than 48 hours, and the oldest post where there would be no room for another.</summary>
    public void MakeRoom(DateTimeOffset now, WordFrequencies frequencies)
    {
        while (Count > 0 && (Count == capacity || now - _entries[Slot(_first)].At > Window))
        {
            ref var entry = ref _entries[Slot(_first)];
            frequencies.Remove(WordsOf(_first));
            Forget(_byId, entry.Id);
            Forget(_byLink, entry.Link);
            entry = default;
            _first++;
        }
    }

    public void Add(in Entry entry, ReadOnlySpan<StoryWord> words, ReadOnlySpan<byte> sketch)
    {
        var slot = Slot(Next);
        _entries[slot] = entry with { WordCount = words.Length, HasSketch = !sketch.IsEmpty };
        sketch.CopyTo(_sketches.AsSpan(slot * TitleSketch.Hashes));
        for (var i = 0; i < words.Length; i++)
            _words[(slot * StoryTitle.MaxWords) + i] = words[i].Hash;
        _byId[entry.Id] = Next;
        if (entry.Link != 0)
            _byLink[entry.Link] = Next;
        Next++;
    }

    public ReadOnlySpan<uint> WordsOf(int post) => _words.AsSpan(Slot(post) * StoryTitle.MaxWords, _entries[Slot(post)].WordCount);

    private void Forget(Dictionary<ulong, int> posts, ulong key)
    {
        if (posts.TryGetValue(key, out var post) && post == _first)
            posts.Remove(key);
    }

    private int Slot(int post) => post & (capacity - 1);

    public readonly record struct Entry(Story? Story, DateTimeOffset At, ulong Id, ulong Link, uint Numbers, StoryEvidence Evidence)
    {
        public int WordCount { get; init; }

        public bool HasSketch { get; init; }
    }
}
