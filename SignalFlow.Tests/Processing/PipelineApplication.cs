using System.Diagnostics.Metrics;
using System.Text.Json;
using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Processing;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Processing;

/// <summary>Processing as it runs, on a Kafka, a Redis and a database of its own; topics' names are part of the contract.</summary>
internal sealed class PipelineApplication : IAsyncDisposable
{
    private readonly List<WebApplication> _replicas = [];
    private readonly IProducer<byte[]?, byte[]> _producer;
    private readonly List<MetricCollector<long>> _failedBatchCollectors = [];

    private PipelineApplication(MigratedDatabase database, int letterPartitions = 1)
    {
        Database = database;
        Kafka = EmbeddedKafka.Start();
        Kafka.CreateTopic(KafkaTopics.Raw, 3, 3);
        Kafka.CreateTopic(KafkaTopics.Refresh, 3, 3);
        Kafka.CreateTopic(KafkaTopics.DeadLetter, letterPartitions, 3);
        Redis = EmbeddedRedis.Start();
        _producer = new ProducerBuilder<byte[]?, byte[]>(new ProducerConfig
        {
            BootstrapServers = Kafka.BootstrapServers,
            EnableIdempotence = true,
            LingerMs = 1,
            MessageMaxBytes = 4 << 20,
        }).Build();
    }

    public MigratedDatabase Database { get; }

    private int CommandTimeout { get; init; } = 30;

    /// <summary>
    /// The embedded brokers end a rebalance only when the members' session has nearly run out. With this, the consumers have
    /// short ones, so that a replica may come or go within a test.
    /// </summary>
    public bool HasShortSessions { get; set; }

    public EmbeddedKafka Kafka { get; }

    public EmbeddedRedis Redis { get; }

    /// <summary>Batches that were not stored and had to be repeated, over all replicas.</summary>
    public long FailedBatches => _failedBatchCollectors.SelectMany(collector => collector.GetMeasurementSnapshot())
        .Where(batch => batch.ContainsTags(KeyValuePair.Create<string, object?>("status", "error"))).Sum(batch => batch.Value);

    /// <param name="postgres">The server.</param>
    /// <param name="commandTimeout">Seconds that the replicas' statements may take.</param>
    /// <param name="letterPartitions">Of the dead-letter topic.</param>
    public static async Task<PipelineApplication> CreateAsync(PostgresFixture postgres, int commandTimeout = 30, int letterPartitions = 1) =>
        new(await MigratedDatabase.CreateAsync(postgres), letterPartitions) { CommandTimeout = commandTimeout };

    public static async Task<PipelineApplication> CreateAsync(StoppablePostgres postgres) =>
        new(await MigratedDatabase.CreateAsync(postgres));

    public async Task<WebApplication> StartReplicaAsync(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFakeLogging();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:kafka"] = Kafka.BootstrapServers,
            ["ConnectionStrings:redis"] = Redis.ConnectionString,
            ["ConnectionStrings:signalflow"] =
                $"{await ServiceUser.ConnectAsync(Database.ConnectionString, ServiceUser.Writer)};Command Timeout={CommandTimeout}",
            ["Processing:BatchTimeout"] = "00:00:00.050",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value)));
        if (HasShortSessions)
            builder.Configuration["Kafka:SessionTimeout"] = "00:00:06";
        builder.AddServiceDefaults();
        builder.AddPostStorage();
        builder.AddProcessing();
        var app = builder.Build();
        _failedBatchCollectors.Add(new(app.Services.GetRequiredService<IMeterFactory>(), ProcessingMetrics.MeterName, "reddit_processor_batches"));
        app.MapServiceDefaults();
        await app.StartAsync(TestContext.Current.CancellationToken);
        _replicas.Add(app);
        return app;
    }

    public static bool HasLogged(WebApplication replica, string part) => replica.Services.GetFakeLogCollector().GetSnapshot()
        .Any(record => record.Message.Contains(part, StringComparison.Ordinal));

    public async Task StopReplicaAsync(WebApplication replica)
    {
        _replicas.Remove(replica);
        await replica.StopAsync(TestContext.Current.CancellationToken);
        await replica.DisposeAsync();
    }

    public Task ProduceAsync(string topic, PostObservation observation) => ProduceAsync(
        topic, System.Text.Encoding.UTF8.GetBytes(observation.Id),
        JsonSerializer.SerializeToUtf8Bytes(observation, ContractsJsonContext.Default.PostObservation));

    public Task ProduceAsync(string topic, byte[]? key, byte[] value, Headers? headers = null) =>
        _producer.ProduceAsync(topic, new() { Key = key, Value = value, Headers = headers }, TestContext.Current.CancellationToken);

    /// <summary>How many letters there are on the dead-letter topic.</summary>
    public long DeadLetterCount()
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = Kafka.BootstrapServers, GroupId = "count" }).Build();
        return consumer.QueryWatermarkOffsets(new(KafkaTopics.DeadLetter, 0), TimeSpan.FromSeconds(30)).High.Value;
    }

    /// <summary>Where a group will go on; null when it has committed nothing yet.</summary>
    public long? Committed(string group, string topic, int partition = 0)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = Kafka.BootstrapServers, GroupId = group }).Build();
        var offset = consumer.Committed([new(topic, partition)], TimeSpan.FromSeconds(30))[0].Offset;
        return offset == Offset.Unset ? null : offset.Value;
    }

    /// <summary>Everything on the dead-letter topic, once there are <paramref name="count"/> letters.</summary>
    public IReadOnlyList<ConsumeResult<byte[], byte[]>> DeadLetters(int count)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = Kafka.BootstrapServers,
            GroupId = Guid.NewGuid().ToString(),
            EnableAutoCommit = false,
        }).Build();
        consumer.Assign(new TopicPartitionOffset(KafkaTopics.DeadLetter, 0, Offset.Beginning));
        var letters = new List<ConsumeResult<byte[], byte[]>>();
        while (letters.Count < count)
            letters.Add(consumer.Consume(TestContext.Current.CancellationToken));
        return letters;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.StopAsync();
            await replica.DisposeAsync();
        }

        _producer.Dispose();
        Redis.Dispose();
        Kafka.Dispose();
        await Database.DisposeAsync();
    }
}
