using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Options;
using SignalFlow.Contracts;
using SignalFlow.Processing.Batches;
using SignalFlow.Processing.Failures;

namespace SignalFlow.Processing.Consuming;

/// <summary>
/// One Kafka consumer from Subscribe to Close, on one thread. librdkafka calls the rebalance handlers on the thread that calls
/// <c>Consume</c>, so nothing here needs a lock. Raw and refresh are assigned together (range assignor, same number of partitions), so a
/// post's observations stay in order on one consumer.
/// </summary>
internal sealed partial class ConsumeLoop(
    ConsumerBuilder<byte[], byte[]> builder,
    BatchProcessor processor,
    ProcessingMetrics metrics,
    ConsumerHealth health,
    IOptions<ProcessingOptions> options,
    TimeProvider time,
    ILogger<ConsumeLoop> logger)
{
    private static readonly TimeSpan IdleWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PausedWait = TimeSpan.FromMilliseconds(100);
    // Below the host's shutdown timeout, so that the group is left in order.
    private static readonly TimeSpan DrainBudget = TimeSpan.FromSeconds(20);

    private readonly ProcessingOptions _options = options.Value;
    private List<ConsumeResult<byte[], byte[]>> _batch = [];

    /// <summary>Blocks until <paramref name="stop"/> is cancelled and the batch in hand is finished, or the client fails for good.</summary>
    public void Run(CancellationToken stop)
    {
        using var drain = new CancellationTokenSource();
        using var budget = stop.Register(() => drain.CancelAfter(DrainBudget));
        // Spans of this endless loop must not nest under whatever started it.
        Activity.Current = null;
        using var consumer = builder
            .SetPartitionsAssignedHandler((_, partitions) => LogAssigned(string.Join(", ", partitions)))
            .SetPartitionsRevokedHandler((_, partitions) => Drop(partitions.Select(partition => partition.TopicPartition)))
            .SetPartitionsLostHandler((_, partitions) => Drop(partitions.Select(partition => partition.TopicPartition)))
            .Build();
        consumer.Subscribe([KafkaTopics.Raw, KafkaTopics.Refresh]);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                health.Beat(this);
                Fill(consumer, stop);
                if (_batch.Count > 0)
                    Finish(consumer, stop, drain.Token);
            }
        }
        finally
        {
            health.Stopped(this);
            // Leaves the group and commits what was stored.
            consumer.Close();
        }
    }

    /// <summary>Waits for a first record, then drains up to the batch's size or time. A partial batch never waits for another record.</summary>
    private void Fill(IConsumer<byte[], byte[]> consumer, CancellationToken stop)
    {
        if (!TryConsume(consumer, IdleWait))
            return;

        var started = time.GetTimestamp();
        while (_batch.Count < _options.BatchSize && !stop.IsCancellationRequested)
        {
            var left = _options.BatchTimeout - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero || !TryConsume(consumer, left))
                return;
        }
    }

    private bool TryConsume(IConsumer<byte[], byte[]> consumer, TimeSpan wait)
    {
        try
        {
            if (consumer.Consume(wait) is not { IsPartitionEOF: false } record)
                return false;
            _batch.Add(record);
            return true;
        }
        catch (ConsumeException exception) when (FailurePolicy.Of(exception) == FailureKind.Transient)
        {
            LogConsumeFailed(exception.Error.Code, exception.Error.Reason);
            return false;
        }
    }

    /// <summary>
    /// Processes the batch until it is durable, then stores its offsets. A stop lets the attempt under way end, but begins no other:
    /// what is not stored then is repeated by whoever comes next.
    /// </summary>
    private void Finish(IConsumer<byte[], byte[]> consumer, CancellationToken stop, CancellationToken drain)
    {
        var raw = _batch.Count(record => record.Topic == KafkaTopics.Raw);
        metrics.Consumed(KafkaTopics.Raw, raw);
        metrics.Consumed(KafkaTopics.Refresh, _batch.Count - raw);

        for (var attempt = 1; _batch.Count > 0; attempt++)
        {
            var batch = _batch;
            try
            {
                // This thread has no synchronization context and nothing else to do, so blocking it is what it is for.
                processor.ProcessAsync(batch, drain).GetAwaiter().GetResult();
                _batch = [];
                StoreOffsets(consumer, batch);
                return;
            }
            catch (OperationCanceledException) when (drain.IsCancellationRequested)
            {
                LogAbandoned(batch.Count);
                return;
            }
            catch (Exception exception) when (FailurePolicy.Of(exception) == FailureKind.Transient)
            {
                metrics.BatchFailed();
                var wait = FailurePolicy.Backoff(attempt, Random.Shared.NextDouble());
                LogRetry(exception, batch.Count, attempt, wait);
                if (!WaitPaused(consumer, batch, wait, stop))
                    return;
                metrics.Retried();
            }
        }
    }

    /// <summary>Keeps polling, so that the group does not take us for dead, but takes no records.</summary>
    private bool WaitPaused(IConsumer<byte[], byte[]> consumer, List<ConsumeResult<byte[], byte[]>> batch, TimeSpan wait, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < wait && !stop.IsCancellationRequested)
        {
            health.Beat(this);
            // Again on every turn: a rebalance meanwhile brings partitions that are not paused.
            consumer.Pause(consumer.Assignment);
            TryConsume(consumer, PausedWait);
        }

        consumer.Resume(consumer.Assignment);
        // A rebalance may have taken everything away; then there is nothing left to retry.
        return !stop.IsCancellationRequested && batch.Count > 0;
    }

    private void StoreOffsets(IConsumer<byte[], byte[]> consumer, List<ConsumeResult<byte[], byte[]>> batch)
    {
        var owned = consumer.Assignment.ToHashSet();
        foreach (var partition in batch.GroupBy(record => record.TopicPartition).Where(partition => owned.Contains(partition.Key)))
        {
            try
            {
                consumer.StoreOffset(new TopicPartitionOffset(partition.Key, partition.Max(record => record.Offset.Value) + 1));
            }
            catch (KafkaException exception) when (exception.Error.Code == ErrorCode.Local_State)
            {
                // Just revoked. Its next owner repeats the records, which changes nothing.
                LogNotOwned(partition.Key);
            }
        }
    }

    private void Drop(IEnumerable<TopicPartition> partitions)
    {
        var gone = partitions.ToHashSet();
        LogRevoked(string.Join(", ", gone));
        _batch.RemoveAll(record => gone.Contains(record.TopicPartition));
    }

    [LoggerMessage(LogLevel.Information, "Assigned {Partitions}")]
    private partial void LogAssigned(string partitions);

    [LoggerMessage(LogLevel.Information, "Revoked {Partitions}")]
    private partial void LogRevoked(string partitions);

    [LoggerMessage(LogLevel.Warning, "Stopped before {Records} records were stored; they will be repeated")]
    private partial void LogAbandoned(int records);

    [LoggerMessage(LogLevel.Debug, "{Partition} is not ours any more")]
    private partial void LogNotOwned(TopicPartition partition);

    [LoggerMessage(LogLevel.Warning, "Consuming failed: {Code} {Reason}")]
    private partial void LogConsumeFailed(ErrorCode code, string reason);

    [LoggerMessage(LogLevel.Warning, "Attempt {Attempt} to store {Records} records failed; trying again in {Wait}")]
    private partial void LogRetry(Exception exception, int records, int attempt, TimeSpan wait);
}
