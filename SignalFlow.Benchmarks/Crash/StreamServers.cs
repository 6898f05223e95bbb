using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Storage.Migrations;

namespace SignalFlow.Benchmarks.Crash;

/// <summary>A Kafka, a Redis and a database that have seen nothing yet, and the producer of a stream.</summary>
internal sealed class StreamServers : IDisposable
{
    /// <summary>Enough for the whole stream: the broker forgets what is beyond 5 MiB a partition.</summary>
    public const int Partitions = 12;

    private const string Group = "signalflow-processing";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private readonly IProducer<string, byte[]> _producer;
    private readonly string _database;

    private StreamServers(string database)
    {
        _database = database;
        foreach (var topic in new[] { KafkaTopics.Raw, KafkaTopics.Refresh })
            Kafka.CreateTopic(topic, Partitions, 3);
        Kafka.CreateTopic(KafkaTopics.DeadLetter, 1, 3);
        _producer = new ProducerBuilder<string, byte[]>(new ProducerConfig
        {
            BootstrapServers = Kafka.BootstrapServers,
            EnableIdempotence = true,
            CompressionType = CompressionType.Snappy,
            LingerMs = 2,
        }).Build();
        Lag = new(Kafka.BootstrapServers, Group, Partitions);
    }

    public EmbeddedKafka Kafka { get; } = EmbeddedKafka.Start();

    public GroupLag Lag { get; }

    /// <param name="database">Connection string of an empty database.</param>
    public static async Task<StreamServers> StartAsync(string database, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await new DatabaseMigrator(source, TimeProvider.System, NullLogger<DatabaseMigrator>.Instance).MigrateAsync(cancellationToken);
        return new(database);
    }

    public ProcessingSettings Settings(int consumers, int batchSize) => new()
    {
        Kafka = Kafka.BootstrapServers,
        Redis = _redis.ConnectionString,
        Database = _database,
        Consumers = consumers,
        BatchSize = batchSize,
    };

    /// <summary>Returns when the broker has all of them. Their order in each partition is that of the stream.</summary>
    public Task ProduceAsync(IEnumerable<StreamMessage> messages, CancellationToken cancellationToken) => Task.WhenAll(messages.Select(message =>
        _producer.ProduceAsync(message.Topic, new() { Key = message.Key, Value = message.Value }, cancellationToken)));

    /// <summary>Waits until the groups have committed everything.</summary>
    /// <exception cref="TimeoutException">They have not got on for a long while; the message says where they stand.</exception>
    public async Task ReadToEndAsync(ProcessingProcess process, CancellationToken cancellationToken)
    {
        var least = long.MaxValue;
        var since = Stopwatch.GetTimestamp();
        while (Lag.Records() is var records and > 0)
        {
            if (records < least)
                (least, since) = (records, Stopwatch.GetTimestamp());
            if (process.HasExited || Stopwatch.GetElapsedTime(since) > Patience)
                throw new TimeoutException(Standstill(process));
            await Task.Delay(Step, cancellationToken);
        }
    }

    /// <summary>The positions that the letters of the dead-letter topic name, each as often as there are letters.</summary>
    public IReadOnlyList<string> DeadLetterSources(CancellationToken cancellationToken)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = Kafka.BootstrapServers,
            GroupId = "dead-letter-check",
            EnableAutoCommit = false,
        }).Build();
        var partition = new TopicPartition(KafkaTopics.DeadLetter, 0);
        var end = consumer.QueryWatermarkOffsets(partition, Patience).High.Value;
        consumer.Assign(new TopicPartitionOffset(partition, Offset.Beginning));
        var sources = new List<string>();
        while (sources.Count < end)
        {
            var headers = consumer.Consume(cancellationToken).Message.Headers;
            sources.Add($"{Text(headers, DeadLetterHeaders.SourceTopic)}/{Text(headers, DeadLetterHeaders.SourcePartition)}@{Text(headers, DeadLetterHeaders.SourceOffset)}");
        }

        return sources;
    }

    public void Dispose()
    {
        Lag.Dispose();
        _producer.Dispose();
        Kafka.Dispose();
        _redis.Dispose();
    }

    private string Standstill(ProcessingProcess process) => string.Join(Environment.NewLine,
    [
        process.HasExited ? $"Processing ended by itself with code {process.ExitCode}." : $"Processing has not got on for {Patience}.",
        .. Lag.Behind(),
        "The end of its log:",
        process.Output,
    ]);

    private static string Text(Headers headers, string key) => Encoding.UTF8.GetString(headers.GetLastBytes(key));
}
