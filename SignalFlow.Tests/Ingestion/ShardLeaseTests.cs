using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Storage.Ingestion;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Ingestion;

/// <summary>Who polls a shard, over a real server.</summary>
public sealed class ShardLeaseTests(PostgresFixture postgres)
{
    private const string HeldLocks =
        "FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_has_it_the_second_stands_by_and_has_it_as_soon_as_the_first_gives_it_up()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var first = await AcquireAsync(database, "first");
        string? holder = null;
        await using var second = Lease(database, "second");
        var waiting = second.AcquireAsync(name => holder = name, Cancel);
        await Eventually.TrueAsync(() => Task.FromResult(holder is not null));
        Assert.Equal("first", holder);
        Assert.True(first.IsHeld);
        Assert.False(waiting.IsCompleted);

        await first.DisposeAsync();
        await UntilAsync(() => waiting.IsCompleted);

        Assert.True(second.IsHeld);
        Assert.Equal("second", await database.ScalarAsync<string>("SELECT instance FROM ingestion_shards WHERE shard_id = 0"));
    }

    [Fact]
    public async Task Another_shard_is_free()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await using var first = await AcquireAsync(database, "first");
        await using var second = await AcquireAsync(database, "second", shardId: 1);

        Assert.True(first.IsHeld && second.IsHeld);
    }

    [Fact]
    public async Task The_session_of_a_holder_that_hangs_is_ended_and_it_learns_that_it_is_not_the_holder()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var still = new FakeTimeProvider(_time.GetUtcNow());
        await using var first = Lease(database, "first", time: still);
        await first.AcquireAsync(_ => { }, Cancel);
        await using var second = Lease(database, "second");
        var waiting = second.AcquireAsync(_ => { }, Cancel);

        // The first one's clock stands still, so it gives no sign of life.
        await database.ExecuteAsync("UPDATE ingestion_shards SET heartbeat_at = now() - interval '39 seconds'");
        _time.Advance(ShardLease.Beat);
        Assert.False(waiting.IsCompleted);
        await database.ExecuteAsync("UPDATE ingestion_shards SET heartbeat_at = now() - interval '41 seconds'");
        await UntilAsync(() => waiting.IsCompleted);
        Assert.True(second.IsHeld);

        // It wakes up. It may not ask before it knows, and then it knows.
        still.Advance(TimeSpan.FromMinutes(2));
        Assert.False(first.IsHeld);
        await UntilAsync(() => first.Lost.IsCompleted, still);
        Assert.False(first.IsHeld);
    }

    [Fact]
    public async Task A_holder_whose_session_was_cut_gets_the_shard_again_when_nobody_has_taken_it()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await using var lease = await AcquireAsync(database, "first");
        await database.ExecuteAsync($"SELECT pg_terminate_backend(pid) {HeldLocks}");

        await UntilAsync(() => database.ScalarAsync<long>($"SELECT count(*) {HeldLocks}").GetAwaiter().GetResult() == 1);

        Assert.True(lease.IsHeld);
        Assert.False(lease.Lost.IsCompleted);
    }

    [Fact]
    public async Task While_the_database_is_away_the_holder_goes_on()
    {
        await using var server = await StoppablePostgres.StartAsync();
        await using var database = await MigratedDatabase.CreateAsync(server);
        await using var lease = await AcquireAsync(database, "first");

        await server.StopAsync();
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(ShardLease.Beat);
            await Eventually.TrueAsync(() => Task.FromResult(lease.IsHeld));
        }

        await server.StartAgainAsync();
        await UntilAsync(() => lease.IsHeld);
        Assert.False(lease.Lost.IsCompleted);
    }

    [Fact]
    public async Task While_the_name_of_the_database_is_not_found_the_holder_goes_on()
    {
        var name = new LosableName();
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await using var source = name.DataSource(database.ConnectionString);
        await using var lease = new ShardLease(source, shardId: 0, shardCount: 1, "first", _time, NullLogger.Instance);
        await lease.AcquireAsync(_ => { }, Cancel);

        name.Lose();
        await database.ExecuteAsync($"SELECT pg_terminate_backend(pid) {HeldLocks}");
        await UntilAsync(() => name.Asked > 0);
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(ShardLease.Beat);
            await Eventually.TrueAsync(() => Task.FromResult(lease.IsHeld));
        }

        name.GiveBack();
        await UntilAsync(() => database.ScalarAsync<long>($"SELECT count(*) {HeldLocks}").GetAwaiter().GetResult() == 1);
        Assert.True(lease.IsHeld);
        Assert.False(lease.Lost.IsCompleted);
    }

    private async Task<ShardLease> AcquireAsync(MigratedDatabase database, string instance, int shardId = 0)
    {
        var lease = Lease(database, instance, shardId);
        await lease.AcquireAsync(_ => { }, Cancel);
        return lease;
    }

    private ShardLease Lease(MigratedDatabase database, string instance, int shardId = 0, TimeProvider? time = null) =>
        new(database.DataSource, shardId, shardCount: 2, instance, time ?? _time, NullLogger.Instance);

    /// <summary>Lets the clock go on, beat by beat, until something is so.</summary>
    private Task UntilAsync(Func<bool> condition, FakeTimeProvider? time = null) => Eventually.TrueAsync(() =>
    {
        (time ?? _time).Advance(ShardLease.Beat);
        return Task.FromResult(condition());
    });
}
