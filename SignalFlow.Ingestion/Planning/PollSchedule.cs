using System.Text;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Ingestion.Planning;

/// <summary>The subreddits of this shard and when each is to be polled.</summary>
internal sealed class PollSchedule(IngestionOptions options, Cadence cadence)
{
    private readonly Dictionary<string, SubredditPoll> _subreddits = new(StringComparer.OrdinalIgnoreCase);

    public int Count => _subreddits.Count;

    public SubredditPoll? Find(string subreddit) => _subreddits.GetValueOrDefault(subreddit);

    /// <summary>Takes over the active subreddits: new ones are due at once, the others keep their state.</summary>
    public (int Added, int Removed) Configure(IReadOnlyList<SubredditConfig> active, DateTimeOffset now)
    {
        var gone = _subreddits.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var added = 0;
        foreach (var config in active)
        {
            if (Shard(config.Name, options.ShardCount) != options.ShardId)
                continue;
            gone.Remove(config.Name);
            var interval = cadence.PollInterval(config);
            if (_subreddits.TryGetValue(config.Name, out var subreddit))
                subreddit.Reconfigure(config, interval);
            else if (_subreddits.TryAdd(config.Name, new SubredditPoll(config, interval, now)))
                added++;
        }

        foreach (var name in gone)
            _subreddits.Remove(name);
        return (added, gone.Count);
    }

    /// <summary>The subreddit that has waited longest, or will be due first, among those without a request under way.</summary>
    /// <remarks>A scan: a thousand subreddits take microseconds, and requests are at least milliseconds apart.</remarks>
    public SubredditPoll? Next()
    {
        SubredditPoll? next = null;
        foreach (var subreddit in _subreddits.Values)
        {
            if (!subreddit.InFlight
                && (next is null || subreddit.Due < next.Due || (subreddit.Due == next.Due && subreddit.Rank < next.Rank)))
                next = subreddit;
        }

        return next;
    }

    /// <summary>
    /// When a subreddit is due after a round that began at <paramref name="startedAt"/>. The second round comes early by up to half
    /// the interval, by a different part for each name: otherwise all of a tier would stay as close together as they started.
    /// </summary>
    public static DateTimeOffset DueAfter(SubredditPoll subreddit, DateTimeOffset startedAt)
    {
        var share = subreddit.PolledAt is null ? 0.5 + (Hash(subreddit.Name) & 0xFFFF) / 131_072.0 : 1;
        return startedAt + subreddit.Interval * share;
    }

    /// <summary>The same on every machine and in every version, whatever the letters' case.</summary>
    internal static int Shard(string subreddit, int shardCount) => (int)(Hash(subreddit) % (uint)shardCount);

    // FNV-1a, 32 bits, with the finalizer of MurmurHash3: FNV's low bits alone are uneven for short names.
    private static uint Hash(string subreddit)
    {
        var hash = 2_166_136_261u;
        foreach (var unit in Encoding.UTF8.GetBytes(subreddit.ToLowerInvariant()))
            hash = (hash ^ unit) * 16_777_619u;
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6Bu;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35u;
        return hash ^ (hash >> 16);
    }
}
