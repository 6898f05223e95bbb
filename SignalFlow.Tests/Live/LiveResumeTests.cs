using System.Text.Json;
using CsCheck;
using SignalFlow.Contracts;
using SignalFlow.Tests.Infrastructure;
using StackExchange.Redis;

namespace SignalFlow.Tests.Live;

/// <summary>Nothing between a snapshot and the updates, nothing twice, nothing lost in a break.</summary>
public sealed class LiveResumeTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_snapshot_has_the_newest_posts_of_the_filter()
    {
        await using var live = await LiveApplication.StartAsync(postgres);
        foreach (var number in Enumerable.Range(1, 5))
            await live.StoreAsync(LiveApplication.Post($"a{number}", number, number, subreddit: number == 5 ? "art" : "science", tier: number == 4 ? "slow" : "normal"));

        foreach (var wire in Enum.GetValues<Wire>())
        {
            await using var viewer = await LiveViewer.ConnectAsync(live, wire, "snapshot=2&subreddit=science&tier=normal");
            var snapshot = await viewer.NextAsync("snapshot");
            Assert.Equal(["a3", "a2"], snapshot.GetProperty("posts").EnumerateArray().Select(post => post.GetProperty("id").GetString()));
        }
    }

    [Theory]
    [InlineData(Wire.WebSocket)]
    [InlineData(Wire.HubMessagePack)]
    [InlineData(Wire.EventStream)]
    public async Task Who_joins_while_posts_are_written_misses_nothing_and_sees_nothing_twice(Wire wire)
    {
        await using var live = await LiveApplication.StartAsync(postgres, instances: 2);
        using var done = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 2).Select(writer => Task.Run(() => WriteAsync(live, writer, done.Token), Cancel)).ToArray();
        var viewers = new List<LiveViewer>();
        for (var number = 0; number < 6; number++)
        {
            viewers.Add(await LiveViewer.ConnectAsync(live, wire, "snapshot=50", instance: number % 2));
            await Eventually.TrueAsync(() => Task.FromResult(viewers[^1].Messages.Count > 2));
        }

        await done.CancelAsync();
        await Task.WhenAll(writers);
        await live.CommitAsync(LiveApplication.Post("last", 50_000, 1));

        var expected = await live.Database.RowsAsync("SELECT id, current_score FROM posts ORDER BY id");
        foreach (var viewer in viewers)
        {
            Assert.Equal(expected, await FollowAsync(viewer));
            await viewer.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_client_that_comes_back_to_any_instance_gets_what_it_missed()
    {
        await using var live = await LiveApplication.StartAsync(postgres, instances: 2);
        await Gen.Select(Gen.Int[0, 8], Gen.Int[0, 8], Gen.Enum<Wire>(), Gen.Int[0, 1]).SampleAsync(async drawn =>
        {
            var (before, missed, wire, instance) = drawn;
            var name = Guid.NewGuid().ToString("N");
            var viewer = await LiveViewer.ConnectAsync(live, wire, $"subreddit={name}&status=true");
            live.Publish(LiveApplication.Post($"{name}first", 0, 1, name));
            for (var number = 1; number <= before; number++)
                live.Publish(LiveApplication.Post($"{name}{number % 3}", number, number, name));
            live.Publish(LiveApplication.Post($"{name}mark", 0, 1, name));
            long sequence = 0;
            for (var seen = false; !seen;)
            {
                var update = await viewer.NextAsync("posts.update");
                sequence = update.GetProperty("sequence").GetInt64();
                seen = update.GetProperty("posts").EnumerateArray().Any(post => post.GetProperty("id").GetString() == $"{name}mark");
            }

            await viewer.DisposeAsync();
            for (var number = before + 1; number <= before + missed; number++)
                live.Publish(LiveApplication.Post($"{name}{number % 3}", number, number, name));
            await using var again = await LiveViewer.ConnectAsync(
                live, wire, wire == Wire.EventStream ? $"subreddit={name}" : $"subreddit={name}&last_sequence={sequence}",
                instance, wire == Wire.EventStream ? sequence : null);
            live.Publish(LiveApplication.Post($"{name}end", 0, 1, name));
            var told = await again.UntilAsync($"{name}end", 1);

            // Each post that was missed ends in its newest state; no state comes twice, and none from before the break.
            var states = told.Select(post => (Id: post.GetProperty("id").GetString()!, Score: post.GetProperty("current_score").GetInt32())).ToList();
            Assert.Equal(states.Count, states.Distinct().Count());
            Assert.All(states.SkipLast(1), state => Assert.True(state.Score > before));
            var newest = Enumerable.Range(before + 1, missed).GroupBy(number => $"{name}{number % 3}").Select(group => (group.Key, group.Max()));
            Assert.All(newest, state => Assert.Contains(state, states));
        }, iter: 40, threads: 1);
    }

    [Fact]
    public async Task Who_comes_back_too_late_is_told_so_and_gets_a_snapshot()
    {
        await using var live = await LiveApplication.StartAsync(postgres);
        await live.CommitAsync(LiveApplication.Post("a1"));
        await using var viewer = await LiveViewer.ConnectAsync(live, Wire.WebSocket, "last_sequence=1&snapshot=10");

        var missed = await viewer.NextAsync("missed");
        var snapshot = await viewer.NextAsync("snapshot");

        Assert.Equal(JsonValueKind.Null, missed.GetProperty("posts").ValueKind);
        Assert.True(missed.GetProperty("snapshot").GetBoolean());
        Assert.Equal("a1", Assert.Single(snapshot.GetProperty("posts").EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task What_redis_publishes_past_us_is_read_from_its_log()
    {
        await using var live = await LiveApplication.StartAsync(postgres);
        await using var viewer = await LiveViewer.ConnectAsync(live);
        await live.CommitAsync(LiveApplication.Post("a1", 1, 1));
        await viewer.UntilAsync("a1", 1);

        // As if Redis had dropped the subscription without a word: what processing appends is not published.
        await using var redis = await ConnectionMultiplexer.ConnectAsync(live.RedisConnectionString);
        var sequence = await redis.GetDatabase().HashIncrementAsync(LiveLog.Head, LiveLog.SequenceField);
        var update = JsonSerializer.Serialize(
            new LiveUpdate { Sequence = sequence, Posts = [LiveApplication.Post("a2", 1, 2)] }, ContractsJsonContext.Default.LiveUpdate);
        await redis.GetDatabase().ListRightPushAsync(LiveLog.Entries, update);

        await viewer.UntilAsync("a2", 2);
    }

    [Fact]
    public async Task A_log_that_has_expired_grows_again_as_far_as_before()
    {
        await using var live = await LiveApplication.StartAsync(postgres);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(live.RedisConnectionString);
        var log = redis.GetDatabase();
        var filler = new string('x', LiveLog.MaxBytes / 4);
        await PublishAsync(3);

        await log.KeyExpireAsync(LiveLog.Entries, TimeSpan.FromMilliseconds(1));
        await Eventually.TrueAsync(async () => !await log.KeyExistsAsync(LiveLog.Entries));
        await PublishAsync(3);
        live.Publish(LiveApplication.Post("a4", 4, 4) with { Title = filler });

        // Four are a little more than may be kept.
        await Eventually.TrueAsync(async () => Id(await log.ListGetByIndexAsync(LiveLog.Entries, -1)) == "a4");
        var entries = await log.ListRangeAsync(LiveLog.Entries);
        Assert.Equal(["a2", "a3", "a4"], entries.Select(Id));
        Assert.Equal(entries.Sum(entry => ((byte[])entry!).Length), (long)await log.HashGetAsync(LiveLog.Head, LiveLog.BytesField));

        async Task PublishAsync(int count)
        {
            for (var number = 1; number <= count; number++)
            {
                live.Publish(LiveApplication.Post($"a{number}", number, number) with { Title = filler });
                await Eventually.TrueAsync(async () => await log.ListLengthAsync(LiveLog.Entries) == number);
            }
        }

        static string? Id(RedisValue entry) => JsonDocument.Parse((byte[])entry!).RootElement.GetProperty("posts")[0].GetProperty("id").GetString();
    }

    private static async Task WriteAsync(LiveApplication live, int writer, CancellationToken done)
    {
        for (var number = 1; !done.IsCancellationRequested; number++)
            await live.CommitAsync(LiveApplication.Post($"w{writer}p{number % 15}", number, number));
    }

    /// <summary>What a client has in the end that applies whatever it is told.</summary>
    private static async Task<IEnumerable<string>> FollowAsync(LiveViewer viewer)
    {
        var posts = new Dictionary<string, int>();
        while (!posts.ContainsKey("last"))
        {
            var message = await viewer.NextAsync();
            if (!message.TryGetProperty("posts", out var told))
                continue;
            var isSnapshot = message.GetProperty("type").GetString() == "snapshot";
            Assert.True(isSnapshot == (posts.Count == 0) || !isSnapshot, "A second snapshot that nobody asked for.");
            foreach (var post in told.EnumerateArray())
            {
                var (id, score) = (post.GetProperty("id").GetString()!, post.GetProperty("current_score").GetInt32());
                Assert.True(posts.GetValueOrDefault(id) < score, $"{id} was at {posts.GetValueOrDefault(id)} and is told at {score}.");
                posts[id] = score;
            }
        }

        return posts.Select(post => $"({post.Key},{post.Value})").Order(StringComparer.Ordinal);
    }
}
