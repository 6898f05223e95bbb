using SignalFlow.Embedded;

namespace SignalFlow.Tests.Infrastructure;

/// <summary>One Kafka cluster of three brokers for the whole run, started by the first test that asks for it.</summary>
/// <remarks>A test that takes brokers down or pushes errors starts an <see cref="EmbeddedKafka"/> of its own.</remarks>
public sealed class KafkaFixture : IDisposable
{
    private readonly Lazy<EmbeddedKafka> _cluster = new(() => EmbeddedKafka.Start());
    private int _topics;

    public string BootstrapServers => _cluster.Value.BootstrapServers;

    /// <summary>Makes a topic whose name starts with the prefix and is unique in the run.</summary>
    public string CreateTopic(string prefix, int partitions = 3)
    {
        var name = $"{prefix}.{Interlocked.Increment(ref _topics)}";
        _cluster.Value.CreateTopic(name, partitions, replicationFactor: 3);
        return name;
    }

    /// <summary>Makes raw, refresh and dead letter topics with a prefix that is unique in the run.</summary>
    public TestTopics CreateTopics(string prefix, int partitions = 3) =>
        new(CreateTopic($"{prefix}.raw", partitions), CreateTopic($"{prefix}.refresh", partitions), CreateTopic($"{prefix}.dlq", partitions: 1));

    public void Dispose()
    {
        if (_cluster.IsValueCreated)
            _cluster.Value.Dispose();
    }
}

public sealed record TestTopics(string Raw, string Refresh, string DeadLetter);
