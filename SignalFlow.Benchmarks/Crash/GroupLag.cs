using System.Globalization;
using Confluent.Kafka;
using SignalFlow.Contracts;

namespace SignalFlow.Benchmarks.Crash;

/// <summary>Where the groups of processing stand, asked from outside, without becoming a member.</summary>
internal sealed class GroupLag : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private readonly IConsumer<Ignore, Ignore> _observations;
    private readonly IConsumer<Ignore, Ignore> _letters;
    private readonly List<TopicPartition> _observationPartitions;
    private readonly List<TopicPartition> _letterPartitions;

    public GroupLag(string bootstrapServers, string group, int partitions)
    {
        _observations = Consumer(bootstrapServers, group);
        _letters = Consumer(bootstrapServers, $"{group}-dlq");
        _observationPartitions = [.. new[] { KafkaTopics.Raw, KafkaTopics.Refresh }
            .SelectMany(topic => Enumerable.Range(0, partitions).Select(partition => new TopicPartition(topic, partition)))];
        _letterPartitions = [new(KafkaTopics.DeadLetter, 0)];
    }

    /// <summary>The sum of the committed offsets of raw and refresh: every commit changes it.</summary>
    public long Committed() => _observations.Committed(_observationPartitions, Timeout).Sum(Position);

    /// <summary>Records whose offsets are not committed, of all three topics.</summary>
    public long Records() => Positions().Sum(position => position.High - position.Committed);

    /// <summary>Records that the broker has dropped for want of room.</summary>
    public long Evicted() => Positions().Sum(position => position.Low);

    /// <summary>A line for each partition that is not read to its end.</summary>
    public IEnumerable<string> Behind() => Positions().Where(position => position.Committed < position.High).Select(position => string.Create(
        CultureInfo.InvariantCulture, $"{position.Partition}: committed {position.Committed}, broker has {position.Low} to {position.High}"));

    public void Dispose()
    {
        _observations.Dispose();
        _letters.Dispose();
    }

    private IEnumerable<(TopicPartition Partition, long Committed, long Low, long High)> Positions() =>
        Positions(_observations, _observationPartitions).Concat(Positions(_letters, _letterPartitions));

    private static IEnumerable<(TopicPartition Partition, long Committed, long Low, long High)> Positions(
        IConsumer<Ignore, Ignore> consumer, List<TopicPartition> partitions)
    {
        foreach (var committed in consumer.Committed(partitions, Timeout))
        {
            var watermarks = consumer.QueryWatermarkOffsets(committed.TopicPartition, Timeout);
            yield return (committed.TopicPartition, Position(committed), watermarks.Low.Value, watermarks.High.Value);
        }
    }

    private static long Position(TopicPartitionOffset offset) => offset.Offset.IsSpecial ? 0 : offset.Offset.Value;

    private static IConsumer<Ignore, Ignore> Consumer(string bootstrapServers, string group) =>
        new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = group, EnableAutoCommit = false })
            .SetLogHandler((_, _) => { })
            .Build();
}
