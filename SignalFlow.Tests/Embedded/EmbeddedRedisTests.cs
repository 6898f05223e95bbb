using SignalFlow.Embedded;
using SignalFlow.Tests.Infrastructure;
using StackExchange.Redis;

namespace SignalFlow.Tests.Embedded;

public sealed class EmbeddedRedisTests(RedisFixture redis) : IAsyncLifetime
{
    private readonly string _prefix = redis.CreatePrefix();
    private ConnectionMultiplexer _connection = null!;

    public async ValueTask InitializeAsync() => _connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    [Fact]
    public async Task Keeps_strings_and_answers_for_many_keys_at_once()
    {
        var database = _connection.GetDatabase();

        await database.StringSetAsync(_prefix + "a", "1");
        await database.StringSetAsync(_prefix + "b", "2");

        var values = await database.StringGetAsync([_prefix + "a", _prefix + "missing", _prefix + "b"]);
        Assert.Equal(["1", RedisValue.Null, "2"], values);
    }

    [Fact]
    public async Task Lets_keys_expire()
    {
        var database = _connection.GetDatabase();

        await database.StringSetAsync(_prefix + "soon", "x", TimeSpan.FromHours(1));
        Assert.InRange((await database.KeyTimeToLiveAsync(_prefix + "soon"))!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));

        await database.StringSetAsync(_prefix + "past", "x", TimeSpan.FromMilliseconds(1));
        await Eventually.TrueAsync(async () => !await database.KeyExistsAsync(_prefix + "past"));
    }

    [Fact]
    public async Task Keeps_hashes()
    {
        var database = _connection.GetDatabase();

        await database.HashSetAsync(_prefix + "hash", [new HashEntry("score", 5), new HashEntry("comments", 7)]);
        await database.HashIncrementAsync(_prefix + "hash", "score", 10);

        Assert.Equal(15, await database.HashGetAsync(_prefix + "hash", "score"));
        Assert.Equal(2, await database.HashLengthAsync(_prefix + "hash"));
    }

    [Fact]
    public async Task Runs_scripts()
    {
        var answer = await _connection.GetDatabase().ScriptEvaluateAsync(
            "redis.call('SET', KEYS[1], ARGV[1]); return redis.call('GET', KEYS[1])", [_prefix + "scripted"], ["value"]);

        Assert.Equal("value", (string?)answer);
    }

    [Fact]
    public async Task Delivers_published_messages_to_every_subscriber_in_order()
    {
        await using var other = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var channel = RedisChannel.Literal(_prefix + "channel");
        var first = await _connection.GetSubscriber().SubscribeAsync(channel);
        var second = await other.GetSubscriber().SubscribeAsync(channel);

        for (var i = 0; i < 10; i++)
            await _connection.GetDatabase().PublishAsync(channel, i);

        foreach (var queue in (ChannelMessageQueue[])[first, second])
        {
            for (var i = 0; i < 10; i++)
                Assert.Equal(i, (await queue.ReadAsync(TestContext.Current.CancellationToken)).Message);
        }
    }

    [Fact]
    public void Refuses_a_port_that_is_taken()
    {
        using var first = EmbeddedRedis.Start();

        var refused = Assert.Throws<EmbeddedInfrastructureException>(() => EmbeddedRedis.Start(first.Port));

        Assert.Contains($"127.0.0.1:{first.Port}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Listens_on_the_loopback_interface_only()
    {
        using var server = EmbeddedRedis.Start();

        Assert.Equal(["127.0.0.1"], ListeningAddresses.Of(server.Port));
    }
}
