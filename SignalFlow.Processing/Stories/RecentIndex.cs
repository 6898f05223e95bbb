namespace SignalFlow.Processing.Stories;

/// <summary>
/// Where posts with the same band of their sketch, or the same word, were seen last. Tables of fixed size in which the newer overwrites the older: a
/// lookup costs the same whatever the number of posts, and what is found is compared anyway, so an overwritten place only hides a candidate.
/// </summary>
/// <param name="capacity">Posts of the window, a power of two.</param>
internal sealed class RecentIndex(int capacity)
{
    public const int PostsPerWord = 4;

    // Two places a post: a sixth of the bands of a full window is overwritten, on average, and any of 16 is enough.
    private readonly int[] _bands = new int[2 * capacity * TitleSketch.Bands];
    private readonly int[] _words = new int[capacity * PostsPerWord];

    /// <summary>The last post that had the band and leaves its place to <paramref name="post"/>; -1 where there is none.</summary>
    public int ReplaceBand(int band, ulong hash, int post)
    {
        ref var place = ref _bands[(int)(hash >> 16) & ((2 * capacity) - 1) | (band * 2 * capacity)];
        var last = place - 1;
        place = post + 1;
        return last;
    }

    /// <summary>The last posts that had the word, the newest first, each plus one; 0 where there are fewer.</summary>
    public ReadOnlySpan<int> PostsWith(uint word) => _words.AsSpan(Place(word), PostsPerWord);

    public void AddWord(uint word, int post)
    {
        var posts = _words.AsSpan(Place(word), PostsPerWord);
        posts[..^1].CopyTo(posts[1..]);
        posts[0] = post + 1;
    }

    private int Place(uint word) => ((int)(word * 0x9E3779B1 >> 8) & (capacity - 1)) * PostsPerWord;
}
