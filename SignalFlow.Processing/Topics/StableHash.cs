namespace SignalFlow.Processing.Topics;

/// <summary>
/// A hash that never changes: its values are stored, and replicas of different versions compare them. (string.GetHashCode differs in every process.)
/// FNV-1a over UTF-16 units, finished as in MurmurHash3.
/// </summary>
internal static class StableHash
{
    public const ulong Seed = 0xCBF29CE484222325;

    private const ulong Prime = 0x100000001B3;

    public static ulong Add(ulong hash, char c) => (hash ^ c) * Prime;

    public static ulong Add(ulong hash, ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            hash = Add(hash, c);
        return hash;
    }

    /// <summary>Another hash of the same quality, four units at a time; for long texts.</summary>
    public static ulong AddBlocks(ulong hash, ReadOnlySpan<char> text)
    {
        hash = Add(hash, (char)text.Length);
        for (; text.Length >= 4; text = text[4..])
        {
            var block = text[0] | ((ulong)text[1] << 16) | ((ulong)text[2] << 32) | ((ulong)text[3] << 48);
            // The multiplication alone carries upwards only; the shift brings high bits back before the next block.
            hash = (hash ^ block) * 0xFF51AFD7ED558CCD;
            hash ^= hash >> 32;
        }

        return Add(hash, text);
    }

    public static ulong Finish(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }
}
