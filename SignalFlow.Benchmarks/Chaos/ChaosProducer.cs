using System.Text.Json;
using Confluent.Kafka;
using SignalFlow.Benchmarks.Crash;
using SignalFlow.Contracts;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>The campaign's own records, beside those of ingestion: a stream out of order and with repeats, poison, copies, and probes.</summary>
internal sealed class ChaosProducer : IDisposable
{
    private const int MessagesPerSecond = 40;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly IProducer<byte[]?, byte[]?> _producer;
    private readonly TimeProvider _time;
    private int _probe;
    private int _poison;

    public ChaosProducer(string bootstrapServers, TimeProvider time)
    {
        _time = time;
        _producer = new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig
        {
            BootstrapServers = bootstrapServers,
            EnableIdempotence = true,
            CompressionType = CompressionType.Snappy,
            LingerMs = 2,
            MessageMaxBytes = 4 << 20,
            // Not the minute that librdkafka waits for the answer to a request that a broker has lost.
            SocketTimeoutMs = 10_000,
            ReconnectBackoffMaxMs = 2_000,
            RequestTimeoutMs = 10_000,
            MessageTimeoutMs = 300_000,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
    }

    private double Now => _time.GetUtcNow().ToUnixTimeMilliseconds() / 1e3;

    /// <summary>Sends a stream little by little, until it ends or <paramref name="stop"/> says so.</summary>
    public async Task FeedAsync(CrashStream stream, CancellationToken stop)
    {
        var sent = new List<Task>();
        foreach (var chunk in stream.Messages.Chunk((int)(MessagesPerSecond * Interval.TotalSeconds)))
        {
            if (stop.IsCancellationRequested)
                break;
            sent.RemoveAll(task => task.IsCompletedSuccessfully);
            foreach (var message in chunk)
            {
                var mark = message.Post is null ? TopicTap.PoisonMark : TopicTap.PostMark;
                sent.Add(SendAsync(new(message.Topic, Partition.Any), System.Text.Encoding.UTF8.GetBytes(message.Key), message.Value, mark));
            }

            await Task.Delay(Interval, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(sent);
    }

    /// <summary>Some records of every hostile kind, on both topics.</summary>
    /// <returns>How many.</returns>
    public async Task<int> PoisonAsync(Random random, int most)
    {
        var records = HostileRecords.All(HostileRecords.Post("poison", Interlocked.Increment(ref _poison), Now)).ToArray();
        random.Shuffle(records);
        await Task.WhenAll(records.Take(most).Select(record => SendAsync(
            new(random.Next(2) == 0 ? KafkaTopics.Raw : KafkaTopics.Refresh, Partition.Any), record.Key, record.Value, TopicTap.PoisonMark)));
        return Math.Min(most, records.Length);
    }

    /// <summary>The same records again, in another order, where they came from.</summary>
    public async Task RepeatAsync(Random random, List<ConsumeResult<byte[], byte[]>> records)
    {
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(records));
        await Task.WhenAll(records.Select(record => SendAsync(record.TopicPartition, record.Message.Key, record.Message.Value, TopicTap.PostMark)));
    }

    /// <summary>A new post on every partition of raw.</summary>
    /// <returns>Their ids, once the brokers have them.</returns>
    public async Task<string[]> ProbeAsync()
    {
        var posts = Enumerable.Range(0, ChaosServers.Partitions)
            .Select(partition => (Partition: partition, Post: HostileRecords.Post("probe", ++_probe, Now)))
            .ToList();
        await Task.WhenAll(posts.Select(probe => SendAsync(
            new(KafkaTopics.Raw, probe.Partition),
            System.Text.Encoding.UTF8.GetBytes(probe.Post.Id),
            JsonSerializer.SerializeToUtf8Bytes(probe.Post, ContractsJsonContext.Default.PostObservation),
            TopicTap.PostMark)));
        return [.. posts.Select(probe => probe.Post.Id)];
    }

    public void Dispose() => _producer.Dispose();

    private Task<DeliveryResult<byte[]?, byte[]?>> SendAsync(TopicPartition target, byte[]? key, byte[]? value, byte[] mark) =>
        _producer.ProduceAsync(target, new() { Key = key, Value = value, Headers = [new Header(TopicTap.Header, mark)] });
}
