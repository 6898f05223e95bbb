using System.Net;
using SignalFlow.Api.ReadYourWrites;
using SignalFlow.Benchmarks.Chaos;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Replicas;

public sealed class ReplicaTests(ReplicatedPostgres servers, RedisFixture redis) : IClassFixture<ReplicatedPostgres>, IAsyncLifetime
{
    private const string Wide = "00:10:00";

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await servers.RestoreAsync();

    [Theory]
    [InlineData("")]
    [InlineData(";Target Session Attributes=primary")]
    [InlineData(";Target Session Attributes=standby;Load Balance Hosts=true;Host Recheck Seconds=3600")]
    public async Task Reads_move_to_the_standby(string more)
    {
        await using var api = await StartAsync(servers.StandbyString + more);

        await api.ReadsFromAsync(servers.StandbyPort);

        Assert.Equal((HttpStatusCode.OK, "healthy", null), await api.HealthAsync("replica"));
        Assert.True(await api.MetricAsync("signalflow_reads_total", "target=\"replica\"") > 0);
        Assert.Equal(1, await api.MetricAsync("signalflow_replica_in_use", "replica=\"1\""));
        Assert.True(await api.MetricAsync("signalflow_replica_lag_seconds") is >= 0 and < 10);
        Assert.True(api.HasLogged($"Reads go to replica 1 (127.0.0.1:{servers.StandbyPort})"));
    }

    [Fact]
    public async Task Without_a_replica_nothing_is_marked_and_nothing_watched()
    {
        await using var api = await ReplicaApi.StartAsync(redis, servers.PrimaryString, replica: null);

        Assert.Equal(servers.PrimaryPort, await api.ServerAsync());
        Assert.Equal(new(1, null, null), await api.ActivateAsync("nobody_watches"));
        Assert.Null(await api.MetricAsync("signalflow_replica"));
        Assert.Null(await api.MetricAsync("signalflow_reads"));
    }

    /// <remarks>With a user of its own the replica's list of hosts cannot go on with the primary.</remarks>
    [Theory]
    [InlineData(false, "fast")]
    [InlineData(true, "fast")]
    [InlineData(false, "immediate")]
    [InlineData(true, "immediate")]
    public async Task When_the_standby_stops_no_read_fails_and_when_it_is_back_reads_return(bool hasOwnUser, string mode)
    {
        await using var api = await StartAsync(hasOwnUser ? await servers.ReaderAsync() : null);
        await api.ReadsFromAsync(servers.StandbyPort);
        var underWay = api.ServerAsync(milliseconds: 600_000);
        await Eventually.TrueAsync(() => servers.OnStandbyAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')"));
        using var enough = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 6).Select(_ => ReadUntilAsync(api, enough.Token)).ToList();

        await servers.StopStandbyAsync(mode);
        Assert.Equal(servers.PrimaryPort, await underWay);
        await api.ReadsFromAsync(servers.PrimaryPort);
        await Eventually.TrueAsync(async () => (await api.HealthAsync("replica")).Status == "degraded");
        Assert.Equal((HttpStatusCode.OK, "degraded", "not read from: it does not answer"), await api.HealthAsync("replica"));
        Assert.Equal(0, await api.MetricAsync("signalflow_replica_in_use"));
        Assert.True(api.HasLogged("Replica 1 (127.0.0.1:"));
        await servers.StartStandbyAsync();
        await api.ReadsFromAsync(servers.StandbyPort);

        await enough.CancelAsync();
        Assert.Contains(servers.PrimaryPort, (await Task.WhenAll(readers)).SelectMany(port => port));
        Assert.True(await api.MetricAsync("signalflow_reads_repeated_total") > 0);
    }

    [Fact]
    public async Task A_standby_that_hangs_is_left_and_no_read_fails()
    {
        await using var proxy = new DisturbedProxy(() => servers.StandbyPort);
        await using var api = await StartAsync(
            servers.StandbyString.Replace($"Port={servers.StandbyPort}", $"Port={proxy.Port}", StringComparison.Ordinal) + ";Command Timeout=6");
        await api.ReadsFromAsync(servers.StandbyPort);
        using var enough = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => ReadUntilAsync(api, enough.Token)).ToList();

