using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using SignalFlow.Contracts;
using SignalFlow.Embedded;

namespace SignalFlow.Benchmarks.Pipeline;

/// <summary>
/// Broker, Redis, producer and the limit in a process of their own, so that what the measured process uses is the pipeline's. A phase's messages are
/// produced before it begins: the broker keeps 5 MiB a partition, and <see cref="Partitions"/> make that enough for
/// <see cref="MostMessages"/>.
/// </summary>
internal sealed class PipelineServers : IAsyncDisposable
{
    /// <summary>Verb of the other process.</summary>
    public const string Verb = "pipeline-servers";

    public const int MostMessages = 100_000;
    public const int Partitions = 24;

    private const string Ready = "ready ";

    private readonly Process _process;

    private PipelineServers(Process process, string[] addresses)
    {
        _process = process;
        Kafka = addresses[0];
        Redis = addresses[1];
    }

    public string Kafka { get; }

    public string Redis { get; }

    public static async Task<PipelineServers> StartAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        // Started by `dotnet file.dll` the process is dotnet.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(PipelineServers).Assembly.Location);
        start.ArgumentList.Add(Verb);
        var process = Process.Start(start)!;
        return new(process, (await ReadAsync(process, cancellationToken)).Split(' '));
    }

    public Task ProduceAsync(string topic, int messages, CancellationToken cancellationToken) =>
        AskAsync(string.Create(CultureInfo.InvariantCulture, $"{topic} {messages}"), cancellationToken);

    /// <summary>What <see cref="WriteLimit"/> says.</summary>
    public async Task<PhaseFigures> LimitAsync(LimitRequest request, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(JsonSerializer.Serialize(request, PipelineJsonContext.Default.LimitRequest), cancellationToken);
        return JsonSerializer.Deserialize(answer, PipelineJsonContext.Default.PhaseFigures)!;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>
    /// The other process: a line `TOPIC MESSAGES` on its standard input produces, one in JSON measures the limit; it ends with its input.
    /// </summary>
    public static async Task<int> ServeAsync()
    {
        using var kafka = EmbeddedKafka.Start(brokers: 1);
        kafka.CreateTopic(KafkaTopics.Raw, Partitions, 1);
        kafka.CreateTopic(KafkaTopics.Refresh, Partitions, 1);
        kafka.CreateTopic(KafkaTopics.DeadLetter, 1, 1);
        using var redis = EmbeddedRedis.Start();
        Console.WriteLine($"{Ready}{kafka.BootstrapServers} {redis.ConnectionString}");
        var posts = new PipelinePosts(TitleCorpus.Load());
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line is ['{', ..])
            {
                var request = JsonSerializer.Deserialize(line, PipelineJsonContext.Default.LimitRequest)!;
                var figures = await WriteLimit.RunAsync(request, posts, CancellationToken.None);
                Console.WriteLine(Ready + JsonSerializer.Serialize(figures, PipelineJsonContext.Default.PhaseFigures));
                continue;
            }

            var words = line.Split(' ');
            Produce(kafka, words[0], int.Parse(words[1], CultureInfo.InvariantCulture), posts);
            Console.WriteLine(Ready);
        }

        return 0;
    }

    private static void Produce(EmbeddedKafka kafka, string topic, int messages, PipelinePosts posts)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = kafka.BootstrapServers,
            EnableIdempotence = true,
            CompressionType = CompressionType.Snappy,
            LingerMs = 10,
            QueueBufferingMaxMessages = MostMessages,
        }).Build();
        for (var number = 0; number < messages; number++)
        {
            var post = topic == KafkaTopics.Raw ? posts.Raw(number) : posts.Refresh(number);
            producer.Produce(topic, new()
            {
                Key = Encoding.UTF8.GetBytes(post.Id),
                Value = JsonSerializer.SerializeToUtf8Bytes(post, ContractsJsonContext.Default.PostObservation),
            });
        }

        producer.Flush();
    }

    private async Task<string> AskAsync(string line, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return await ReadAsync(_process, cancellationToken);
    }

    private static async Task<string> ReadAsync(Process process, CancellationToken cancellationToken)
    {
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith(Ready, StringComparison.Ordinal))
                return line[Ready.Length..];
        }

        throw new InvalidOperationException("The process of the broker ended.");
    }
}
