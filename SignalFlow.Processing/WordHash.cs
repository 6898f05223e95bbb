namespace SignalFlow.Processing;

/// <summary>A quick hash of a word for tables in memory; a word's reader may make it on the way. What is stored is hashed by StableHash.</summary>
internal static class WordHash
{
    public const uint Seed = 0;

    public static uint Add(uint hash, char c) => (hash ^ c) * 0x9E3779B1;

    public static uint Finish(uint hash) => hash ^ (hash >> 15);

    public static uint Of(ReadOnlySpan<char> word)
    {
        var hash = Seed;
        foreach (var c in word)
            hash = Add(hash, c);
        return Finish(hash);
    }
}
