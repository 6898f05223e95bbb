namespace SignalFlow.Processing.Stories;

/// <summary>
/// In how many of the recent posts a word occurs, by its hash: a table of counters without keys, four times as many as posts, so two words rarely
/// share one, and where they do both only seem a little more common.
/// </summary>
internal sealed class WordFrequencies(int capacity)
{
    /// <summary>Posts that seem to have been before the first one, so that its words are neither rare nor common.</summary>
    private const int Start = 500;

    /// <summary>Words of a list of common ones.</summary>
    private const double Weak = 0.5;

    private readonly int[] _counts = new int[4 * capacity];
    private int _posts;

    public void Add(ReadOnlySpan<uint> words)
    {
        _posts++;
        foreach (var word in words)
            _counts[Slot(word)]++;
    }

    public void Remove(ReadOnlySpan<uint> words)
    {
        _posts--;
        foreach (var word in words)
            _counts[Slot(word)]--;
    }

    /// <summary>The inverse document frequency, ln((n + 500) / (d + 1)).</summary>
    public double Rarity(uint word, bool isWeak)
    {
        var rarity = Math.Log((_posts + Start) / (_counts[Slot(word)] + 1.0));
        return isWeak ? Weak * rarity : rarity;
    }

    private int Slot(uint word) => (int)(word * 0x9E3779B1 >> 8) & (_counts.Length - 1);
}
