using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Api.Answers;
using SignalFlow.Benchmarks.Chaos;
using SignalFlow.Embedded;
using SignalFlow.Tests.Infrastructure;
using StackExchange.Redis;

namespace SignalFlow.Tests.Api;

public sealed class AnswerCacheTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_who_ask_at_once_make_one_answer()
    {
        using var redis = EmbeddedRedis.Start();
        await using var process = await Process.StartAsync(redis);
        var kitchen = new Kitchen();

        var asked = Enumerable.Range(0, 200).Select(_ => process.Cache.GetAsync<Kitchen>("dish", kitchen.MakeAsync, Cancel).AsTask()).ToArray();
        kitchen.Serve();
        var answers = await Task.WhenAll(asked);

        Assert.Equal(1, kitchen.Made);
        Assert.Single(answers.DistinctBy(answer => answer.Tag));
    }

    [Fact]
    public async Task Processes_that_ask_at_once_make_one_answer()
    {
        using var redis = EmbeddedRedis.Start();
        await using var one = await Process.StartAsync(redis);
        await using var other = await Process.StartAsync(redis);
        var kitchen = new Kitchen();

        var first = one.Cache.GetAsync<Kitchen>("dish", kitchen.MakeAsync, Cancel).AsTask();
        await kitchen.Asked;
        var second = other.Cache.GetAsync<Kitchen>("dish", kitchen.MakeAsync, Cancel).AsTask();
        kitchen.Serve();

        Assert.Equal((await first).Tag, (await second).Tag);
        Assert.Equal(1, kitchen.Made);
    }

    [Fact]
    public async Task An_answer_is_kept_for_half_a_minute_by_redis_and_a_second_by_the_process()
    {
        using var redis = EmbeddedRedis.Start();
        await using var process = await Process.StartAsync(redis);
        var kitchen = new Kitchen();
        kitchen.Serve();
        await process.Cache.GetAsync<Kitchen>("dish", kitchen.MakeAsync, Cancel);
        await process.Redis.GetDatabase().PingAsync();

        Assert.InRange((await process.Redis.GetDatabase().KeyTimeToLiveAsync("dish"))!.Value.TotalSeconds, 25, 30);
        process.Time.Advance(TimeSpan.FromSeconds(2));
        await process.Cache.GetAsync<Kitchen>("dish", kitchen.MakeAsync, Cancel);
        Assert.Equal(1, kitchen.Made);
        await process.Redis.GetDatabase().KeyDeleteAsync("dish");
        await process.Cache.GetAsync<Kitchen>("dish", kitchen.MakeAsync, Cancel);
        Assert.Equal(1, kitchen.Made);
        process.Time.Advance(TimeSpan.FromSeconds(2));
        await process.Cache.GetAsync<Kitchen>("dish", kitchen.MakeAsync, Cancel);
        Assert.Equal(2, kitchen.Made);
    }

    [Fact]
    public async Task Who_leaves_takes_the_answer_from_nobody()
    {
        using var redis = EmbeddedRedis.Start();
        await using var process = await Process.StartAsync(redis);
        var kitchen = new Kitchen();
        using var leaving = new CancellationTokenSource();

        var first = process.Cache.GetAsync<Kitchen>("dish", kitchen.MakeAsync, leaving.Token).AsTask();
        var second = process.Cache.GetAsync<Kitchen>("dish", kitchen.MakeAsync, Cancel).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        kitchen.Serve();

        Assert.Equal("served 1", Encoding.UTF8.GetString((await second).Body));
    }

    [Fact]
    public async Task A_failure_reaches_those_who_wait_and_is_not_kept()
    {
        using var redis = EmbeddedRedis.Start();
        await using var process = await Process.StartAsync(redis);

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            process.Cache.GetAsync<Kitchen>("dish", (_, _) => throw new InvalidOperationException(), Cancel).AsTask());
        var kitchen = new Kitchen();
        kitchen.Serve();
        var answer = await process.Cache.GetAsync<Kitchen>("dish", kitchen.MakeAsync, Cancel);

        Assert.Equal("served 1", Encoding.UTF8.GetString(answer.Body));
    }

    [Fact]
    public async Task Without_redis_each_process_makes_its_own_and_keeps_it_as_long()
    {
        var redis = EmbeddedRedis.Start();
        await using var process = await Process.StartAsync(redis);
        redis.Dispose();
        await Eventually.TrueAsync(() => Task.FromResult(!process.Redis.IsConnected));
        var kitchen = new Kitchen();
        kitchen.Serve();

        await process.Cache.GetAsync<Kitchen>("dish", kitchen.MakeAsync, Cancel);
        process.Time.Advance(TimeSpan.FromSeconds(29));
        await process.Cache.GetAsync<Kitchen>("dish", kitchen.MakeAsync, Cancel);
        Assert.Equal(1, kitchen.Made);
        process.Time.Advance(TimeSpan.FromSeconds(2));
        await process.Cache.GetAsync<Kitchen>("dish", kitchen.MakeAsync, Cancel);
        Assert.Equal(2, kitchen.Made);
    }

    [Fact]
    public async Task A_redis_that_hangs_holds_up_one_request_for_a_moment()
    {
        using var redis = EmbeddedRedis.Start();
        await using var proxy = new DisturbedProxy(() => redis.Port);
        await using var process = await Process.StartAsync($"127.0.0.1:{proxy.Port}");
        var kitchen = new Kitchen();
        kitchen.Serve();
        var large = new MadeAnswer(EncodedAnswer.Of(new byte[100_000]));
        proxy.Freeze();

        var first = Stopwatch.StartNew();
        await process.Cache.GetAsync<Kitchen>("dish", kitchen.MakeAsync, Cancel);
        first.Stop();
        // Nobody else waits for it; more dishes than fit between the two are not sent.
        var others = Stopwatch.StartNew();
        for (var dish = 0; dish < 200; dish++)
            await process.Cache.GetAsync<Kitchen>($"dish {dish}", (_, _) => Task.FromResult(large), Cancel);
        others.Stop();
        Assert.True(process.Redis.IsConnected);
        proxy.Thaw();
        process.Time.Advance(TimeSpan.FromSeconds(6));
        await process.Cache.GetAsync<Kitchen>("another", kitchen.MakeAsync, Cancel);

        Assert.True(first.Elapsed < TimeSpan.FromSeconds(3), $"The first took {first.Elapsed}.");
        Assert.True(others.Elapsed < TimeSpan.FromSeconds(3), $"The others took {others.Elapsed}.");
        await Eventually.TrueAsync(async () => await process.Redis.GetDatabase().KeyExistsAsync("another"));
    }

    [Fact]
    public async Task Many_who_ask_at_once_without_redis_make_one_answer()
    {
        var redis = EmbeddedRedis.Start();
        await using var process = await Process.StartAsync(redis);
        redis.Dispose();
        await Eventually.TrueAsync(() => Task.FromResult(!process.Redis.IsConnected));
        var kitchen = new Kitchen();

        var asked = Enumerable.Range(0, 200).Select(_ => process.Cache.GetAsync<Kitchen>("dish", kitchen.MakeAsync, Cancel).AsTask()).ToArray();
        kitchen.Serve();
        await Task.WhenAll(asked);

        Assert.Equal(1, kitchen.Made);
    }

    /// <summary>Makes answers when it is told to.</summary>
    private sealed class Kitchen
    {
        private readonly TaskCompletionSource _asked = new(), _served = new();
        private int _made;

        public Task Asked => _asked.Task;

        public int Made => _made;

        public void Serve() => _served.TrySetResult();

        // The one of the scope is not asked: it only has to be there.
        public async Task<MadeAnswer> MakeAsync(Kitchen ofScope, CancellationToken cancellationToken)
        {
            Assert.NotSame(this, ofScope);
            _asked.TrySetResult();
            await _served.Task.WaitAsync(cancellationToken);
            return new(EncodedAnswer.Of(Encoding.UTF8.GetBytes($"served {Interlocked.Increment(ref _made)}")));
        }
    }

    /// <summary>The cache as one API process has it.</summary>
    private sealed class Process(ConnectionMultiplexer redis, ServiceProvider services) : IAsyncDisposable
    {
        public ConnectionMultiplexer Redis => redis;

        public FakeTimeProvider Time { get; } = new();

        public AnswerCache Cache => field ??= new(
            redis, services.GetRequiredService<IServiceScopeFactory>(), services.GetRequiredService<AnswerCacheMetrics>(), Time,
            NullLogger<AnswerCache>.Instance);

        public static Task<Process> StartAsync(EmbeddedRedis redis) => StartAsync(redis.ConnectionString);

        public static async Task<Process> StartAsync(string redis)
        {
            var services = new ServiceCollection().AddMetrics().AddScoped<Kitchen>().AddSingleton<AnswerCacheMetrics>().BuildServiceProvider();
            return new(await ConnectionMultiplexer.ConnectAsync($"{redis},abortConnect=false"), services);
        }

        public async ValueTask DisposeAsync()
        {
            await redis.DisposeAsync();
            await services.DisposeAsync();
        }
    }
}