        proxy.Freeze();
        await api.ReadsFromAsync(servers.PrimaryPort);
        await Eventually.TrueAsync(async () => await api.MetricAsync("signalflow_reads_repeated_total") > 0);
        proxy.Thaw();
        await api.ReadsFromAsync(servers.StandbyPort);

        await enough.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task Beyond_the_limit_of_the_lag_reads_go_to_the_primary_until_replay_has_caught_up()
    {
        await using var api = await StartAsync(settings: ("Storage:MaxReplicaLag", "00:00:02"));
        await api.ReadsFromAsync(servers.StandbyPort);

        await servers.PauseReplayAsync();
        await Eventually.TrueAsync(async () =>
        {
            await servers.Primary.ExecuteAsync("UPDATE subreddit_config SET updated_at = now() WHERE name = 'technology'");
            return await api.ServerAsync() == servers.PrimaryPort;
        });

        Assert.True(await api.MetricAsync("signalflow_replica_lag_seconds") > 2);
        var health = await api.HealthAsync("replica");
        Assert.Equal((HttpStatusCode.OK, "degraded"), (health.Code, health.Status));
        Assert.Matches(@"^not read from: it is \d+ s behind, more than 2$", health.Description);
        Assert.True(api.HasLogged("s behind, more than 2"));
        await servers.ResumeReplayAsync();
        await api.ReadsFromAsync(servers.StandbyPort);
        Assert.Equal("healthy", (await api.HealthAsync("replica")).Status);
    }

    [Fact]
    public async Task A_standby_that_is_behind_from_the_start_is_not_read_from_before_it_has_the_schema_of_the_start()
    {
        await servers.PauseReplayAsync();
        await servers.Primary.ExecuteAsync("CREATE TABLE IF NOT EXISTS later ()");
        await using var api = await StartAsync(settings: ("Storage:MaxReplicaLag", Wide));

        await Eventually.TrueAsync(async () => (await api.HealthAsync("replica")).Description == "not read from: how far it is behind is not known yet");
        Assert.Equal(servers.PrimaryPort, await api.ServerAsync());
        Assert.Null(await api.MetricAsync("signalflow_replica_lag_seconds"));
        await servers.ResumeReplayAsync();

        await api.ReadsFromAsync(servers.StandbyPort);
    }

    [Fact]
    public async Task Who_has_written_reads_it_from_any_process_while_others_read_the_replica()
    {
        await using var api = await StartAsync(settings: ("Storage:MaxReplicaLag", Wide));
        await using var other = await StartAsync(settings: ("Storage:MaxReplicaLag", Wide));
        await api.ReadsFromAsync(servers.StandbyPort);
        await other.ReadsFromAsync(servers.StandbyPort);
        await servers.PauseReplayAsync();

        var written = await api.ActivateAsync("just_written");

        Assert.Equal(1, written.Seen);
        Assert.Matches("^[0-9A-F]+/[0-9A-F]+$", written.Position);
        Assert.Equal(
            $"{WrittenPosition.Cookie}={WebUtility.UrlEncode(written.Position)}; max-age=610; path=/; samesite=lax; httponly", written.Cookie);
        Assert.False(await api.ListsAsync("just_written"));
        foreach (var process in new[] { api, other })
        {
            Assert.True(await process.ListsAsync("just_written", (WrittenPosition.Header, written.Position!)));
            Assert.True(await process.ListsAsync("just_written", ("Cookie", written.Cookie!.Split(';')[0])));
            Assert.True(await process.ListsAsync("just_written", (WrittenPosition.Header, "0/1"), ("Cookie", written.Cookie!.Split(';')[0])));
            Assert.Equal(servers.PrimaryPort, await process.ServerAsync(written.Position));
        }

        await servers.ResumeReplayAsync();
        await other.ReadsFromAsync(servers.StandbyPort, written.Position);
        Assert.True(await other.ListsAsync("just_written", (WrittenPosition.Header, written.Position!)));
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("FFFFFFFF/FFFFFFFFF")]
    [InlineData("-1/2")]
    [InlineData("0/1, FFFFFFFF/FFFFFFFF")]
    [InlineData("")]
    [InlineData("0/1")]
    public async Task What_is_no_position_or_an_old_one_does_not_keep_from_the_replica(string value)
    {
        await using var api = await StartAsync();
        await api.ReadsFromAsync(servers.StandbyPort);

        await servers.PauseReplayAsync();
        await servers.Primary.ExecuteAsync("INSERT INTO subreddit_config (name, priority, added_by) VALUES ('not_replayed', 'slow', 'test')");

        Assert.False(await api.ListsAsync("not_replayed", (WrittenPosition.Header, value)));
        Assert.False(await api.ListsAsync("not_replayed", ("Cookie", $"{WrittenPosition.Cookie}={value}")));
        await servers.Primary.ExecuteAsync("DELETE FROM subreddit_config WHERE name = 'not_replayed'");
    }

