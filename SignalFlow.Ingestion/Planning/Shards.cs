using System.Text;

namespace SignalFlow.Ingestion.Planning;

/// <summary>
/// Which of several ingestion processes a subreddit belongs to: rendezvous hashing (Thaler and Ravishankar, 1998). Every name is on
/// exactly one shard, and a shard more takes 1/n of the names from the others and moves nothing else.
/// </summary>
internal static class Shards
{
    /// <summary>The same on every machine and in every version, whatever the letters' case.</summary>
    public static int Of(string subreddit, int shardCount)
    {
        var name = Hash(subreddit);
        var best = 0;
        var highest = 0UL;
        for (var shard = 0; shard < shardCount; shard++)
        {
            var weight = Mix(name ^ Mix((ulong)shard + 1));
            if (weight > highest)
                (best, highest) = (shard, weight);
        }

        return best;
    }

    /// <summary>FNV-1a, 64 bits, of the name in lower case.</summary>
    public static ulong Hash(string subreddit)
    {
        var hash = 14_695_981_039_346_656_037UL;
        foreach (var unit in Encoding.UTF8.GetBytes(subreddit.ToLowerInvariant()))
            hash = (hash ^ unit) * 1_099_511_628_211UL;
        return Mix(hash);
    }

    // The finalizer of SplitMix64: FNV's low bits alone are uneven for short names.
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
