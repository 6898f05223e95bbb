using System.Diagnostics.Metrics;
using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Processing;
using SignalFlow.Processing.Discovery;

namespace SignalFlow.Tests.Discovery;

/// <summary>What the group has committed says until when all is stored.</summary>
public sealed class StoredUntilTests : IDisposable
{
    private static readonly TopicPartition First = new(KafkaTopics.Raw, 0);
    private static readonly TopicPartition Second = new(KafkaTopics.Refresh, 1);
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(10);

    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start(brokers: 1);
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new(new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly FakeLogger<StoredUntil> _logger = new();
    private readonly IProducer<Null, byte[]> _producer;
    private readonly IConsumer<Ignore, Ignore> _group;
    private readonly MetricCollector<double> _waits;
    private readonly StoredUntil _stored;

    public StoredUntilTests()
    {
        _kafka.CreateTopic(KafkaTopics.Raw, 2, 1);
        _kafka.CreateTopic(KafkaTopics.Refresh, 2, 1);
        var member = new ConsumerConfig { BootstrapServers = _kafka.BootstrapServers, GroupId = "processing" };
        _producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = _kafka.BootstrapServers, MessageMaxBytes = 2 << 20 }).Build();
        _group = new ConsumerBuilder<Ignore, Ignore>(member).Build();
        var meters = _services.GetRequiredService<IMeterFactory>();
        _waits = new(meters, ProcessingMetrics.MeterName, "signalflow_discovery_wait");
        _stored = new(new(member), new(meters), _time, _logger);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DateTimeOffset Now => _time.GetUtcNow();

    [Fact]
    public async Task Where_nothing_was_ever_published_all_is_stored()
    {
        await _stored.AskAsync(Cancel);

        Assert.Equal(Now, _stored.Instant);
    }

    [Fact]
    public async Task What_waits_in_one_partition_holds_the_instant_up_until_it_is_committed()
    {
        var start = Now;
        await PublishAsync(First, 3);
        await PublishAsync(Second, 1);
        await AskAsync();
        Commit(First, 3);
        await AskAsync();
        Assert.Null(_stored.Instant);
        Assert.Equal(Turn.TotalSeconds, Waits());

        Commit(Second, 1);
        await AskAsync();

        Assert.Equal(start, _stored.Instant);
        Assert.Equal(0, Waits());
    }

    [Fact]
    public async Task The_instant_moves_on_though_there_is_always_something_that_waits()
    {
        for (var turn = 0; turn < 10; turn++)
        {
            await PublishAsync(First, 1);
            await AskAsync();
            Commit(First, turn + 1);
        }

        // Asked at the last turn but one, committed after it, seen at the last.
        Assert.Equal(Now - 2 * Turn, _stored.Instant);
    }

    [Fact]
    public async Task What_the_brokers_have_dropped_is_not_waited_for()
    {
        var start = Now;
        await PublishAsync(First, 1);
        await AskAsync();
        Assert.Null(_stored.Instant);

        // They keep 5 MiB.
        await PublishAsync(First, 8, size: 1_000_000);
        await AskAsync();

        Assert.Equal(start, _stored.Instant);
    }

    [Fact]
    public async Task Who_waits_for_long_says_once_for_what()
    {
        await PublishAsync(Second, 2);
        Commit(Second, 1);
        for (var turn = 0; turn < 40; turn++)
            await AskAsync();

        Assert.EndsWith($"{Second} is stored to 1 of 2", Assert.Single(_logger.Collector.GetSnapshot()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_no_broker_answers_the_instant_stays()
    {
        var start = Now;
        await AskAsync();
        _kafka.SetBrokerDown(1);

        await Assert.ThrowsAnyAsync<KafkaException>(AskAsync);

        Assert.Equal(start, _stored.Instant);
    }

    [Theory]
    [InlineData(KafkaRequest.OffsetFetch, ErrorCode.NotCoordinatorForGroup)]
    [InlineData(KafkaRequest.OffsetFetch, ErrorCode.GroupAuthorizationFailed)]
    [InlineData(KafkaRequest.ListOffsets, ErrorCode.NotLeaderForPartition)]
    [InlineData(KafkaRequest.FindCoordinator, ErrorCode.GroupCoordinatorNotAvailable)]
    public async Task An_error_of_the_brokers_is_one_question_without_an_answer_at_most(KafkaRequest request, ErrorCode error)
    {
        await PublishAsync(First, 1);
        Commit(First, 1);
        _kafka.PushRequestErrors(request, error);
        await Record.ExceptionAsync(AskAsync);

        var asked = Now;
        await AskAsync();

        Assert.InRange(_stored.Instant!.Value, asked - Turn, asked);
    }

    public void Dispose()
    {
        _waits.Dispose();
        _services.Dispose();
        _group.Dispose();
        _producer.Dispose();
        _stored.Dispose();
        _kafka.Dispose();
    }

    private async Task AskAsync()
    {
        await _stored.AskAsync(Cancel);
        _time.Advance(Turn);
    }

    private async Task PublishAsync(TopicPartition partition, int records, int size = 10)
    {
        for (var record = 0; record < records; record++)
            await _producer.ProduceAsync(partition, new() { Value = new byte[size] }, Cancel);
    }

    private void Commit(TopicPartition partition, long next) => _group.Commit([new(partition, next)]);

    private double Waits()
    {
        _waits.RecordObservableInstruments();
        return _waits.LastMeasurement!.Value;
    }
}
