using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SignalFlow.Embedded;
using SignalFlow.Tests.Infrastructure;
using StackExchange.Redis;

namespace SignalFlow.Tests.Embedded;

public sealed class EmbeddedInfrastructureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Serves_all_three_and_forgets_the_database_only_when_told_to()
    {
        await using (var first = await StartAsync())
        {
            Assert.Equal([2, 1], TopicSizes(first.Kafka, "posts", "dead"));
            await using var redis = await ConnectionMultiplexer.ConnectAsync(first.Redis);
            Assert.True(await redis.GetDatabase().StringSetAsync("key", "value"));
            await ScalarAsync(first.SignalFlow, "CREATE TABLE t AS SELECT 7 AS n");
        }

        await using (var second = await StartAsync())
            Assert.Equal(7, await ScalarAsync(second.SignalFlow, "SELECT n FROM t"));

        await EmbeddedInfrastructure.DeleteDataAsync(_folder.Path, NullLoggerFactory.Instance, Cancellation);
        await using var third = await StartAsync();
        Assert.Equal(DBNull.Value, await ScalarAsync(third.SignalFlow, "SELECT to_regclass('t')::text"));
    }

    [Fact]
    public async Task Leaves_nothing_running_when_one_of_them_cannot_start()
    {
        var options = new EmbeddedInfrastructureOptions { DataFolder = _folder.Path, Topics = [new("same", 1), new("same", 1)] };

        await Assert.ThrowsAsync<EmbeddedInfrastructureException>(
            () => EmbeddedInfrastructure.StartAsync(options, NullLoggerFactory.Instance, Cancellation));

        Assert.False(File.Exists(Path.Combine(_folder.Path, "postgres", "cluster", "postmaster.pid")));
        await using var next = await StartAsync();
        Assert.Equal(1, await ScalarAsync(next.SignalFlow, "SELECT 1"));
    }

    private Task<EmbeddedInfrastructure> StartAsync() => EmbeddedInfrastructure.StartAsync(
        new EmbeddedInfrastructureOptions { DataFolder = _folder.Path, Topics = [new("posts", 2), new("dead", 1)] },
        NullLoggerFactory.Instance,
        Cancellation);

    private static IEnumerable<int> TopicSizes(string servers, params IEnumerable<string> topics)
    {
        using var admin = new Confluent.Kafka.AdminClientBuilder(new Confluent.Kafka.AdminClientConfig { BootstrapServers = servers }).Build();
        return [.. topics.Select(topic => admin.GetMetadata(topic, TimeSpan.FromSeconds(30)).Topics.Single().Partitions.Count)];
    }

    private static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
