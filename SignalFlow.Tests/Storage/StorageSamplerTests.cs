using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SignalFlow.Storage;
using SignalFlow.Storage.Housekeeping;
using SignalFlow.Storage.Migrations;
using SignalFlow.Storage.Posts;
using SignalFlow.Storage.Rollups;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Storage;

public sealed class StorageSamplerTests(StorageServers servers, PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<StorageServer> All => StorageServers.All;

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_gauges_tell_how_large_the_tables_are_and_when_jobs_succeeded(StorageServer server)
    {
        await using var storage = await StoredObservations.CreateAsync(servers, server, postgres);
        await storage.WriteAsync(storage.At("a", new(2026, 11, 20, 10, 0, 0, DateTimeKind.Utc), 1));
        await storage.Runner().RunAsync(new(1, "post_stats", TimeSpan.Zero, PostRollup.RunAsync), Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => storage.Runner().RunAsync(new(9, "broken", TimeSpan.Zero, (_, _) => throw new InvalidOperationException()), Cancel));
        await using (var connection = await storage.Database.DataSource.OpenConnectionAsync(Cancel))
        {
            if (storage.ExpectedMode == StorageMode.Timescale)
                await TimescalePolicies.ApplyAsync(connection, new StorageOptions(), Cancel);
        }

        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var metrics = new StorageMetrics(meters);
        await new StorageSampler(storage.Database.DataSource, new HistoryPartitions(storage.Database.DataSource), metrics).SampleAsync(Cancel);

        var sizes = Observed<long>(meters, "signalflow_storage", "relation");
        Assert.Equal(["dlq_events", "other", "post_metrics_history", "post_nlp_features", "posts"], sizes.Keys.Order(StringComparer.Ordinal));
        Assert.True(sizes["post_metrics_history"] >= 8192 && sizes["posts"] >= 8192);
        var successes = Observed<double>(meters, "signalflow_storage_job_last_success_timestamp", "task");
        Assert.Equal(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), successes["post_stats"], tolerance: 60);
        Assert.Equal(0, successes["broken"]);
        Assert.Equal(storage.ExpectedMode == StorageMode.Timescale, successes.ContainsKey("timescale:policy_retention"));
        Assert.Equal(storage.ExpectedMode == StorageMode.Timescale, successes.ContainsKey("timescale:policy_refresh_continuous_aggregate"));
    }

    private static Dictionary<string, T> Observed<T>(IMeterFactory meters, string name, string label)
        where T : struct
    {
        using var collector = new MetricCollector<T>(meters, StorageExtensions.MeterName, name);
        collector.RecordObservableInstruments();
        return collector.GetMeasurementSnapshot().ToDictionary(measurement => (string)measurement.Tags[label]!, measurement => measurement.Value);
    }
}
