using System.Diagnostics;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Batches;

/// <summary>What is to be told of a batch that is durable.</summary>
/// <param name="Updates">A post may occur twice if the batch was stored in parts; the later one counts.</param>
/// <param name="Purged">Those of its posts that are purged, by this batch or before.</param>
internal sealed record StoredBatch(List<PostUpdate> Updates, Dictionary<string, Purge> Purged)
{
    /// <summary>When the first of it was committed.</summary>
    public DateTimeOffset? CommittedAt { get; private set; }

    /// <summary>Its span, which ends when it is announced; null: not traced.</summary>
    public Activity? Activity { get; init; }

    public void Committed(DateTimeOffset at) => CommittedAt ??= at;

    public void Purge(IReadOnlyDictionary<string, Purge> posts)
    {
        foreach (var (id, purge) in posts)
            Purged[id] = purge;
    }
}
