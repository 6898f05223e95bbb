using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Options;
using SignalFlow.Contracts;
using SignalFlow.Processing.Batches;
using SignalFlow.Processing.Failures;
using SignalFlow.Processing.Reporting;

namespace SignalFlow.Processing.Consuming;

/// <summary>
/// One Kafka consumer from Subscribe to Close, on one thread. librdkafka calls the rebalance handlers on the thread that calls
/// <c>Consume</c>, so nothing here needs a lock. Raw and refresh are assigned together (range assignor, same number of partitions), so a
/// post's observations stay in order on one consumer.
/// </summary>
/// <remarks>
/// While a batch is written, the next one is consumed and prepared; its write begins when the earlier one is durable, never before. At
/// most two batches are in memory: one being written, one being filled.
/// </remarks>
internal sealed partial class ConsumeLoop(
    ConsumerBuilder<byte[], byte[]> builder,
    BatchProcessor processor,
    ProcessingMetrics metrics,
    ConsumerHealth health,
    ConsumerLag lag,
    PipelineMonitor monitor,
    IOptions<ProcessingOptions> options,
    TimeProvider time,
    ILogger<ConsumeLoop> logger)
{
    private static readonly TimeSpan IdleWait = TimeSpan.FromMilliseconds(500);
    // While a write is under way: how late a record that comes meanwhile may be seen.
    private static readonly TimeSpan OverlapWait = TimeSpan.FromMilliseconds(2);
    // Far below max.poll.interval.ms and the liveness check's patience.
    private static readonly TimeSpan UnpolledWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PausedWait = TimeSpan.FromMilliseconds(100);
    // Below the host's shutdown timeout, so that the group is left in order.
    private static readonly TimeSpan DrainBudget = TimeSpan.FromSeconds(20);

    private readonly ProcessingOptions _options = options.Value;
    private readonly OwnedPartitions _owned = new(lag, monitor, time, logger);
    private List<ConsumeResult<byte[], byte[]>> _filling = [];
    private long _fillingSince;
    private int _fillingChanges;
    private BatchInFlight? _writing;
    private bool _isCoPartitioned;
    private readonly StalledPartitions _stalled = new(lag, time, logger);

    /// <summary>Blocks until <paramref name="stop"/> is cancelled and the batch in hand is finished, or the client fails for good.</summary>
    public void Run(CancellationToken stop)
    {
        using var drain = new CancellationTokenSource();
        using var budget = stop.Register(() => drain.CancelAfter(DrainBudget));
        // Spans of this endless loop must not nest under whatever started it.
        Activity.Current = null;
        using var consumer = builder
            .SetPartitionsAssignedHandler((_, partitions) =>
            {
                _owned.Take(partitions);
                metrics.Rebalanced();
                // An assignment may come from a change of the topics.
                _isCoPartitioned = false;
            })
            .SetPartitionsRevokedHandler(Drop)
            .SetPartitionsLostHandler(Drop)
            .Build();
        consumer.Subscribe([KafkaTopics.Raw, KafkaTopics.Refresh]);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                health.Beat(this);
                CheckPartitions(consumer);
                if (_stalled.TryRevive(consumer))
                {
                    metrics.Revived();
                    Forget();
                }

                Fill(consumer, stop);
                Advance(consumer, stop, drain.Token);
                _owned.Measure(consumer, arePaused: false);
            }

            if (_writing is { } last)
                End(consumer, last, WaitFor(consumer, last, stop, drain.Token));
        }
        finally
        {
            health.Stopped(this);
            monitor.GoesOn(this);
            _stalled.End();
            // Leaves the group and commits what was stored.
            consumer.Close();
        }
    }

    /// <summary>
    /// Waits for a first record, then drains up to the batch's size or time: a partial batch never waits for another record. Returns early
    /// when the batch that is being written is done.
    /// </summary>
    private void Fill(IConsumer<byte[], byte[]> consumer, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && !IsDue())
        {
            if (_writing is null)
            {
                if (!TryConsume(consumer, _filling.Count == 0 ? IdleWait : TimeLeft()))
                    return;
            }
            else if (_writing.Write.IsCompleted
                || !TryConsume(consumer, TimeSpan.Zero) && Task.WaitAny([_writing.Write], OverlapWait) == 0)
            {
                return;
            }
        }
    }

    private void CheckPartitions(IConsumer<byte[], byte[]> consumer)
    {
        if (_isCoPartitioned || !CoPartitioning.IsChecked(consumer, out var partitions))
            return;
        _isCoPartitioned = true;
        monitor.Counted(partitions);
    }

    private bool IsDue() => _filling.Count >= _options.BatchSize || _filling.Count > 0 && TimeLeft() <= TimeSpan.Zero;

    private TimeSpan TimeLeft()
    {
        var left = _options.BatchTimeout - time.GetElapsedTime(_fillingSince);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Ends the write under way, if it is done or the next batch needs its place, and begins that of the next batch.</summary>
    private void Advance(IConsumer<byte[], byte[]> consumer, CancellationToken stop, CancellationToken drain)
    {
        var isDue = IsDue();
        if (_writing is not { } writing)
        {
            if (isDue)
                _writing = Begin(drain);
            return;
        }

        if (!isDue && !writing.Write.IsCompleted)
            return;

        // The next one's preparation overlaps the write; its own write does not.
        var next = isDue ? processor.PrepareAsync([.. _filling], drain) : null;
        var changes = _fillingChanges;
        var stored = WaitFor(consumer, writing, stop, drain);
        _writing = null;
        // A long wait polls, so that records may have come or been revoked meanwhile; then the batch is prepared again.
        if (next is not null && stored is not null && changes == _fillingChanges && !stop.IsCancellationRequested)
            _writing = Begin(next, stored, drain);
        else if (next is not null)
            _ = BatchProcessor.DiscardAsync(next);
        End(consumer, writing, stored);
    }

    private BatchInFlight Begin(CancellationToken drain) => Begin(processor.PrepareAsync([.. _filling], drain), previous: null, drain);

    private BatchInFlight Begin(Task<PreparedBatch> batch, StoredBatch? previous, CancellationToken drain)
    {
        // This list stays ours, so that revoked records can leave it.
        var records = _filling;
        _filling = new(_options.BatchSize);
        _fillingChanges++;
        var raw = records.Count(record => record.Topic == KafkaTopics.Raw);
        metrics.Consumed(KafkaTopics.Raw, raw);
        metrics.Consumed(KafkaTopics.Refresh, records.Count - raw);
        _owned.Begin(records);
        return new(records, processor.StoreAsync(batch, previous, drain));
    }

    private bool TryConsume(IConsumer<byte[], byte[]> consumer, TimeSpan wait)
    {
        try
        {
            if (consumer.Consume(wait) is not { IsPartitionEOF: false } record)
            {
                _stalled.NoteEmpty();
                return false;
            }

            if (_filling.Count == 0)
                _fillingSince = time.GetTimestamp();
            _filling.Add(record);
            _fillingChanges++;
            return true;
        }
        catch (ConsumeException exception) when (FailurePolicy.Of(exception) == FailureKind.Transient)
        {
            LogConsumeFailed(exception.Error.Code, exception.Error.Reason);
            _stalled.Note(exception);
            return false;
        }
    }

    /// <summary>
    /// Returns when the batch is durable; null when it is not, and is left to whoever comes next. A stop lets the attempt under way end,
    /// but begins no other.
    /// </summary>
    private StoredBatch? WaitFor(IConsumer<byte[], byte[]> consumer, BatchInFlight batch, CancellationToken stop, CancellationToken drain)
    {
        while (true)
        {
            try
            {
                WaitPolling(consumer, batch.Write);
                // This thread has no synchronization context and nothing else to do, so blocking it is what it is for.
                var stored = batch.Write.GetAwaiter().GetResult();
                monitor.GoesOn(this);
                return stored;
            }
            catch (OperationCanceledException) when (drain.IsCancellationRequested)
            {
                LogAbandoned(batch.Records.Count);
                batch.Records.Clear();
                return null;
            }
            catch (Exception exception) when (FailurePolicy.Of(exception) == FailureKind.Transient)
            {
                metrics.BatchFailed();
                monitor.Waits(this);
                var wait = FailurePolicy.Backoff(batch.Attempts, Random.Shared.NextDouble());
                LogRetry(exception, batch.Records.Count, batch.Attempts, wait);
                if (!WaitPaused(consumer, batch.Records, wait, stop))
                {
                    batch.Records.Clear();
                    return null;
                }

                metrics.Retried();
                batch.Attempts++;
                batch.Write = processor.StoreAsync(processor.PrepareAsync([.. batch.Records], drain), previous: null, drain);
            }
        }
    }

    /// <summary>Tells of a durable batch, then stores its offsets: a crash in between repeats both.</summary>
    private void End(IConsumer<byte[], byte[]> consumer, BatchInFlight batch, StoredBatch? stored)
    {
        if (stored is null)
            return;
        processor.Announce(stored);
        _owned.Store(consumer, batch.Records);
    }

    /// <summary>Returns when the write has ended. A long one, as of a database that hangs, is waited for as <see cref="WaitPaused"/> does.</summary>
    private void WaitPolling(IConsumer<byte[], byte[]> consumer, Task write)
    {
        if (Task.WaitAny([write], UnpolledWait) == 0)
            return;
        monitor.Waits(this);
        while (!write.IsCompleted)
            Poll(consumer);
        consumer.Resume(consumer.Assignment);
    }

    /// <summary>Keeps polling, so that the group does not take us for dead, but takes no records.</summary>
    private bool WaitPaused(IConsumer<byte[], byte[]> consumer, List<ConsumeResult<byte[], byte[]>> batch, TimeSpan wait, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < wait && !stop.IsCancellationRequested)
            Poll(consumer);
        consumer.Resume(consumer.Assignment);
        // A rebalance may have taken everything away; then there is nothing left to retry.
        return !stop.IsCancellationRequested && batch.Count > 0;
    }

    private void Poll(IConsumer<byte[], byte[]> consumer)
    {
        health.Beat(this);
        // Again on every turn: a rebalance meanwhile brings partitions that are not paused.
        consumer.Pause(consumer.Assignment);
        _stalled.Forget();
        TryConsume(consumer, PausedWait);
        _owned.Measure(consumer, arePaused: true);
    }

    /// <summary>The records come again.</summary>
    private void Forget()
    {
        _filling.Clear();
        _fillingChanges++;
    }

    /// <summary>
    /// What is being written of these partitions is written to its end, which changes nothing for their next owner, but its offsets are not
    /// stored, not even if they come back meanwhile.
    /// </summary>
    private void Drop(IConsumer<byte[], byte[]> consumer, List<TopicPartitionOffset> partitions)
    {
        var gone = _owned.Drop(partitions);
        // librdkafka keeps the pause of a partition that leaves: when it came back, nothing would come of it, however often it were assigned.
        consumer.Resume(gone);
        _fillingChanges += _filling.RemoveAll(record => gone.Contains(record.TopicPartition));
        _writing?.Records.RemoveAll(record => gone.Contains(record.TopicPartition));
    }

    private sealed class BatchInFlight(List<ConsumeResult<byte[], byte[]>> records, Task<StoredBatch> write)
    {
        /// <summary>Those whose offsets are to be stored; revoked ones leave.</summary>
        public List<ConsumeResult<byte[], byte[]>> Records { get; } = records;

        /// <summary>The attempt under way.</summary>
        public Task<StoredBatch> Write { get; set; } = write;
        public int Attempts { get; set; } = 1;
    }

    [LoggerMessage(LogLevel.Warning, "Stopped before {Records} records were stored; they will be repeated")]
    private partial void LogAbandoned(int records);

    [LoggerMessage(LogLevel.Warning, "Consuming failed: {Code} {Reason}")]
    private partial void LogConsumeFailed(ErrorCode code, string reason);

    [LoggerMessage(LogLevel.Warning, "Attempt {Attempt} to store {Records} records failed; trying again in {Wait}")]
    private partial void LogRetry(Exception exception, int records, int attempt, TimeSpan wait);
}
