using System.Runtime.InteropServices;
using Confluent.Kafka;
using SignalFlow.Processing.Reporting;

namespace SignalFlow.Processing.Consuming;

/// <summary>The partitions that a consumer owns: stores their offsets and measures their lag. Used on the consumer's thread only.</summary>
internal sealed partial class OwnedPartitions(ConsumerLag lag, PipelineMonitor monitor, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan MeasureInterval = TimeSpan.FromSeconds(1);
    // Of a paused partition nothing is fetched, so the broker has to be asked.
    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AskTimeout = TimeSpan.FromMilliseconds(200);

    private readonly HashSet<TopicPartition> _owned = [];
    private long _measured;
    private long _asked;

    public void Take(List<TopicPartition> partitions)
    {
        _owned.UnionWith(partitions);
        monitor.Take(partitions);
        LogAssigned(string.Join(", ", partitions));
    }

    /// <returns>Those that are no longer owned.</returns>
    public HashSet<TopicPartition> Drop(List<TopicPartitionOffset> partitions)
    {
        var gone = partitions.Select(partition => partition.TopicPartition).ToHashSet();
        LogRevoked(string.Join(", ", gone));
        _owned.ExceptWith(gone);
        monitor.Drop(gone);
        foreach (var partition in gone)
            lag.Remove(partition);
        return gone;
    }

    /// <summary>The records are about to be processed.</summary>
    public void Begin(List<ConsumeResult<byte[], byte[]>> records)
    {
        foreach (var record in records)
            lag.Begin(record.TopicPartition, record.Offset, record.Message.Timestamp.UnixTimestampMs);
    }

    /// <summary>The records are durable. What is stored here is committed in the background and when the group is left.</summary>
    public void Store(IConsumer<byte[], byte[]> consumer, List<ConsumeResult<byte[], byte[]>> records)
    {
        var stored = new Dictionary<TopicPartition, StoredRecords>();
        foreach (var record in records)
        {
            ref var ofPartition = ref CollectionsMarshal.GetValueRefOrAddDefault(stored, record.TopicPartition, out _);
            (ofPartition ??= new()).Add(record);
        }

        foreach (var (partition, ofPartition) in stored)
        {
            var last = ofPartition.Last!;
            if (!_owned.Contains(partition))
                continue;
            try
            {
                consumer.StoreOffset(new TopicPartitionOffset(partition, last.Offset + 1));
                lag.End(partition, last.Offset + 1, last.Message.Timestamp.UnixTimestampMs);
                monitor.Stored(partition, ofPartition.Count, ofPartition.Posts);
            }
            catch (KafkaException exception) when (exception.Error.Code == ErrorCode.Local_State)
            {
                // Just revoked. Its next owner repeats the records, which changes nothing.
                LogNotOwned(partition);
            }
        }
    }

    /// <summary>Looks, at most once a second, how far the partitions reach. Costs no request unless they are paused.</summary>
    public void Measure(IConsumer<byte[], byte[]> consumer, bool arePaused)
    {
        if (time.GetElapsedTime(arePaused ? _asked : _measured) < (arePaused ? AskInterval : MeasureInterval))
            return;
        _measured = time.GetTimestamp();
        if (arePaused)
            _asked = _measured;
        foreach (var partition in _owned)
        {
            try
            {
                var watermarks = arePaused
                    ? consumer.QueryWatermarkOffsets(partition, AskTimeout)
                    : consumer.GetWatermarkOffsets(partition);
                if (watermarks.High == Offset.Unset)
                    continue;
                if (arePaused && !lag.Knows(partition))
                    lag.Wait(partition, Next(consumer, partition, watermarks), watermarks.High);
                lag.Reach(partition, watermarks.High, isAsked: arePaused);
            }
            catch (KafkaException)
            {
                // The broker does not answer; the lag keeps its last value, and the time lag goes on growing. No need to ask for the others.
                return;
            }
        }
    }

    // The pause may have come before a batch had anything of this partition, and may last: its records wait all the same.
    private static long Next(IConsumer<byte[], byte[]> consumer, TopicPartition partition, WatermarkOffsets watermarks)
    {
        var committed = consumer.Committed([partition], AskTimeout)[0].Offset;
        return committed.IsSpecial ? watermarks.Low : committed;
    }

    private sealed class StoredRecords
    {
        // Hashes are enough to count by: of a batch's posts, two are hardly ever taken for one.
        private readonly HashSet<int> _keys = [];
        private int _withoutKey;

        public ConsumeResult<byte[], byte[]>? Last { get; private set; }

        public int Count { get; private set; }

        public int Posts => _keys.Count + _withoutKey;

        public void Add(ConsumeResult<byte[], byte[]> record)
        {
            Count++;
            // In the order of their offsets, except after a rebalance that came back to an earlier one.
            if (Last is null || record.Offset > Last.Offset)
                Last = record;
            if (record.Message.Key is not { } key)
            {
                _withoutKey++;
                return;
            }

            var hash = new HashCode();
            hash.AddBytes(key);
            _keys.Add(hash.ToHashCode());
        }
    }

    [LoggerMessage(LogLevel.Information, "Assigned {Partitions}")]
    private partial void LogAssigned(string partitions);

    [LoggerMessage(LogLevel.Information, "Revoked {Partitions}")]
    private partial void LogRevoked(string partitions);

    [LoggerMessage(LogLevel.Information, "{Partition} was revoked before its offset could be stored")]
    private partial void LogNotOwned(TopicPartition partition);
}
