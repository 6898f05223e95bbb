using Npgsql;
using SignalFlow.Storage.Posts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Storage;

/// <summary>What is promised of the storage whichever server it is on.</summary>
public sealed class StorageModeTests(StorageServers servers, PostgresFixture postgres)
{
    private static readonly DateTime Hour = new(2026, 11, 20, 10, 0, 0, DateTimeKind.Utc);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<StorageServer> All => StorageServers.All;

    public static TheoryData<StorageServer> WithTimescale => StorageServers.WithTimescale;

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_server_decides_the_mode_and_every_script_may_run_twice(StorageServer server)
    {
        await using var storage = await StoredObservations.CreateAsync(servers, server, postgres);
        await storage.WriteAsync(storage.At("a", Hour, 1), storage.At("a", Hour.AddDays(1), 2));
        await storage.Database.ExecuteAsync("DELETE FROM schema_migrations");

        await storage.Database.Migrator().MigrateAsync(Cancel);

        Assert.Equal(storage.ExpectedMode, await storage.ModeAsync());
        Assert.Equal(2, await storage.Database.ScalarAsync<long>("SELECT count(*) FROM post_metrics_history"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Observations_are_kept_once_in_whatever_order_they_come(StorageServer server)
    {
        await using var storage = await StoredObservations.CreateAsync(servers, server, postgres);
        var random = new Random(3);
        var all = storage.Random(random, posts: 20, count: 300, Hour, TimeSpan.FromDays(3));

        foreach (var batch in all.Concat(all).OrderBy(_ => random.Next()).Chunk(70))
            await storage.WriteAsync([.. batch.Distinct()]);

        Assert.Equal(all.Select(StoredObservations.Row).Order(StringComparer.Ordinal), await storage.HistoryAsync());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Hourly_figures_are_right_before_during_and_after_every_refresh(StorageServer server)
    {
        await using var storage = await StoredObservations.CreateAsync(servers, server, postgres);
        var random = new Random(11);
        var all = storage.Random(random, posts: 30, count: 400, Hour, TimeSpan.FromHours(30));
        var inTime = all.Where(entry => random.Next(10) > 0).ToArray();
        var late = all.Except(inTime).ToArray();
        Assert.NotEmpty(late);

        await storage.WriteAsync(inTime);
        Assert.Equal(StoredObservations.Hourly(inTime), await storage.HourlyAsync());

        await storage.RefreshAsync(Hour.AddHours(28.5));
        Assert.Equal(StoredObservations.Hourly(inTime), await storage.HourlyAsync());

        await storage.WriteAsync(late);
        await storage.RefreshAsync(Hour.AddHours(29.5));
        await storage.RefreshAsync(Hour.AddHours(29.5));
        Assert.Equal(StoredObservations.Hourly(all), await storage.HourlyAsync());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_present_hour_is_there_at_once(StorageServer server)
    {
        await using var storage = await StoredObservations.CreateAsync(servers, server, postgres);
        await storage.WriteAsync(storage.At("a", Hour.AddHours(-1), 1));
        await storage.RefreshAsync(Hour.AddMinutes(5));

        var now = storage.At("a", Hour.AddMinutes(6), 7);
        await storage.WriteAsync(now);

        Assert.Contains(StoredObservations.Hourly([now]).Single(), await storage.HourlyAsync());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Retention_drops_whole_days_and_leaves_posts_and_hourly_figures(StorageServer server)
    {
        await using var storage = await StoredObservations.CreateAsync(servers, server, postgres);
        var today = TimeProvider.System.GetUtcNow().UtcDateTime.Date;
        var old = storage.At("old", today.AddDays(-95).AddHours(5), 10);
        var kept = storage.At("kept", today.AddDays(-80).AddHours(5), 20);
        await storage.WriteAsync(old, kept, storage.At("new", today, 30));
        await storage.RefreshAsync(TimeProvider.System.GetUtcNow().UtcDateTime);
        var hourly = await storage.HourlyAsync();

        await storage.RetainAsync(days: 90);
        await storage.RetainAsync(days: 90);

        Assert.Equal(["kept", "new"], await storage.Database.TextsAsync("SELECT post_id FROM post_metrics_history ORDER BY 1"));
        Assert.Equal(3, await storage.Database.ScalarAsync<long>("SELECT count(*) FROM posts"));
        Assert.Equal(hourly, await storage.HourlyAsync());

        // What comes late for a dropped day is taken, does not spoil the figures, and goes with the next run.
        await storage.WriteAsync(storage.At("late", today.AddDays(-95).AddHours(5), 99));
        await storage.RefreshAsync(TimeProvider.System.GetUtcNow().UtcDateTime);
        Assert.Equal(hourly, await storage.HourlyAsync());
        await storage.RetainAsync(days: 90);
        Assert.Equal(2, await storage.Database.ScalarAsync<long>("SELECT count(*) FROM post_metrics_history"));
    }

    [Theory]
    [MemberData(nameof(WithTimescale))]
    public async Task A_compressed_day_reads_the_same_and_takes_late_and_repeated_observations(StorageServer server)
    {
        await using var storage = await StoredObservations.CreateAsync(servers, server, postgres);
        var day = TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddDays(-20);
        var all = storage.Random(new(5), posts: 40, count: 600, day, TimeSpan.FromDays(1));
        var late = all[^20..];
        await storage.WriteAsync(all[..^20]);
        await storage.ApplyPoliciesAsync(new() { CompressAfterDays = 7 });

        await storage.RunPolicyAsync("policy_compression");
        Assert.Equal(1, await storage.Database.ScalarAsync<long>("SELECT count(*) FROM timescaledb_information.chunks WHERE is_compressed"));
        await storage.WriteAsync(all);

        Assert.Equal(all.Select(StoredObservations.Row).Order(StringComparer.Ordinal), await storage.HistoryAsync());
        Assert.NotEmpty(late);
        await storage.RefreshAsync(TimeProvider.System.GetUtcNow().UtcDateTime);
        Assert.Equal(StoredObservations.Hourly(all), await storage.HourlyAsync());
    }

    [Theory]
    [MemberData(nameof(WithTimescale))]
    public async Task Policies_follow_the_configuration_and_are_left_alone_when_they_do(StorageServer server)
    {
        await using var storage = await StoredObservations.CreateAsync(servers, server, postgres);

        var first = await storage.ApplyPoliciesAsync(new() { RetentionDays = 90, CompressAfterDays = 7 });
        var second = await storage.ApplyPoliciesAsync(new() { RetentionDays = 90, CompressAfterDays = 7 });
        var changed = await storage.ApplyPoliciesAsync(new() { RetentionDays = 30, CompressAfterDays = 7 });

        Assert.Equal((3, 0, 2), (first, second, changed));
        Assert.Equal(
            [
                "policy_compression|12:00:00|7 days", "policy_refresh_continuous_aggregate|00:30:00|29 days|01:00:00", "policy_retention|1 day|30 days",
            ],
            await storage.PoliciesAsync());
        Assert.Equal(3, await storage.ApplyPoliciesAsync(new() { RetentionDays = 0, CompressAfterDays = 0 }));
        Assert.Equal(["policy_refresh_continuous_aggregate|00:30:00|365 days|01:00:00"], await storage.PoliciesAsync());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_job_runs_in_one_process_at_a_time_and_its_outcome_is_on_record(StorageServer server)
    {
        await using var storage = await StoredObservations.CreateAsync(servers, server, postgres);
        await storage.WriteAsync(storage.At("a", Hour, 1));
        var runner = storage.Runner();

        var first = await runner.RunAsync(new(1, "post_stats", TimeSpan.Zero, SignalFlow.Storage.Rollups.PostRollup.RunAsync), Cancel);
        var justDone = await runner.RunAsync(new(1, "post_stats", TimeSpan.FromHours(1), (_, _) => throw new InvalidOperationException("ran again")), Cancel);
        await Assert.ThrowsAsync<PostgresException>(() => runner.RunAsync(
            new(9, "broken", TimeSpan.Zero, async (connection, cancel) =>
            {
                await using var command = new NpgsqlCommand("SELECT 1/0", connection);
                return await command.ExecuteNonQueryAsync(cancel);
            }), Cancel));

        Assert.Equal(1, first);
        Assert.Null(justDone);
        Assert.Equal(
            ["broken|f|0|22012: division by zero", "post_stats|t|1|"],
            await storage.Database.TextsAsync("SELECT concat_ws('|', name, succeeded, items, coalesce(error, '')) FROM storage_jobs ORDER BY name"));
        Assert.Equal(0, await storage.Database.ScalarAsync<long>(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));
    }

    [Fact]
    public async Task Jobs_of_two_processes_exclude_each_other()
    {
        await using var storage = await StoredObservations.CreateAsync(servers, StorageServer.Plain, postgres);
        var entered = new TaskCompletionSource();
        var leave = new TaskCompletionSource();
        var running = storage.Runner().RunAsync(
            new(7, "slow", TimeSpan.Zero, async (_, _) =>
            {
                entered.SetResult();
                await leave.Task;
                return 1;
            }), Cancel);
        await entered.Task;

        var other = await storage.Runner().RunAsync(new(7, "slow", TimeSpan.Zero, (_, _) => Task.FromResult(2L)), Cancel);
        leave.SetResult();

        Assert.Null(other);
        Assert.Equal(1, await running);
    }

    [Fact]
    public async Task Retention_finishes_what_a_killed_process_has_begun_and_takes_no_lock_from_writers()
    {
        await using var storage = await StoredObservations.CreateAsync(servers, StorageServer.Plain, postgres);
        var today = TimeProvider.System.GetUtcNow().UtcDateTime.Date;
        foreach (var days in new[] { 95, 120, 200, 0 })
            await storage.WriteAsync(storage.At($"p{days}", today.AddDays(-days), 1));
        await storage.Database.ExecuteAsync(
            $"ALTER TABLE post_metrics_history DETACH PARTITION {HistoryPartition.Name(DateOnly.FromDateTime(today.AddDays(-120)))}");
        // A writer in the middle of its transaction, and one that comes while retention waits for it.
        await using var writer = await storage.Database.DataSource.OpenConnectionAsync(Cancel);
        await using var transaction = await writer.BeginTransactionAsync(Cancel);
        await using (var insert = new NpgsqlCommand("INSERT INTO post_metrics_history VALUES ('open', now(), 1, 1, 1, NULL)", writer))
            await insert.ExecuteNonQueryAsync(Cancel);

        var retention = storage.RetainAsync(days: 90);
        await Eventually.TrueAsync(() => storage.Database.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE%CONCURRENTLY' AND wait_event_type = 'Lock' AND datname = current_database())"));
        await storage.WriteAsync(storage.At("meanwhile", today, 1));
        Assert.False(retention.IsCompleted);
        await transaction.CommitAsync(Cancel);
        await retention;

        Assert.Equal(["meanwhile", "open", "p0"], await storage.Database.TextsAsync("SELECT post_id FROM post_metrics_history ORDER BY 1"));
        Assert.Equal(0, await storage.Database.ScalarAsync<long>(
            $"SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'post\\_metrics\\_history\\_2%' AND relname < '{HistoryPartition.Name(DateOnly.FromDateTime(today.AddDays(-90)))}'"));
    }
}
