using System.Globalization;
using Confluent.Kafka;
using SignalFlow.Embedded;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Embedded;

public sealed class EmbeddedKafkaTests(KafkaFixture kafka)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Carries_every_message_once_over_all_three_brokers()
    {
        const int Count = 300;
        var topic = kafka.CreateTopic("all-brokers");
        using var producer = Producer(kafka.BootstrapServers);
        var reports = await Task.WhenAll(Enumerable.Range(0, Count).Select(i => producer.ProduceAsync(topic, Message(i), Cancellation)));

        using var consumer = Consumer(kafka.BootstrapServers, topic);
        consumer.Subscribe(topic);
        var received = Enumerable.Range(0, Count).Select(_ => consumer.Consume(Cancellation).Message.Value).ToHashSet();

        Assert.Equal(Count, received.Count);
        Assert.Null(consumer.Consume(Poll));
        Assert.Equal(3, reports.Select(report => report.Partition).Distinct().Count());
        Assert.Equal([1, 2, 3], Leaders(kafka.BootstrapServers, topic).Order());
    }

    [Fact]
    public async Task Shares_the_partitions_between_the_consumers_of_a_group()
    {
        const int Count = 60;
        var topic = kafka.CreateTopic("rebalance");
        using var first = Consumer(kafka.BootstrapServers, topic);
        using var second = Consumer(kafka.BootstrapServers, topic);
        first.Subscribe(topic);
        await Eventually.TrueAsync(() => PolledAsync([first], () => first.Assignment.Count == 3));

        second.Subscribe(topic);
        await Eventually.TrueAsync(() => PolledAsync(
            [first, second], () => first.Assignment.Count is 1 or 2 && first.Assignment.Count + second.Assignment.Count == 3));
        Assert.Empty(first.Assignment.Intersect(second.Assignment));

        using var producer = Producer(kafka.BootstrapServers);
        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => producer.ProduceAsync(topic, Message(i), Cancellation)));
        var received = new List<string>();
        while (received.Count < Count)
        {
            Cancellation.ThrowIfCancellationRequested();
            received.AddRange(new[] { first.Consume(Poll), second.Consume(Poll) }.OfType<ConsumeResult<string, string>>().Select(r => r.Message.Value));
        }

        Assert.Equal(Count, received.Distinct().Count());
    }

    [Fact]
    public async Task Goes_on_at_the_committed_offset_of_a_group()
    {
        var topic = kafka.CreateTopic("offsets", partitions: 1);
        using var producer = Producer(kafka.BootstrapServers);
        for (var i = 0; i < 10; i++)
            await producer.ProduceAsync(topic, Message(i), Cancellation);

        using (var first = Consumer(kafka.BootstrapServers, topic))
        {
            first.Subscribe(topic);
            for (var i = 0; i < 4; i++)
                first.Commit(first.Consume(Cancellation));
            first.Close();
        }

        using var second = Consumer(kafka.BootstrapServers, topic);
        second.Subscribe(topic);
        Assert.Equal(4, second.Consume(Cancellation).Offset.Value);
    }

    [Fact]
    public async Task Delivers_when_the_leader_is_back_what_was_produced_while_it_was_down()
    {
        using var cluster = EmbeddedKafka.Start();
        cluster.CreateTopic("outage", partitions: 1, replicationFactor: 3);
        using var producer = Producer(cluster.BootstrapServers);
        await producer.ProduceAsync("outage", Message(0), Cancellation);
        var leader = Leaders(cluster.BootstrapServers, "outage").Single();

        cluster.SetBrokerDown(leader);
        var pending = producer.ProduceAsync("outage", Message(1), Cancellation);
        await Assert.ThrowsAsync<TimeoutException>(() => pending.WaitAsync(TimeSpan.FromMilliseconds(500), Cancellation));
        cluster.SetBrokerUp(leader);

        Assert.Equal(1, (await pending).Offset.Value);
    }

    [Fact]
    public async Task Moves_a_partition_to_another_leader()
    {
        using var cluster = EmbeddedKafka.Start();
        cluster.CreateTopic("moved", partitions: 1, replicationFactor: 3);
        using var producer = Producer(cluster.BootstrapServers);
        await producer.ProduceAsync("moved", Message(0), Cancellation);
        var leader = Leaders(cluster.BootstrapServers, "moved").Single();

        cluster.SetPartitionLeader("moved", 0, (leader % 3) + 1);
        cluster.SetBrokerDown(leader);

        Assert.Equal(1, (await producer.ProduceAsync("moved", Message(1), Cancellation)).Offset.Value);
        Assert.NotEqual(leader, Leaders(cluster.BootstrapServers, "moved").Single());
    }

    [Fact]
    public async Task Answers_with_the_errors_pushed_for_a_request()
    {
        using var cluster = EmbeddedKafka.Start(brokers: 1);
        cluster.CreateTopic("errors", partitions: 1, replicationFactor: 1);
        using var producer = Producer(cluster.BootstrapServers);

        cluster.PushRequestErrors(KafkaRequest.Produce, ErrorCode.MsgSizeTooLarge);
        var refused = await Assert.ThrowsAsync<ProduceException<string, string>>(() => producer.ProduceAsync("errors", Message(0), Cancellation));
        Assert.Equal(ErrorCode.MsgSizeTooLarge, refused.Error.Code);

        cluster.PushRequestErrors(KafkaRequest.Produce, ErrorCode.MsgSizeTooLarge);
        cluster.ClearRequestErrors(KafkaRequest.Produce);
        Assert.Equal(PersistenceStatus.Persisted, (await producer.ProduceAsync("errors", Message(1), Cancellation)).Status);
    }

    [Fact]
    public void Refuses_to_create_a_topic_twice()
    {
        using var cluster = EmbeddedKafka.Start(brokers: 1);
        cluster.CreateTopic("twice", partitions: 2, replicationFactor: 1);

        var refused = Assert.Throws<EmbeddedInfrastructureException>(() => cluster.CreateTopic("twice", partitions: 2, replicationFactor: 1));

        Assert.Contains("twice", refused.Message, StringComparison.Ordinal);
        Assert.Contains("already exists", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_broker_that_does_not_exist()
    {
        using var cluster = EmbeddedKafka.Start(brokers: 1);

        Assert.Throws<EmbeddedInfrastructureException>(() => cluster.SetBrokerDown(2));
        Assert.Throws<EmbeddedInfrastructureException>(() => cluster.SetRoundTripTime(2, TimeSpan.FromMilliseconds(5)));
    }

    [Fact]
    public void Refuses_work_after_its_end()
    {
        var cluster = EmbeddedKafka.Start(brokers: 1);
        cluster.Dispose();
        cluster.Dispose();

        Assert.Throws<ObjectDisposedException>(() => cluster.CreateTopic("late", partitions: 1, replicationFactor: 1));
    }

    [Fact]
    public void Listens_on_the_loopback_interface_only()
    {
        using var cluster = EmbeddedKafka.Start();

        var ports = cluster.BootstrapServers.Split(',').Select(address => int.Parse(address.Split(':')[1], CultureInfo.InvariantCulture)).ToList();

        Assert.Equal(3, ports.Count);
        Assert.All(ports, port => Assert.Equal(["127.0.0.1"], ListeningAddresses.Of(port)));
    }

    private static Message<string, string> Message(int number) =>
        new() { Key = string.Create(CultureInfo.InvariantCulture, $"key-{number}"), Value = number.ToString(CultureInfo.InvariantCulture) };

    private static IProducer<string, string> Producer(string servers) => new ProducerBuilder<string, string>(new ProducerConfig
    {
        BootstrapServers = servers,
        EnableIdempotence = true,
        Acks = Acks.All,
        CompressionType = CompressionType.Snappy,
        ReconnectBackoffMaxMs = 200,
    }).SetLogHandler((_, _) => { }).Build();

    private static IConsumer<string, string> Consumer(string servers, string group) => new ConsumerBuilder<string, string>(new ConsumerConfig
    {
        BootstrapServers = servers,
        GroupId = group,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        EnableAutoCommit = false,
        // The mock brokers wait this long for the members of a group to join again, less a second, even when all have: by default 44 s.
        SessionTimeoutMs = 6_000,
        HeartbeatIntervalMs = 500,
    }).Build();

    private static IReadOnlyList<int> Leaders(string servers, string topic)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).SetLogHandler((_, _) => { }).Build();
        return [.. admin.GetMetadata(topic, Patience).Topics.Single().Partitions.Select(partition => partition.Leader)];
    }

    // Consumers take part in a rebalance while they poll.
    private static Task<bool> PolledAsync(IEnumerable<IConsumer<string, string>> consumers, Func<bool> condition)
    {
        foreach (var consumer in consumers)
            Assert.Null(consumer.Consume(Poll));
        return Task.FromResult(condition());
    }
}
