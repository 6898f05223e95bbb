using System.Diagnostics;
using Confluent.Kafka;
using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Processing.Consuming;
using SignalFlow.Processing.Failures;
using SignalFlow.Storage.DeadLetters;

namespace SignalFlow.Processing.DeadLetters;

/// <summary>
/// The consumer of the dead-letter topic, from Subscribe to Close, on one thread. One letter at a time: they are rare, and may be large.
/// A letter's offset moves when the letter is stored, so a restart loses none, and storing one again changes nothing.
/// </summary>
internal sealed partial class DeadLetterLoop(
    [FromKeyedServices(KafkaTopics.DeadLetter)] ConsumerBuilder<byte[], byte[]> builder,
    DeadLetterStore store,
    DeadLetterEventMetrics metrics,
    TimeProvider time,
    ILogger<DeadLetterLoop> logger)
{
    private static readonly TimeSpan IdleWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PausedWait = TimeSpan.FromMilliseconds(100);

    // Nearly always one. A rebalance while the database is away may bring more in spite of the pause.
    private readonly List<ConsumeResult<byte[], byte[]>> _pending = [];
    private readonly StalledPartitions _stalled = new(lag: null, time, logger);

    /// <summary>Blocks until <paramref name="stop"/> is cancelled, or the client or the database fails for good.</summary>
    public void Run(CancellationToken stop)
    {
        // Spans of this endless loop must not nest under whatever started it.
        Activity.Current = null;
        using var consumer = builder
            .SetPartitionsRevokedHandler(Drop)
            .SetPartitionsLostHandler(Drop)
            .Build();
        consumer.Subscribe(KafkaTopics.DeadLetter);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                if (_pending.Count > 0)
                {
                    Finish(consumer, _pending[0], stop);
                    continue;
                }

                _stalled.TryRevive(consumer);
                Consume(consumer, IdleWait);
            }
        }
        finally
        {
            _stalled.End();
            // Leaves the group and commits what was stored.
            consumer.Close();
        }
    }

    private void Consume(IConsumer<byte[], byte[]> consumer, TimeSpan wait)
    {
        try
        {
            if (consumer.Consume(wait) is { IsPartitionEOF: false } record)
                _pending.Add(record);
            else
                _stalled.NoteEmpty();
        }
        catch (ConsumeException exception) when (FailurePolicy.Of(exception) == FailureKind.Transient)
        {
            LogConsumeFailed(exception.Error.Code, exception.Error.Reason);
            _stalled.Note(exception);
        }
    }

    /// <summary>Stores the letter, however long the database is away, unless a stop or a rebalance ends it.</summary>
    private void Finish(IConsumer<byte[], byte[]> consumer, ConsumeResult<byte[], byte[]> record, CancellationToken stop)
    {
        var letter = DeadLetterReader.Read(record);
        for (var attempt = 1; !stop.IsCancellationRequested && _pending.Contains(record); attempt++)
        {
            try
            {
                // This thread has no synchronization context and nothing else to do, so blocking it is what it is for.
                if (store.StoreAsync(letter, stop).GetAwaiter().GetResult() is { } outcome)
                    Report(letter, outcome);
                Done(consumer, record);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Repeated by whoever comes next.
            }
            catch (Exception exception) when (FailurePolicy.Of(exception) == FailureKind.Transient)
            {
                var wait = FailurePolicy.Backoff(attempt, Random.Shared.NextDouble());
                LogRetry(exception, record.TopicPartitionOffset, attempt, wait);
                WaitPaused(consumer, wait, stop);
            }
            catch (PostgresException exception) when (FailurePolicy.Of(exception) == FailureKind.Poison)
            {
                // A letter has no other place to go to, and must not hold up those behind it. The topic still has it.
                metrics.Refused();
                LogRefused(record.TopicPartitionOffset, exception.SqlState);
                Done(consumer, record);
            }
        }
    }

    private void Report(DeadLetter letter, DeadLetterOutcome outcome)
    {
        LogStored(letter.SourceTopic, letter.SourcePartition, letter.SourceOffset, letter.ErrorClass, outcome.Attempts);
        if (!outcome.IsOfReplay || letter.Replay is not { } replay)
            return;
        metrics.ReplayEnded(outcome.State == DeadLetterStates.Parked ? DeadLetterStates.Parked : DeadLetterStates.FailedAgain, 1);
        LogReplayFailed(replay.Number, replay.LetterId, outcome.State);
    }

    private void Done(IConsumer<byte[], byte[]> consumer, ConsumeResult<byte[], byte[]> record)
    {
        _pending.Remove(record);
        StoreOffset(consumer, record);
    }

    /// <summary>Keeps polling, so that the group does not take us for dead.</summary>
    private void WaitPaused(IConsumer<byte[], byte[]> consumer, TimeSpan wait, CancellationToken stop)
    {
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < wait && !stop.IsCancellationRequested)
        {
            // Again on every turn: a rebalance meanwhile brings partitions that are not paused.
            consumer.Pause(consumer.Assignment);
            _stalled.Forget();
            Consume(consumer, PausedWait);
        }

        consumer.Resume(consumer.Assignment);
    }

    private void Drop(IConsumer<byte[], byte[]> consumer, List<TopicPartitionOffset> partitions)
    {
        // Or they come back paused.
        consumer.Resume(partitions.Select(partition => partition.TopicPartition));
        _pending.RemoveAll(record => partitions.Exists(gone => gone.TopicPartition == record.TopicPartition));
    }

    private void StoreOffset(IConsumer<byte[], byte[]> consumer, ConsumeResult<byte[], byte[]> record)
    {
        try
        {
            consumer.StoreOffset(record);
        }
        catch (KafkaException exception) when (exception.Error.Code == ErrorCode.Local_State)
        {
            // Just revoked. Its next owner repeats the letter, which changes nothing.
            LogNotOwned(record.TopicPartition);
        }
    }

    [LoggerMessage(LogLevel.Information, "Stored the dead letter of {Topic} [[{Partition}]] @{Offset}: {ErrorClass}, attempt {Attempt}")]
    private partial void LogStored(string topic, int partition, long offset, string errorClass, int attempt);

    [LoggerMessage(LogLevel.Warning, "Replay {Replay} of the dead letter {Letter} failed; it is {State} now")]
    private partial void LogReplayFailed(int replay, long letter, string state);

    [LoggerMessage(LogLevel.Error, "PostgreSQL refuses the dead letter at {Position} with SQLSTATE {SqlState}; only the topic has it")]
    private partial void LogRefused(TopicPartitionOffset position, string sqlState);

    [LoggerMessage(LogLevel.Debug, "{Partition} is not ours any more")]
    private partial void LogNotOwned(TopicPartition partition);

    [LoggerMessage(LogLevel.Warning, "Consuming dead letters failed: {Code} {Reason}")]
    private partial void LogConsumeFailed(ErrorCode code, string reason);

    [LoggerMessage(LogLevel.Warning, "Attempt {Attempt} to store the dead letter at {Position} failed; trying again in {Wait}")]
    private partial void LogRetry(Exception exception, TopicPartitionOffset position, int attempt, TimeSpan wait);
}
