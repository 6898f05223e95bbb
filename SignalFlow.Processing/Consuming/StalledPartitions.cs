using Confluent.Kafka;

namespace SignalFlow.Processing.Consuming;

/// <summary>
/// Partitions that librdkafka has given up although they are assigned: when the committed offset of one cannot be read, it tells so once, and
/// fetches nothing until the application assigns it again. Used on the consumer's thread only.
/// </summary>
internal sealed class StalledPartitions(TimeProvider time)
{
    // The coordinator may still be away, and each attempt begins all partitions at their committed offsets.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private long? _since;

    /// <summary>Any error that names a partition may be such a one; assigning it in vain costs some repeats.</summary>
    public void Note(ConsumeException exception)
    {
        if (exception.ConsumerRecord is { Partition.IsSpecial: false })
            _since ??= time.GetTimestamp();
    }

    /// <returns>True: all partitions begin at their committed offsets again.</returns>
    public bool TryRevive<TKey, TValue>(IConsumer<TKey, TValue> consumer)
    {
        if (_since is not { } since || time.GetElapsedTime(since) < Rest)
            return false;
        _since = null;
        consumer.Assign(consumer.Assignment);
        return true;
    }
}
