using System.Collections.Concurrent;
using Confluent.Kafka;
using SignalFlow.Processing.Consuming;
using SignalFlow.Storage.Pipeline;

namespace SignalFlow.Processing.Reporting;

/// <summary>
/// What this process has done lately. The metrics count since its start, and whoever looks at a page has no Prometheus to make rates of them.
/// </summary>
internal sealed class PipelineMonitor(ConsumerLag lag, TimeProvider time)
{
    private readonly DateTime _startedAt = time.GetUtcNow().UtcDateTime;
    private readonly ConcurrentDictionary<TopicPartition, Traffic> _owned = [];
    private readonly ConcurrentDictionary<object, bool> _waiting = [];
    private readonly RecentCount _batches = RecentCount.OfMinute(time);
    private readonly RecentCount _deadLetters = RecentCount.OfHour(time);
    private readonly RecentDurations _flushes = new(time);
    private long _lastBatch;
    private int _partitionCount;

    public void Take(IEnumerable<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
            _owned.TryAdd(partition, new(time));
    }

    public void Drop(IEnumerable<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
            _owned.TryRemove(partition, out _);
    }

    /// <summary>How many each of the topics has.</summary>
    public void Counted(int partitions) => Volatile.Write(ref _partitionCount, partitions);

    /// <summary>Records of a partition are durable.</summary>
    public void Stored(TopicPartition partition, int records, int posts)
    {
        if (!_owned.TryGetValue(partition, out var traffic))
            return;
        traffic.Records.Add(records);
        traffic.Posts.Add(posts);
    }

    public void BatchStored(TimeSpan elapsed)
    {
        _batches.Add(1);
        _flushes.Add(elapsed);
        Volatile.Write(ref _lastBatch, time.GetUtcNow().UtcTicks);
    }

    public void DeadLettered() => _deadLetters.Add(1);

    /// <summary>The database does not take a batch of this consumer.</summary>
    public void Waits(object consumer) => _waiting.TryAdd(consumer, true);

    public void GoesOn(object consumer) => _waiting.TryRemove(consumer, out _);

    public PipelineReport Report(string instance, string version) => new()
    {
        Instance = instance,
        Version = version,
        StartedAt = _startedAt,
        IsStopped = false,
        IsPaused = !_waiting.IsEmpty,
        LastBatchAt = Volatile.Read(ref _lastBatch) is > 0 and var ticks ? new DateTime(ticks, DateTimeKind.Utc) : null,
        BatchesPerSecond = _batches.PerSecond,
        Flush = _flushes.Quantiles(),
        DeadLettersLastHour = _deadLetters.Sum,
        PartitionCount = Volatile.Read(ref _partitionCount) is > 0 and var count ? count : null,
        Partitions = [.. _owned.Select(partition => Report(partition.Key, partition.Value))],
    };

    private PartitionReport Report(TopicPartition partition, Traffic traffic)
    {
        var behind = lag.Of(partition);
        return new(
            partition.Topic, partition.Partition.Value, behind?.Records, behind?.Seconds, traffic.Records.PerSecond, traffic.Posts.PerSecond);
    }

    private sealed class Traffic(TimeProvider time)
    {
        public RecentCount Records { get; } = RecentCount.OfMinute(time);

        public RecentCount Posts { get; } = RecentCount.OfMinute(time);
    }
}
