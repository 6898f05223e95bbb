using Confluent.Kafka;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Embedded;
using SignalFlow.Processing.Consuming;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Processing;

/// <summary>A pause that the watch knows nothing of stands for a partition that librdkafka has given up: nothing comes of either.</summary>
public sealed class StalledPartitionsTests : IDisposable
{
    private const string Topic = "watched";

    private static readonly TopicPartition First = new(Topic, 0);
    private static readonly TopicPartition Second = new(Topic, 1);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);

    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start(brokers: 1);
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogger _logger = new();
    private readonly IProducer<Null, string> _producer;
    private readonly IConsumer<Ignore, string> _consumer;
    private readonly StalledPartitions _stalled;

    public StalledPartitionsTests()
    {
        _kafka.CreateTopic(Topic, 2, 1);
        _producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = _kafka.BootstrapServers }).Build();
        _consumer = new ConsumerBuilder<Ignore, string>(new ConsumerConfig
        {
            BootstrapServers = _kafka.BootstrapServers,
            GroupId = "watchers",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoOffsetStore = false,
        }).Build();
        _stalled = new(lag: null, _time, _logger);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_partition_whose_records_wait_at_the_brokers_is_assigned_anew()
    {
        await ReadBothAsync();
        _consumer.Pause([Second]);
        await _producer.ProduceAsync(Second, new() { Value = "waits" }, Cancel);

        await Eventually.TrueAsync(() => Task.FromResult(Look(isEmpty: true)));

        Assert.Contains($"Nothing comes of {Second}", Assert.Single(_logger.Collector.GetSnapshot()).Message, StringComparison.Ordinal);
        // Nothing was committed, so all of it comes again.
        Assert.Equal(["first", "second", "waits"], Read(3).Order());
    }

    [Fact]
    public async Task So_is_one_of_which_nothing_has_come_since_it_was_assigned()
    {
        _consumer.Subscribe(Topic);
        while (_consumer.Assignment.Count == 0)
            Assert.Null(_consumer.Consume(TimeSpan.FromMilliseconds(100)));
        _consumer.Pause([First, Second]);
        await _producer.ProduceAsync(Second, new() { Value = "waits" }, Cancel);

        await Eventually.TrueAsync(() => Task.FromResult(Look(isEmpty: true)));

        Assert.Contains($"Nothing comes of {Second},", Assert.Single(_logger.Collector.GetSnapshot()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_partition_without_a_new_record_is_left_alone()
    {
        await ReadBothAsync();
        _consumer.Pause([First, Second]);

        for (var look = 0; look < 10; look++)
            Assert.False(Look(isEmpty: true));
    }

    [Fact]
    public async Task What_was_fetched_and_is_not_read_yet_waits_for_nobody_else()
    {
        await ReadBothAsync();
        _consumer.Pause([Second]);
        await _producer.ProduceAsync(Second, new() { Value = "waits" }, Cancel);

        for (var look = 0; look < 10; look++)
            Assert.False(Look(isEmpty: false));
    }

    public void Dispose()
    {
        _stalled.End();
        _consumer.Close();
        _consumer.Dispose();
        _producer.Dispose();
        _kafka.Dispose();
    }

    private async Task ReadBothAsync()
    {
        await _producer.ProduceAsync(First, new() { Value = "first" }, Cancel);
        await _producer.ProduceAsync(Second, new() { Value = "second" }, Cancel);
        _consumer.Subscribe(Topic);
        Assert.Equal(["first", "second"], Read(2).Order());
    }

    private bool Look(bool isEmpty)
    {
        // The brokers' answer comes meanwhile.
        Assert.Null(_consumer.Consume(TimeSpan.FromMilliseconds(100)));
        _time.Advance(LookInterval);
        if (isEmpty)
            _stalled.NoteEmpty();
        return _stalled.TryRevive(_consumer);
    }

    private List<string> Read(int count)
    {
        var values = new List<string>();
        while (values.Count < count)
        {
            Cancel.ThrowIfCancellationRequested();
            if (_consumer.Consume(TimeSpan.FromSeconds(1)) is { } record)
                values.Add(record.Message.Value);
        }

        return values;
    }
}
