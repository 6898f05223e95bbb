using Confluent.Kafka;
using SignalFlow.Benchmarks.Chaos;

namespace SignalFlow.Benchmarks.Soak;

/// <summary>Sends a <see cref="SoakStream"/> as fast as it is told to, marked as none of ingestion's.</summary>
internal sealed class SoakProducer(string bootstrapServers) : IDisposable
{
    private readonly IProducer<byte[], byte[]> _producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
    {
        BootstrapServers = bootstrapServers,
        EnableIdempotence = true,
        CompressionType = CompressionType.Snappy,
        LingerMs = 5,
        QueueBufferingMaxMessages = 200_000,
    }).SetLogHandler((_, _) => { }).Build();

    public void Send((string Topic, byte[] Key, byte[] Value) message) => _producer.Produce(
        message.Topic, new() { Key = message.Key, Value = message.Value, Headers = [new Header(TopicTap.Header, TopicTap.PostMark)] });

    /// <summary>Until the brokers have all of it.</summary>
    public void Flush(CancellationToken cancellationToken) => _producer.Flush(cancellationToken);

    public void Dispose() => _producer.Dispose();
}
