using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SignalFlow.Benchmarks.Api;
using SignalFlow.Embedded;
using SignalFlow.Processing;
using SignalFlow.Processing.Consuming;
using SignalFlow.Processing.Live;
using SignalFlow.Processing.Reporting;
using SignalFlow.Processing.Velocity;
using SignalFlow.Storage.Migrations;
using StackExchange.Redis;

namespace SignalFlow.Benchmarks.Ui;

/// <summary>
/// PostgreSQL, Redis, the API and the UI in processes of their own; a Chromium and bare circuits look at the feed. Here posts are changed five times a
/// second, committed, and published by the publisher of processing.
/// </summary>
internal sealed class UiRun(int circuits, int updates, int seconds, TextWriter output)
{
    private const int CommitsPerSecond = 5;
    private const int Looks = 4;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);

    public async Task<UiReport> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("signalflow-ui-");
        var options = new EmbeddedPostgresOptions { DataFolder = folder.FullName };
        try
        {
            await using var postgres = await EmbeddedPostgres.StartAsync(options, cancellationToken);
            await postgres.CreateDatabaseAsync("ui", cancellationToken);
            await using var dataSource = NpgsqlDataSource.Create(postgres.ConnectionString("ui"));
            await new DatabaseMigrator(dataSource, TimeProvider.System, NullLogger<DatabaseMigrator>.Instance).MigrateAsync(cancellationToken);
            await ChangedPosts.FillAsync(dataSource, updates, cancellationToken);
            using var redis = EmbeddedRedis.Start();
            using var api = await ApiProcess.StartAsync(postgres.ConnectionString("ui"), redis.ConnectionString, cancellationToken);
            using var web = await ApiProcess.StartAsync(
                postgres.ConnectionString("ui"), redis.ConnectionString, cancellationToken,
                new Dictionary<string, string> { ["services__api__http__0"] = api.Address, ["Web__AddressRequestsPerMinute"] = "0" }, "SignalFlow.Web");
            await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
            await using var services = new ServiceCollection()
                .AddMetrics().AddLogging().AddSingleton(TimeProvider.System).AddSingleton<IConnectionMultiplexer>(connection)
                .AddSingleton<VelocityCache>().AddSingleton<ConsumerLag>().AddSingleton<PipelineMonitor>().AddSingleton<ProcessingMetrics>()
                .BuildServiceProvider();
            using var publisher = new LivePublisher(
                connection, services.GetRequiredService<ProcessingMetrics>(), TimeProvider.System, NullLogger<LivePublisher>.Instance);
            return await MeasureAsync(new(web.Address), web, dataSource, publisher, cancellationToken);
        }
        finally
        {
            await EmbeddedPostgres.DeleteAsync(options, CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    private async Task<UiReport> MeasureAsync(
        Uri web, ApiProcess process, NpgsqlDataSource dataSource, LivePublisher publisher, CancellationToken cancellationToken)
    {
        // Compiles the page, so that what is measured is a warm server.
        for (var round = 0; round < 20; round++)
            await Page.GetAsync(web, cancellationToken);

        await using var browser = await FeedBrowser.OpenAsync(web);
        var memory = new List<long> { process.Memory };
        var open = new List<Circuit>();
        for (var circuit = 0; circuit < circuits; circuit++)
            open.Add(await Circuit.OpenAsync(web, cancellationToken));

        var (cpu, started, batches, bytes) = (TimeSpan.Zero, 0L, 0, 0L);
        for (var commit = -(int)Settling.TotalSeconds * CommitsPerSecond; commit < seconds * CommitsPerSecond; commit++)
        {
            var begun = Stopwatch.GetTimestamp();
            if (commit == 0)
            {
                open.ForEach(circuit => circuit.Delays.Clear());
                (cpu, started, batches, bytes) = (process.Cpu, begun, open.Sum(circuit => circuit.Batches), open.Sum(circuit => circuit.Bytes));
                await browser.StartAsync();
            }

            if (commit >= 0 && commit % (seconds * CommitsPerSecond / Looks) == 0)
            {
                await browser.LookAsync();
                memory.Add(process.Memory);
                output.WriteLine($"{commit / CommitsPerSecond} s: the UI's memory {process.Memory >> 20} MiB");
            }

            publisher.Publish(
                await ChangedPosts.ChangeAsync(dataSource, commit, updates / CommitsPerSecond, cancellationToken), TimeProvider.System.GetUtcNow());
            var rest = TimeSpan.FromSeconds(1.0 / CommitsPerSecond) - Stopwatch.GetElapsedTime(begun);
            if (rest > TimeSpan.Zero)
                await Task.Delay(rest, cancellationToken);
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        var used = (process.Cpu - cpu) / elapsed;
        await browser.LookAsync();
        memory.Add(process.Memory);
        var count = Math.Max(1, circuits);
        var report = new UiReport(
            circuits, seconds, SightFigures.Of(open.SelectMany(circuit => circuit.Delays)),
            (open.Sum(circuit => circuit.Batches) - batches) / elapsed.TotalSeconds / count,
            (open.Sum(circuit => circuit.Bytes) - bytes) / elapsed.TotalSeconds / count, used, memory, await browser.FiguresAsync(elapsed.TotalSeconds));
        foreach (var circuit in open)
            await circuit.DisposeAsync();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{circuits} circuits: commit to batch P50 {report.Sight.P50Ms:N0} ms, P95 {report.Sight.P95Ms:N0} ms; browser: first view {report.Browser.FirstViewMs:N0} ms, {report.Browser.TransferBytes >> 10} KiB, P95 {report.Browser.Sight.P95Ms:N0} ms, {report.Browser.RendersPerSecond:N1} renders/s; CPU {used:P0} of a core"));
        return report;
    }
}
