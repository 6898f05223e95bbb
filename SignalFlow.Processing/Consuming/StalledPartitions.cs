using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace SignalFlow.Processing.Consuming;

/// <summary>
/// Partitions of which librdkafka fetches nothing although they are assigned. When the committed offset of one cannot be read, it tells so once and
/// fetches nothing until the application assigns it again. There may be reasons that it does not tell, so the brokers are asked how far the partitions
/// reach of which nothing comes. Used on the consumer's thread only, and not while partitions are paused.
/// </summary>
internal sealed partial class StalledPartitions(ConsumerLag? lag, TimeProvider time, ILogger logger)
{
    // The coordinator may still be away, and each attempt begins all partitions at their committed offsets.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(4);
    // What the brokers had at a look has come by then, if it is fetched at all.
    private static readonly TimeSpan FetchTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AskTimeout = TimeSpan.FromMilliseconds(200);
    private static readonly ListOffsetsOptions Asking = new() { RequestTimeout = FetchTime };

    private readonly Dictionary<TopicPartition, Offset> _positions = [];
    private Task<ListOffsetsResult>? _asked;
    private bool _isAskedForNothing;
    private long? _since;
    private long _looked = time.GetTimestamp();
    private bool _isEmpty;

    /// <summary>Any error that names a partition may be such a one; assigning it in vain costs some repeats.</summary>
    public void Note(ConsumeException exception)
    {
        if (exception.ConsumerRecord is { Partition.IsSpecial: false })
            _since ??= time.GetTimestamp();
    }

    /// <summary>Nothing is left of what was fetched, so whatever waits waits at the brokers.</summary>
    public void NoteEmpty() => _isEmpty |= time.GetElapsedTime(_looked) > FetchTime;

    /// <summary>What was seen so far says nothing: partitions were paused.</summary>
    public void Forget()
    {
        _positions.Clear();
        _isAskedForNothing = true;
        _isEmpty = false;
    }

    /// <summary>Before the consumer is closed, whose connections a question under way uses.</summary>
    public void End()
    {
        if (_asked is not null)
            Task.WaitAny([_asked], 2 * FetchTime);
    }

    /// <returns>True: all partitions begin at their committed offsets again.</returns>
    public bool TryRevive<TKey, TValue>(IConsumer<TKey, TValue> consumer)
    {
        if (!(_since is { } since && time.GetElapsedTime(since) >= Rest) && !HasStalled(consumer))
            return false;
        _since = null;
        Forget();
        var partitions = consumer.Assignment;
        consumer.Assign(partitions);
        // Assigning lifts no pause.
        consumer.Resume(partitions);
        return true;
    }

    private bool HasStalled<TKey, TValue>(IConsumer<TKey, TValue> consumer)
    {
        if (time.GetElapsedTime(_looked) < LookInterval)
            return false;
        _looked = time.GetTimestamp();
        var unmoved = Unmoved(consumer);
        // Completed, so nothing blocks.
        var stalled = _isEmpty && !_isAskedForNothing && _asked is { IsCompletedSuccessfully: true } asked
            ? Waiting(consumer, unmoved, asked.GetAwaiter().GetResult())
            : [];
        _isEmpty = false;
        if (_asked is not { IsCompleted: false })
        {
            _asked = unmoved.Count == 0 ? null : AskAsync(consumer, unmoved);
            _isAskedForNothing = false;
        }

        if (stalled.Count > 0)
            LogStalled(string.Join(", ", stalled));
        return stalled.Count > 0;
    }

    private List<TopicPartition> Unmoved<TKey, TValue>(IConsumer<TKey, TValue> consumer)
    {
        var unmoved = new List<TopicPartition>();
        var assigned = consumer.Assignment;
        foreach (var partition in assigned)
        {
            var position = consumer.Position(partition);
            if (_positions.TryGetValue(partition, out var before) && before == position)
                unmoved.Add(partition);
            _positions[partition] = position;
        }

        foreach (var gone in _positions.Keys.Except(assigned).ToList())
            _positions.Remove(gone);
        return unmoved;
    }

    /// <summary>The partitions that had a record when they were asked about, which has not come since.</summary>
    private List<TopicPartition> Waiting<TKey, TValue>(IConsumer<TKey, TValue> consumer, List<TopicPartition> unmoved, ListOffsetsResult reached)
    {
        var ends = reached.ResultInfos.Select(result => result.TopicPartitionOffsetError)
            .Where(end => !end.Error.IsError && end.Offset > 0 && unmoved.Contains(end.TopicPartition)).ToList();
        var unread = Committed(consumer, [.. ends.Select(end => end.TopicPartition).Where(partition => _positions[partition].IsSpecial)]);
        var waiting = new List<TopicPartition>();
        foreach (var end in ends)
        {
            var next = _positions[end.TopicPartition] is { IsSpecial: false } position
                ? position.Value
                : unread.GetValueOrDefault(end.TopicPartition, end.Offset);
            if (end.Offset <= next)
                continue;
            waiting.Add(end.TopicPartition);
            lag?.Wait(end.TopicPartition, next, end.Offset);
        }

        return waiting;
    }

    /// <summary>Where those go on of which nothing has come since they were assigned; nothing of those of which nobody says it.</summary>
    private static Dictionary<TopicPartition, long> Committed<TKey, TValue>(IConsumer<TKey, TValue> consumer, List<TopicPartition> partitions)
    {
        if (partitions.Count == 0)
            return [];
        try
        {
            return consumer.Committed(partitions, AskTimeout).ToDictionary(
                committed => committed.TopicPartition,
                committed => committed.Offset.IsSpecial
                    ? consumer.QueryWatermarkOffsets(committed.TopicPartition, AskTimeout).Low.Value
                    : committed.Offset.Value);
        }
        catch (KafkaException)
        {
            return [];
        }
    }

    private static async Task<ListOffsetsResult> AskAsync<TKey, TValue>(IConsumer<TKey, TValue> consumer, List<TopicPartition> partitions)
    {
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        return await admin.ListOffsetsAsync(
            partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = OffsetSpec.Latest() }), Asking);
    }

    [LoggerMessage(LogLevel.Warning, "Nothing comes of {Partitions}, though records wait there; assigning all partitions anew")]
    private partial void LogStalled(string partitions);
}
