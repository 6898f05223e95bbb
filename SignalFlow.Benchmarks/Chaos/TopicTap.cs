using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using SignalFlow.Contracts;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>Reads every record that the brokers have confirmed, as nobody's member, and keeps what it means.</summary>
internal sealed class TopicTap : IDisposable
{
    /// <summary>Header of what the campaign itself has sent: <c>post</c>, or <c>poison</c>, which must end among the dead letters.</summary>
    public const string Header = "chaos";
    public static readonly byte[] PostMark = "post"u8.ToArray();
    public static readonly byte[] PoisonMark = "poison"u8.ToArray();

    private const int KeptRecords = 1_000;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly Dictionary<TopicPartition, long> _next = [];
    private readonly Queue<ConsumeResult<byte[], byte[]>> _recent = [];
    private readonly CancellationTokenSource _stopped = new();
    private readonly Thread _thread;
    private readonly List<TopicPartition> _partitions =
    [
        .. new[] { KafkaTopics.Raw, KafkaTopics.Refresh }.SelectMany(
            topic => Enumerable.Range(0, ChaosServers.Partitions).Select(partition => new TopicPartition(topic, partition))),
        new(KafkaTopics.DeadLetter, 0),
    ];

    private long _lastIngested;
    private long _evicted;
    private int _records;

    public TopicTap(string bootstrapServers)
    {
        _consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = "chaos-tap",
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            SocketTimeoutMs = 10_000,
            ReconnectBackoffMaxMs = 2_000,
            MaxPartitionFetchBytes = 4 << 20,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        foreach (var partition in _partitions)
            _next[partition] = 0;
        _consumer.Assign(_partitions.Select(partition => new TopicPartitionOffset(partition, 0)));
        _thread = new(Read) { IsBackground = true, Name = "tap" };
        _thread.Start();
    }

    public Ledger Ledger { get; } = new();

    /// <summary>Key and value of the planted poison, by position.</summary>
    public Dictionary<string, (byte[]? Key, byte[]? Value)> Poison { get; } = [];

    /// <summary>Positions that the dead letters name, each once.</summary>
    public HashSet<string> Letters { get; } = [];

    /// <summary>What ingestion has published, to be compared with what was served to it.</summary>
    public HashSet<(string Id, int Score, int Comments)> Ingested { get; } = [];

    /// <summary>Records of ingestion that are no observations.</summary>
    public List<string> Unreadable { get; } = [];

    public int Records => Volatile.Read(ref _records);

    /// <summary>When ingestion's last record was read.</summary>
    public long LastIngested => Volatile.Read(ref _lastIngested);

    /// <summary>Records that the brokers had dropped before they were read; a campaign with any is worth nothing.</summary>
    public long Evicted => Volatile.Read(ref _evicted);

    /// <summary>Some of the records that were read last.</summary>
    public List<ConsumeResult<byte[], byte[]>> Recent()
    {
        lock (_recent)
            return [.. _recent];
    }

    /// <summary>Whether all that the brokers have was read.</summary>
    public bool IsAtEnd()
    {
        foreach (var partition in _partitions)
        {
            var high = _consumer.QueryWatermarkOffsets(partition, Timeout).High.Value;
            lock (_next)
            {
                if (_next[partition] < high)
                    return false;
            }
        }

        return true;
    }

    public void Dispose()
    {
        _stopped.Cancel();
        _thread.Join();
        _consumer.Dispose();
        _stopped.Dispose();
    }

    private void Read()
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                if (_consumer.Consume(TimeSpan.FromMilliseconds(100)) is { Message: not null } record)
                    Take(record);
            }
            catch (ConsumeException)
            {
                // The brokers are disturbed; librdkafka goes on by itself.
            }
        }
    }

    private void Take(ConsumeResult<byte[], byte[]> record)
    {
        lock (_next)
        {
            var offset = record.Offset.Value;
            if (offset < _next[record.TopicPartition])
                return;
            _evicted += offset - _next[record.TopicPartition];
        }

        Interlocked.Increment(ref _records);
        Keep(record);
        // Last: who sees that all is read must find all in the ledger.
        lock (_next)
            _next[record.TopicPartition] = record.Offset.Value + 1;
    }

    private void Keep(ConsumeResult<byte[], byte[]> record)
    {
        if (record.Topic == KafkaTopics.DeadLetter)
        {
            Letters.Add(Source(record));
            return;
        }

        var mark = record.Message.Headers.TryGetLastBytes(Header, out var bytes) ? bytes : null;
        if (mark is not null && mark.AsSpan().SequenceEqual(PoisonMark))
        {
            Poison[Position(record.Topic, record.Partition.Value, record.Offset.Value)] = (record.Message.Key, record.Message.Value);
            return;
        }

        Remember(record);
        Understand(record, isIngested: mark is null);
    }

    private void Understand(ConsumeResult<byte[], byte[]> record, bool isIngested)
    {
        var arrived = Stopwatch.GetTimestamp();
        PostObservation post;
        try
        {
            post = JsonSerializer.Deserialize(record.Message.Value, ContractsJsonContext.Default.PostObservation)!;
        }
        catch (JsonException exception)
        {
            Unreadable.Add($"{record.TopicPartitionOffset}: {exception.Message}");
            return;
        }

        Ledger.Add(post, arrived);
        if (!isIngested)
            return;
        Volatile.Write(ref _lastIngested, arrived);
        if (post.RemovedByCategory is null)
            Ingested.Add((post.Id, post.Score, post.NumComments));
    }

    private void Remember(ConsumeResult<byte[], byte[]> record)
    {
        lock (_recent)
        {
            _recent.Enqueue(record);
            if (_recent.Count > KeptRecords)
                _recent.Dequeue();
        }
    }

    private static string Source(ConsumeResult<byte[], byte[]> letter)
    {
        string Text(string name) => letter.Message.Headers.TryGetLastBytes(name, out var bytes) ? Encoding.UTF8.GetString(bytes) : "?";
        return $"{Text("sf-source-topic")}/{Text("sf-source-partition")}@{Text("sf-source-offset")}";
    }

    public static string Position(string topic, int partition, long offset) => string.Create(CultureInfo.InvariantCulture, $"{topic}/{partition}@{offset}");
}
