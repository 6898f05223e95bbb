using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SignalFlow.Api;
using SignalFlow.Benchmarks.Pipeline;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Processing;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage;
using SignalFlow.Storage.Migrations;

namespace SignalFlow.Benchmarks.Latency;

/// <summary>Processing and the API as they run, a producer that keeps its rate, and one viewer on a WebSocket who then asks for each post.</summary>
internal sealed class LatencyRun(int rate, int seconds)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly PipelinePosts _posts = new(TitleCorpus.Load());
    private readonly ConcurrentDictionary<string, long> _delivered = [];
    private readonly List<double> _live = [];
    private readonly List<double> _api = [];

    // Those that only warm up come first.
    private int WarmUp => 5 * rate;
    private int Messages => rate * seconds;

    public async Task<LatencyReport> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("signalflow-latency-");
        var options = new EmbeddedPostgresOptions { DataFolder = folder.FullName };
        try
        {
            await using var postgres = await EmbeddedPostgres.StartAsync(options, cancellationToken);
            await postgres.CreateDatabaseAsync("latency", cancellationToken);
            await using (var source = NpgsqlDataSource.Create(postgres.ConnectionString("latency")))
                await new DatabaseMigrator(source, TimeProvider.System, NullLogger<DatabaseMigrator>.Instance).MigrateAsync(cancellationToken);
            await using var servers = await PipelineServers.StartAsync(cancellationToken);
            await using var app = App(servers, postgres.ConnectionString("latency"));
            await app.StartAsync(cancellationToken);
            await MeasureAsync(servers.Kafka, new Uri(app.Urls.First()), app.Services.GetRequiredService<IHttpClientFactory>(), cancellationToken);
            await app.StopAsync(cancellationToken);
        }
        finally
        {
            await EmbeddedPostgres.DeleteAsync(options, CancellationToken.None);
            folder.Delete(recursive: true);
        }

        var live = Percentiles.Of(_live);
        var api = Percentiles.Of(_api);
        return new()
        {
            Messages = _live.Count,
            RatePerS = rate,
            LiveP50 = Math.Round(live.P50, 1),
            LiveP99 = Math.Round(live.P99, 1),
            LiveMax = Math.Round(_live.Max() * 1e3, 1),
            ApiP50 = Math.Round(api.P50, 1),
            ApiP99 = Math.Round(api.P99, 1),
        };
    }

    private static WebApplication App(PipelineServers servers, string database)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:kafka"] = servers.Kafka,
            ["ConnectionStrings:redis"] = servers.Redis,
            ["ConnectionStrings:signalflow"] = database,
        });
        builder.AddServiceDefaults();
        builder.AddPostStorage();
        builder.AddPostReading();
        builder.AddProcessing();
        builder.AddSignalFlowApi();
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapSignalFlowApi();
        return app;
    }

    private async Task MeasureAsync(string kafka, Uri address, IHttpClientFactory clients, CancellationToken cancellationToken)
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(new Uri(address, "/ws/posts/")) { Scheme = "ws" }.Uri, cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds) + Patience);
        using var http = clients.CreateClient();
        http.BaseAddress = address;
        var watching = WatchAsync(socket, http, limit.Token);
        await ProduceAsync(kafka, cancellationToken);
        await watching;
    }

    private async Task ProduceAsync(string kafka, CancellationToken cancellationToken)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = kafka, LingerMs = 0 }).Build();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / rate));
        for (var number = 0; number < WarmUp + Messages && await timer.WaitForNextTickAsync(cancellationToken); number++)
        {
            var post = _posts.Raw(number);
            var message = new Message<byte[], byte[]>
            {
                Key = Encoding.UTF8.GetBytes(post.Id),
                Value = JsonSerializer.SerializeToUtf8Bytes(post, ContractsJsonContext.Default.PostObservation),
            };
            producer.Produce(KafkaTopics.Raw, message, _ => _delivered[post.Id] = Stopwatch.GetTimestamp());
        }

        producer.Flush(cancellationToken);
    }

    private async Task WatchAsync(ClientWebSocket socket, HttpClient http, CancellationToken cancellationToken)
    {
        var seen = 0;
        while (seen < WarmUp + Messages)
        {
            using var message = JsonDocument.Parse(await ReceiveAsync(socket, cancellationToken));
            var received = Stopwatch.GetTimestamp();
            foreach (var post in message.RootElement.GetProperty("posts").EnumerateArray())
            {
                var id = post.GetProperty("id").GetString()!;
                // The acknowledgement may take longer than the way to the viewer.
                var delivered = _delivered.GetValueOrDefault(id, received);
                using var response = await http.GetAsync($"/api/posts/{id}/", cancellationToken);
                response.EnsureSuccessStatusCode();
                if (seen++ < WarmUp)
                    continue;
                _live.Add(Stopwatch.GetElapsedTime(delivered, received).TotalSeconds);
                _api.Add(Stopwatch.GetElapsedTime(delivered).TotalSeconds);
            }
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 16];
        using var message = new MemoryStream();
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, cancellationToken);
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return message.ToArray();
        }
    }
}
