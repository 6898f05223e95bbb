using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SignalFlow.Benchmarks.Api;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Processing;
using SignalFlow.Processing.Consuming;
using SignalFlow.Processing.Live;
using SignalFlow.Processing.Reporting;
using SignalFlow.Processing.Velocity;
using SignalFlow.Storage.Migrations;
using StackExchange.Redis;

namespace SignalFlow.Benchmarks.Live;

/// <summary>
/// PostgreSQL, Redis, the API in a process of its own, clients in another. Here posts are changed once a second, committed, and published by the
/// publisher of processing.
/// </summary>
internal sealed class LiveRun(int clients, int deaf, int posts, int seconds, TextWriter output)
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    public async Task<LiveReport> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("signalflow-live-");
        var options = new EmbeddedPostgresOptions { DataFolder = folder.FullName };
        try
        {
            await using var postgres = await EmbeddedPostgres.StartAsync(options, cancellationToken);
            await postgres.CreateDatabaseAsync("live", cancellationToken);
            await using var dataSource = NpgsqlDataSource.Create(postgres.ConnectionString("live"));
            await new DatabaseMigrator(dataSource, TimeProvider.System, NullLogger<DatabaseMigrator>.Instance).MigrateAsync(cancellationToken);
            await FillAsync(dataSource, cancellationToken);
            return new(
                await MeasureAsync(postgres.ConnectionString("live"), dataSource, 0, cancellationToken),
                await MeasureAsync(postgres.ConnectionString("live"), dataSource, deaf, cancellationToken));
        }
        finally
        {
            await EmbeddedPostgres.DeleteAsync(options, CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    private async Task<LiveFigures> MeasureAsync(string database, NpgsqlDataSource dataSource, int idle, CancellationToken cancellationToken)
    {
        using var redis = EmbeddedRedis.Start();
        using var api = await ApiProcess.StartAsync(database, redis.ConnectionString, cancellationToken, new Dictionary<string, string>
        {
            ["Api__Live__MaxConnections"] = "20000",
            ["Api__Live__MaxConnectionsPerAddress"] = "20000",
            // A second, less what a timer may be early.
            ["Api__Live__Interval"] = "00:00:00.900",
        });
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        await using var services = new ServiceCollection()
            .AddMetrics().AddLogging().AddSingleton(TimeProvider.System).AddSingleton<IConnectionMultiplexer>(connection)
            .AddSingleton<VelocityCache>().AddSingleton<ConsumerLag>().AddSingleton<PipelineMonitor>().AddSingleton<ProcessingMetrics>().BuildServiceProvider();
        using var publisher = new LivePublisher(
            connection, services.GetRequiredService<ProcessingMetrics>(), TimeProvider.System, NullLogger<LivePublisher>.Instance);

        var before = api.Memory;
        using var process = StartClients(api.Address, idle);
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line && line != LiveClients.Ready)
            output.WriteLine(line);
        // Connecting compiles and collects; what is measured is the stream.
        await Task.Delay(Settling, cancellationToken);
        var connected = api.Memory;
        var cpu = api.Cpu;
        var started = Stopwatch.GetTimestamp();
        for (var second = 1; second <= seconds; second++)
        {
            publisher.Publish(await ChangeAsync(dataSource, second, cancellationToken), TimeProvider.System.GetUtcNow());
            var next = TimeSpan.FromSeconds(second) - Stopwatch.GetElapsedTime(started);
            if (next > TimeSpan.Zero)
                await Task.Delay(next, cancellationToken);
        }

        var used = (api.Cpu - cpu) / Stopwatch.GetElapsedTime(started);
        await Task.Delay(Settling, cancellationToken);
        await process.StandardInput.WriteLineAsync();
        var text = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        var figures = JsonSerializer.Deserialize(text, LiveReportContext.Default.ClientFigures)!;
        await process.WaitForExitAsync(cancellationToken);
        var expected = (long)seconds * posts;
        var result = new LiveFigures(
            clients, idle, figures, Math.Max(0, expected - figures.FewestPosts), Math.Max(0, figures.MostPosts - expected),
            used, before, connected, api.Memory);
        output.WriteLine(
            $"{clients} clients, {idle} deaf: P50 {figures.All.P50Ms:N1} ms  P99 {figures.All.P99Ms:N1} ms  most {figures.All.MaxMs:N1} ms"
            + $"  (P99 JSON {figures.WebSocket.P99Ms:N1} ms, MessagePack {figures.Hub.P99Ms:N1} ms)  missed {result.Missed}  doubled {result.Doubled}"
            + $"  CPU {used:P0} of a core, the clients {figures.CpuSeconds / seconds:P0}  memory {before >> 20} -> {connected >> 20} -> {api.Memory >> 20} MiB, {result.BytesPerClient >> 10} KiB a client");
        return result;
    }

    private Process StartClients(string address, int idle) => Process.Start(new ProcessStartInfo(
        "dotnet",
        [
            typeof(LiveRun).Assembly.Location, LiveClients.Verb, address,
            clients.ToString(CultureInfo.InvariantCulture), idle.ToString(CultureInfo.InvariantCulture),
        ])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    private async Task FillAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            WITH subreddit AS (INSERT INTO subreddits (name) VALUES ('technology') RETURNING id)
            INSERT INTO posts (id, subreddit_id, title, author, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
            SELECT 'p' || number, subreddit.id, 'A post about something of ordinary length, number ' || number, 'someone', now(), now(), now(), 1, 0
            FROM subreddit, generate_series(1, $1) AS number
            """);
        command.Parameters.Add(new() { Value = posts });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<List<PostView>> ChangeAsync(NpgsqlDataSource dataSource, int second, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            UPDATE posts SET current_score = current_score + $1, current_comments = current_comments + 1, last_polled_at = clock_timestamp()
            RETURNING id, title, author, created_utc, first_seen_at, last_polled_at, current_score, current_comments
            """);
        command.Parameters.Add(new() { Value = second });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var changed = new List<PostView>();
        while (await reader.ReadAsync(cancellationToken))
            changed.Add(View(reader));
        return changed;
    }

    /// <summary>A state with everything that a real one has.</summary>
    internal static PostView View(NpgsqlDataReader row) => new()
    {
        Id = row.GetString(0),
        Title = row.GetString(1),
        Subreddit = "technology",
        Author = row.GetString(2),
        Url = "https://example.org/an/article/of/ordinary/length",
        Permalink = "/r/technology/comments/p/a_post_about_something/",
        CreatedUtc = row.GetFieldValue<DateTimeOffset>(3),
        FirstSeenAt = row.GetFieldValue<DateTimeOffset>(4),
        LastPolledAt = row.GetFieldValue<DateTimeOffset>(5),
        CurrentScore = row.GetInt32(6),
        CurrentComments = row.GetInt32(7),
        CurrentRatio = 0.97,
        PollPriority = "fast",
        ScoreVelocity = 3.85,
        CommentVelocity = 0.1,
        TrendingScore = 0.2,
        IsTrending = false,
        EngagementScore = row.GetInt32(6) + 2L * row.GetInt32(7),
        AgeMinutes = 12.5,
        Momentum = 4.12,
        Nlp = new() { SentimentScore = 0.34, SentimentLabel = "neutral", Keywords = ["one", "two words"], TopicCluster = 42 },
    };
}