    [Fact]
    public async Task When_the_primary_stops_reads_go_on_from_the_standby()
    {
        await using var api = await StartAsync();
        await api.ReadsFromAsync(servers.StandbyPort);
        using var enough = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => ReadUntilAsync(api, enough.Token)).ToList();

        await servers.StopPrimaryAsync();
        await Eventually.TrueAsync(() => Task.FromResult(api.HasLogged("The primary does not answer")));

        Assert.Equal(servers.StandbyPort, await api.ServerAsync());
        Assert.Equal(HttpStatusCode.OK, await api.StatusAsync("/api/posts/"));
        Assert.Equal((HttpStatusCode.OK, "degraded", "the database does not answer; reads go on from a replica"), await api.HealthAsync("postgres"));
        Assert.Equal("healthy", (await api.HealthAsync("replica")).Status);
        await servers.StartPrimaryAsync();
        await Eventually.TrueAsync(() => Task.FromResult(api.HasLogged("The primary answers again")));

        await enough.CancelAsync();
        Assert.Equal([servers.StandbyPort], (await Task.WhenAll(readers)).SelectMany(port => port).ToHashSet());
    }

    [Fact]
    public async Task A_server_that_is_no_standby_is_not_read_from()
    {
        await using var api = await StartAsync(servers.PrimaryString);

        await Eventually.TrueAsync(async () => (await api.HealthAsync("replica")).Description == "not read from: it is no standby");

        Assert.Equal(0, await api.MetricAsync("signalflow_replica_in_use"));
        Assert.Equal(servers.PrimaryPort, await api.ServerAsync());
        Assert.Null(await api.MetricAsync("signalflow_reads_total", "target=\"replica\""));
    }

    [Theory]
    [InlineData("")]
    [InlineData(";Load Balance Hosts=true")]
    public async Task Of_several_replicas_each_is_judged_by_itself(string more)
    {
        var hosts = $"Host=127.0.0.1:{servers.PrimaryPort},127.0.0.1,127.0.0.1:1,nowhere.invalid";
        await using var api = await StartAsync(servers.StandbyString.Replace("Host=127.0.0.1", hosts, StringComparison.Ordinal) + more);

        await api.ReadsFromAsync(servers.StandbyPort);

        await Eventually.TrueAsync(async () => (await api.HealthAsync("replica")).Description
            == "replica 1 is not read from: it is no standby; replica 3 is not read from: it does not answer; replica 4 is not read from: it does not answer");
        for (var read = 0; read < 5; read++)
            Assert.Equal(servers.StandbyPort, await api.ServerAsync());
    }

    private Task<ReplicaApi> StartAsync(string? replica = null, params (string Key, string Value)[] settings) =>
        ReplicaApi.StartAsync(redis, servers.PrimaryString, replica ?? servers.StandbyString, settings);

    /// <returns>The ports that answered; each failed request fails the test.</returns>
    private static async Task<HashSet<int>> ReadUntilAsync(ReplicaApi api, CancellationToken enough)
    {
        var ports = new HashSet<int>();
        while (!enough.IsCancellationRequested)
        {
            ports.Add(await api.ServerAsync());
            Assert.Equal(HttpStatusCode.OK, await api.StatusAsync("/api/posts/?sort=score&page_size=5"));
        }

        return ports;
    }
}
