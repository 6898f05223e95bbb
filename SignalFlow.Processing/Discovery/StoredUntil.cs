using Confluent.Kafka;
using SignalFlow.Contracts;

namespace SignalFlow.Processing.Discovery;

/// <summary>
/// Until when all that was published is stored. The brokers say how far the partitions of observations reach, and how far the group has committed, which
/// it does when records are durable. Once it has come to where a partition reached when that was asked, what was published before the question is stored.
/// </summary>
internal sealed partial class StoredUntil(
    ConsumerBuilder<byte[], byte[]> consumers, DiscoveryMetrics metrics, TimeProvider time, ILogger<StoredUntil> logger) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    // Commits are five seconds behind, and batches that are retried some more.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();

    // Of the group, but no member of it, as it subscribes to nothing. An admin client would do, did librdkafka not fall over an error that it is answered
    // when it asks for the offsets of a group: there it takes for granted that the client has one.
    private IConsumer<byte[], byte[]>? _consumer;
    private Goal? _goal;
    private bool _isTold;

    /// <summary>Null: nobody knows yet.</summary>
    public DateTimeOffset? Instant { get; private set; }

    /// <exception cref="KafkaException">The brokers do not answer; the instant stays.</exception>
    public async Task AskAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        // Blocks, so that there is no request left when the client is disposed of.
        var positions = await Task.Run(Positions, cancellationToken);
        var present = new Goal(now, positions.ToDictionary(position => position.Partition, position => position.End));
        _goal ??= present;
        // A topic that was made anew is shorter than it was.
        if (positions.Find(position => position.Next < Math.Min(position.End, _goal.Ends.GetValueOrDefault(position.Partition))) is not { } behind)
        {
            Instant = _goal.At;
            _goal = present;
            _isTold = false;
        }
        else if (!_isTold && now - _goal.At >= Patience)
        {
            _isTold = true;
            LogWaits(_goal.At.UtcDateTime, behind.Partition, behind.Next, behind.End);
        }

        metrics.Waits(now - _goal.At);
    }

    public void Dispose()
    {
        lock (_lock)
            _consumer?.Dispose();
    }

    private List<Position> Positions()
    {
        lock (_lock)
        {
            var consumer = _consumer ??= consumers.Build();
            using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
            var partitions = Partitions(admin, KafkaTopics.Raw).Concat(Partitions(admin, KafkaTopics.Refresh));
            return consumer.Committed(partitions, Timeout).ConvertAll(committed =>
            {
                var range = consumer.QueryWatermarkOffsets(committed.TopicPartition, Timeout);
                // What the brokers have dropped is not waited for, nor is a partition that never had a record, of which nothing is committed.
                return new Position(
                    committed.TopicPartition,
                    Math.Max(range.Low.Value, committed.Offset.IsSpecial ? 0 : committed.Offset.Value),
                    range.High.Value);
            });
        }
    }

    private static IEnumerable<TopicPartition> Partitions(IAdminClient admin, string topic)
    {
        var metadata = admin.GetMetadata(topic, Timeout).Topics[0];
        return metadata.Error.IsError
            ? throw new KafkaException(metadata.Error)
            : metadata.Partitions.Select(partition => new TopicPartition(topic, partition.PartitionId));
    }

    [LoggerMessage(LogLevel.Warning,
        "Hours and their quarters are not looked at before what was published until {At:u} is stored: {Partition} is stored to {Next} of {End}")]
    private partial void LogWaits(DateTime at, TopicPartition partition, long next, long end);

    /// <param name="At">When this was asked.</param>
    /// <param name="Ends">Of all partitions.</param>
    private sealed record Goal(DateTimeOffset At, Dictionary<TopicPartition, long> Ends);

    /// <param name="Partition">Of observations.</param>
    /// <param name="Next">The offset of the first record that may not be stored.</param>
    /// <param name="End">The offset of the next record that will be published.</param>
    private sealed record Position(TopicPartition Partition, long Next, long End);
}
