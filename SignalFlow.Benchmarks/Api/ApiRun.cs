using SignalFlow.Benchmarks.Storage;
using SignalFlow.Embedded;

namespace SignalFlow.Benchmarks.Api;

/// <summary>Fills a database, starts the API beside it, and loads it.</summary>
internal sealed class ApiRun(int posts, TimeSpan duration, TextWriter output)
{
    private const int HistoryPerPost = 5;
    private const int SteadyPerSecond = 500;

    public async Task<ApiReport> RunAsync(string? connectionString, CancellationToken cancellationToken)
    {
        if (connectionString is not null)
            return await MeasureAsync(connectionString, cancellationToken);

        var folder = Directory.CreateTempSubdirectory("signalflow-api-");
        var options = new EmbeddedPostgresOptions { DataFolder = folder.FullName };
        try
        {
            await using var postgres = await EmbeddedPostgres.StartAsync(options, cancellationToken);
            await postgres.CreateDatabaseAsync("api", cancellationToken);
            return await MeasureAsync(postgres.ConnectionString("api"), cancellationToken);
        }
        finally
        {
            await EmbeddedPostgres.DeleteAsync(options, CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    private async Task<ApiReport> MeasureAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var database = await FilledDatabase.OpenAsync(connectionString, posts, posts * HistoryPerPost, output, cancellationToken);
        using var redis = EmbeddedRedis.Start();
        using var api = await ApiProcess.StartAsync(connectionString, redis.ConnectionString, cancellationToken);
        // All code paths are compiled at their last level before the first figure.
        foreach (var path in (string[])["/api/posts/", "/api/stats/", "/alive"])
            await Wrk.RunAsync(api.Address + path, duration, cancellationToken);
        return new()
        {
            Posts = posts,
            Health = await LoadAsync("health", api, "/alive", Wrk.RunAsync, cancellationToken),
            Feed = await LoadAsync("feed", api, "/api/posts/", Wrk.RunAsync, cancellationToken),
            FeedSteady = await LoadAsync(
                "feed, steady", api, "/api/posts/",
                (address, length, cancel) => SteadyLoad.RunAsync(address, SteadyPerSecond, length, cancel), cancellationToken),
            StatsCached = await LoadAsync("stats, cached", api, "/api/stats/", Wrk.RunAsync, cancellationToken),
        };
    }

    private async Task<LoadFigures> LoadAsync(
        string name, ApiProcess api, string path,
        Func<string, TimeSpan, CancellationToken, Task<(double RequestsPerSecond, double P50Ms, double P99Ms, long Failed)>> load,
        CancellationToken cancellationToken)
    {
        var before = api.Memory;
        var (rate, p50, p99, failed) = await load(api.Address + path, duration, cancellationToken);
        var figures = new LoadFigures(rate, p50, p99, failed, before, api.Memory);
        output.WriteLine(
            $"{name,-14} {rate,8:N0}/s  P50 {p50:N2} ms  P99 {p99:N2} ms  failed {failed}  memory {before >> 20} -> {figures.MemoryAfter >> 20} MiB");
        return figures;
    }
}
