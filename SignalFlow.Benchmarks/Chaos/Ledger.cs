using SignalFlow.Contracts;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>What the database has to hold in the end: every observation that the broker has, by post. Knows nothing of how it is processed.</summary>
internal sealed class Ledger
{
    private readonly Dictionary<string, LedgerPost> _posts = [];
    private readonly Lock _lock = new();

    /// <summary>To be read when nothing is added any more.</summary>
    public IReadOnlyDictionary<string, LedgerPost> Posts => _posts;

    /// <param name="post">As it stands in the record.</param>
    /// <param name="arrived">A timestamp of <see cref="System.Diagnostics.Stopwatch"/>.</param>
    public void Add(PostObservation post, long arrived)
    {
        lock (_lock)
        {
            if (!_posts.TryGetValue(post.Id, out var known))
                _posts.Add(post.Id, known = new());
            known.Add(post, arrived);
        }
    }
}

/// <summary>All that was observed of a post.</summary>
internal sealed class LedgerPost
{
    private readonly SortedList<long, Counters> _observations = [];

    /// <summary>By microseconds since the Unix epoch.</summary>
    public IReadOnlyDictionary<long, Counters> Observations => _observations;

    public long Newest => _observations.Keys[^1];

    public long? BeforeNewest => _observations.Count > 1 ? _observations.Keys[^2] : null;

    public long Oldest => _observations.Keys[0];

    /// <summary>Of the newest observation.</summary>
    public string Title { get; private set; } = "";

    /// <summary>Of the newest observation.</summary>
    public string? Body { get; private set; }

    /// <summary>The earliest word of its removal; null: it is there.</summary>
    public (long At, string Reason)? Purge { get; private set; }

    /// <summary>When its newest observation was read: an older one that comes later changes nothing that could be told.</summary>
    public long Arrived { get; private set; }

    public void Add(PostObservation post, long arrived)
    {
        var at = (long)Math.Round(post.ObservedAt!.Value * 1e6);
        if (post.RemovedByCategory is { } reason
            && (Purge is not { } known || at < known.At || at == known.At && string.CompareOrdinal(reason, known.Reason) < 0))
        {
            Purge = (at, reason);
        }

        // What has not been seen is not observed.
        if (post.RemovedByCategory == PostRemoval.Absent)
            return;
        if (_observations.TryAdd(at, new(post.Score, post.NumComments)) && at == Newest)
            (Title, Body, Arrived) = (post.Title, post.Selftext, arrived);
    }
}

internal readonly record struct Counters(int Score, int Comments);
