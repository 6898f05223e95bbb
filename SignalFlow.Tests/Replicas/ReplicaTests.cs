using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Replicas;

public sealed class ReplicaTests(ReplicatedPostgres servers, RedisFixture redis) : IClassFixture<ReplicatedPostgres>, IAsyncLifetime
{
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await servers.RestoreAsync();

    [Fact]
    public async Task Reads_move_to_the_standby()
    {
        await using var api = await StartAsync();

        await api.ReadsFromAsync(servers.StandbyPort);
    }

    private Task<ReplicaApi> StartAsync(string? replica = null, params (string Key, string Value)[] settings) =>
        ReplicaApi.StartAsync(redis, servers.PrimaryString, replica ?? servers.StandbyString, settings);
}
