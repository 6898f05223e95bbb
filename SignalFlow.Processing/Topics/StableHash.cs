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

    public static ulong Finish(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }
}
