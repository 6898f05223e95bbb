using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Ingestion;
using SignalFlow.Ingestion.Publishing;
using SignalFlow.ServiceDefaults;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Ingestion;

public sealed class ObservationPublisherTests(KafkaFixture kafka)
{
    [Fact]
    public async Task Observations_arrive_keyed_by_post_with_the_trace_they_belong_to()
    {
        var topic = kafka.CreateTopic("publisher");
        using var producer = Producer(kafka.BootstrapServers);
        using var activity = new Activity("poll").SetIdFormat(ActivityIdFormat.W3C).Start();

        var persisted = await Publisher(producer).PublishAsync(topic, [Observation("a"), Observation("b")], TestContext.Current.CancellationToken);

        Assert.Equal(["a", "b"], persisted.Order());
        var messages = Consume(kafka.BootstrapServers, topic, 2);
        Assert.Equal(["a", "b"], messages.Select(message => message.Key).Order());
        Assert.All(messages, message =>
        {
            Assert.Equal(Observation(message.Key), JsonSerializer.Deserialize(message.Value, ContractsJsonContext.Default.PostObservation));
            Assert.True(message.Headers.TryGetLastBytes("traceparent", out var trace));
            Assert.Equal(activity.Id, Encoding.ASCII.GetString(trace));
        });
    }

    [Fact]
    public async Task What_Kafka_refuses_is_not_among_the_persisted_and_can_be_published_again()
    {
        using var cluster = EmbeddedKafka.Start(brokers: 1);
        cluster.CreateTopic("posts", partitions: 1, replicationFactor: 1);
        using var producer = Producer(cluster.BootstrapServers);
        var publisher = Publisher(producer);
        cluster.PushRequestErrors(KafkaRequest.Produce, ErrorCode.MsgSizeTooLarge);

        var refused = await publisher.PublishAsync("posts", [Observation("a")], TestContext.Current.CancellationToken);
        var accepted = await publisher.PublishAsync("posts", [Observation("a")], TestContext.Current.CancellationToken);

        Assert.Empty(refused);
        Assert.Equal(["a"], accepted);
    }

    [Fact]
    public async Task A_full_queue_makes_the_publisher_wait_instead_of_losing()
    {
        var topic = kafka.CreateTopic("publisher.full");
        using var producer = Producer(kafka.BootstrapServers, config => config.QueueBufferingMaxMessages = 10);
        var observations = Enumerable.Range(0, 50).Select(i => Observation($"p{i}")).ToList();

        var persisted = await Publisher(producer).PublishAsync(topic, observations, TestContext.Current.CancellationToken);

        Assert.Equal(50, persisted.Count);
    }

    internal static List<Message<string, byte[]>> Consume(string bootstrapServers, string topic, int count) =>
        [.. Messages(bootstrapServers, topic).Take(count)];

    /// <summary>All messages of a topic from its beginning on, without end.</summary>
    internal static IEnumerable<Message<string, byte[]>> Messages(string bootstrapServers, string topic)
    {
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = $"{topic}-{Guid.NewGuid()}",
            AutoOffsetReset = AutoOffsetReset.Earliest,
        }).Build();
        consumer.Subscribe(topic);
        try
        {
            while (true)
                yield return consumer.Consume(TestContext.Current.CancellationToken).Message;
        }
        finally
        {
            consumer.Close();
        }
    }

    private static LastingProducer<string, byte[]> Producer(string bootstrapServers, Action<ProducerConfig>? configure = null)
    {
        var config = new ProducerConfig { BootstrapServers = bootstrapServers, EnableIdempotence = true, Acks = Acks.All, LingerMs = 5 };
        configure?.Invoke(config);
        return new(_ => new ProducerBuilder<string, byte[]>(config).SetLogHandler((_, _) => { }).Build());
    }

    private static ObservationPublisher Publisher(LastingProducer<string, byte[]> producer)
    {
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        return new(producer, new IngestionMetrics(meters, TimeProvider.System), TimeProvider.System, NullLogger<ObservationPublisher>.Instance);
    }

    private static PostObservation Observation(string id) => new()
    {
        Id = id,
        Title = "“Zitat” & <b>😀</b>",
        Subreddit = "news",
        CreatedUtc = 1_772_692_200.0,
        Score = 1,
        NumComments = 0,
        ObservedAt = 1_772_692_500.123,
    };
}
