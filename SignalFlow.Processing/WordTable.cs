using System.Numerics;

namespace SignalFlow.Processing;

/// <summary>
/// A fixed set of words with what is known of each, asked by span. Built once and read from any thread. Open addressing, at most half full: a frozen
/// dictionary answers no faster here and takes tens of milliseconds to build from some thousand words, which is start-up time.
/// </summary>
internal sealed class WordTable<TValue>
    where TValue : struct
{
    private readonly Entry[] _entries;
    private readonly int _longest;

    public WordTable(Dictionary<string, TValue> words)
    {
        _entries = new Entry[BitOperations.RoundUpToPowerOf2((uint)words.Count * 2 + 1)];
        foreach (var (key, value) in words)
        {
            var hash = WordHash.Of(key);
            var slot = hash & (uint)(_entries.Length - 1);
            while (_entries[slot].Key is not null)
                slot = (slot + 1) & (uint)(_entries.Length - 1);
            _entries[slot] = new Entry(key, hash, value);
            _longest = Math.Max(_longest, key.Length);
        }
    }

    /// <returns>What is known of the word, compared ordinally; the default of an unknown word.</returns>
    public TValue Find(ReadOnlySpan<char> word) => word.Length > _longest ? default : Find(word, WordHash.Of(word));

    /// <param name="hash">The word's <see cref="WordHash"/>.</param>
    public TValue Find(ReadOnlySpan<char> word, uint hash)
    {
        var entries = _entries;
        for (var slot = hash & (uint)(entries.Length - 1); ; slot = (slot + 1) & (uint)(entries.Length - 1))
        {
            ref readonly var entry = ref entries[slot];
            if (entry.Key is null)
                return default;
            if (entry.Hash == hash && word.SequenceEqual(entry.Key))
                return entry.Value;
        }
    }

    private readonly record struct Entry(string? Key, uint Hash, TValue Value);
}
