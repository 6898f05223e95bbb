using System.Diagnostics;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using SignalFlow.Contracts;
using SignalFlow.Processing.Decoding;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Batches;

/// <summary>A batch that is decoded and analysed, but not stored.</summary>
/// <param name="records">As consumed.</param>
internal sealed class PreparedBatch(IReadOnlyList<ConsumeResult<byte[], byte[]>> records)
{
    public IReadOnlyList<ConsumeResult<byte[], byte[]>> Records { get; } = records;

    /// <summary>Its span, until it is announced or has failed; null: not traced.</summary>
    public Activity? Activity { get; init; }

    /// <summary>The records that are observations.</summary>
    public List<ConsumeResult<byte[], byte[]>> Decoded { get; } = new(records.Count);

    /// <summary>The records that are none, or that the database refuses.</summary>
    public List<(ConsumeResult<byte[], byte[]> Record, Poison Poison)> Poison { get; } = [];

    /// <summary>By id.</summary>
    public Dictionary<string, PostObservations> Posts { get; } = new(records.Count, StringComparer.Ordinal);

    /// <summary>Every observation.</summary>
    public List<HistoryEntry> History { get; } = new(records.Count);

    public void Add(ConsumeResult<byte[], byte[]> record, in DecodedObservation observation)
    {
        Decoded.Add(record);
        ref var post = ref CollectionsMarshal.GetValueRefOrAddDefault(Posts, observation.Post.Id, out var exists);
        if (exists)
            post!.Add(observation);
        else
            post = new(observation);
        post!.IsKnown |= record.Topic == KafkaTopics.Refresh;
        if (observation.IsObserved)
            History.Add(new(observation.Post.Id, observation.Post.Subreddit, observation.Sample, observation.Post.UpvoteRatio));
    }
}
