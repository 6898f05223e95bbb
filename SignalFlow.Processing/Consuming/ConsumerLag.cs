using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Confluent.Kafka;

namespace SignalFlow.Processing.Consuming;

/// <summary>How far this process is behind, by partition that it owns: in records, and in time since the newest processed one was produced.</summary>
internal sealed class ConsumerLag
{
    private readonly ConcurrentDictionary<TopicPartition, Progress> _partitions = [];
    private readonly TimeProvider _time;

    public ConsumerLag(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(ProcessingMetrics.MeterName);
        meter.CreateObservableGauge(
            "signalflow_consumer_lag", () => Observe(Records), description: "Records of a partition that are not durable yet.");
        meter.CreateObservableGauge(
            "signalflow_consumer_time_lag", () => Observe(Seconds), "s", "Age of the last durable record of a partition that has newer ones; else 0.");
    }

    /// <param name="partition">The record's.</param>
    /// <param name="offset">Of the record.</param>
    /// <param name="timestamp">Milliseconds since the Unix epoch.</param>
    public void Begin(TopicPartition partition, long offset, long timestamp)
    {
        // Asked for every record, true for the first one of an assignment only.
        if (!_partitions.ContainsKey(partition))
            _partitions.TryAdd(partition, new(offset, timestamp));
    }

    /// <summary>For a partition that has records, none of which has been taken yet.</summary>
    /// <param name="partition">An owned one.</param>
    /// <param name="next">The offset of the first record that is not durable.</param>
    /// <param name="high">The offset of the next record that will be produced.</param>
    public void Wait(TopicPartition partition, long next, long high)
    {
        if (high > next)
            _partitions.TryAdd(partition, new(next, _time.GetUtcNow().ToUnixTimeMilliseconds()) { High = high });
    }

    public bool Knows(TopicPartition partition) => _partitions.ContainsKey(partition);

    /// <param name="partition">The record's.</param>
    /// <param name="end">The offset after it.</param>
    /// <param name="timestamp">Milliseconds since the Unix epoch.</param>
    public void End(TopicPartition partition, long end, long timestamp)
    {
        if (!_partitions.TryGetValue(partition, out var progress))
            return;
        progress.End = end;
        progress.Timestamp = timestamp;
        progress.High = Math.Max(progress.High, end);
    }

    /// <param name="partition">An owned one.</param>
    /// <param name="high">The offset of the next record that will be produced.</param>
    /// <param name="isAsked">The broker has said so now; else it is of the last fetch, and may be older than what is known.</param>
    public void Reach(TopicPartition partition, long high, bool isAsked)
    {
        if (_partitions.TryGetValue(partition, out var progress))
            progress.High = Math.Max(isAsked ? high : Math.Max(high, progress.High), progress.End);
    }

    /// <returns>Null: it is not owned, or no record has come since it was assigned.</returns>
    public (long Records, double Seconds)? Of(TopicPartition partition) =>
        _partitions.TryGetValue(partition, out var progress) ? ((long)Records(progress), Seconds(progress)) : null;

    public void Remove(TopicPartition partition) => _partitions.TryRemove(partition, out _);

    private static double Records(Progress progress) => progress.High - progress.End;

    private double Seconds(Progress progress) => progress.High == progress.End
        ? 0
        : Math.Max(0, (_time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(progress.Timestamp)).TotalSeconds);

    private IEnumerable<Measurement<double>> Observe(Func<Progress, double> value)
    {
        foreach (var (partition, progress) in _partitions)
        {
            yield return new(
                value(progress),
                new KeyValuePair<string, object?>("topic", partition.Topic),
                new KeyValuePair<string, object?>("partition", partition.Partition.Value));
        }
    }

    // Written by the consumer's thread, read by scrapes; the fields need not agree for a moment.
    private sealed class Progress(long end, long timestamp)
    {
        private long _end = end;
        private long _high = end + 1;
        private long _timestamp = timestamp;

        public long End
        {
            get => Volatile.Read(ref _end);
            set => Volatile.Write(ref _end, value);
        }

        public long High
        {
            get => Volatile.Read(ref _high);
            set => Volatile.Write(ref _high, value);
        }

        public long Timestamp
        {
            get => Volatile.Read(ref _timestamp);
            set => Volatile.Write(ref _timestamp, value);
        }
    }
}
