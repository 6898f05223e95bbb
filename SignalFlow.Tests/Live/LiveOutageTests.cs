using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Npgsql;
using SignalFlow.Api.Live;
using SignalFlow.Storage;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Live;

/// <summary>Redis goes, clients do not read.</summary>
public sealed class LiveOutageTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_redis_is_away_clients_are_told_and_on_its_return_nothing_is_missing()
    {
        await using var live = await LiveApplication.StartAsync(postgres, instances: 2);
        await using var told = await LiveViewer.ConnectAsync(live, Wire.WebSocket, "status=true&snapshot=50");
        await using var hub = await LiveViewer.ConnectAsync(live, Wire.HubMessagePack, "snapshot=50", instance: 1);
        await using var plain = await LiveViewer.ConnectAsync(live);
        // Else the first post might come with it.
        await told.NextAsync("snapshot");
        await hub.NextAsync("snapshot");
        await live.CommitAsync(LiveApplication.Post("a1", 1, 1));
        await told.UntilAsync("a1", 1);
        await hub.UntilAsync("a1", 1);
        await plain.UntilAsync("a1", 1);

        live.StopRedis();
        await AwaitStatusAsync(told, false);
        await AwaitStatusAsync(hub, false);
        await live.CommitAsync(LiveApplication.Post("a2", 2, 2));
        using var client = live.CreateClient();
        using var health = await client.GetAsync("/health", Cancel);
        using var list = await client.GetAsync("/api/posts/", Cancel);
        await live.StartRedisAgainAsync();

        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.Contains("degraded", await health.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, list.StatusCode);
        Assert.Equal(["a2", "a1"], (await told.NextAsync("snapshot")).GetProperty("posts").EnumerateArray().Select(post => post.GetProperty("id").GetString()));
        await AwaitStatusAsync(told, true);
        await hub.NextAsync("snapshot");
        // It knows only updates, so what it missed comes as one.
        await plain.UntilAsync("a2", 2);
        await live.CommitAsync(LiveApplication.Post("a3", 3, 3));
        // Where processing came back later than the API, it comes with another snapshot.
        await told.SeesAsync("a3");
        await hub.SeesAsync("a3");
        await plain.UntilAsync("a3", 3);
    }

    /// <remarks>With a replica the queries are repeated, and end in the exception of that.</remarks>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_the_name_of_the_database_is_not_found_a_client_waits_and_then_has_everything(bool hasReplica)
    {
        var name = new LosableName();
        await using var live = await LiveApplication.StartAsync(
            postgres,
            configure: builder =>
            {
                var primary = new NpgsqlConnectionStringBuilder(builder.Configuration.GetConnectionString(StorageExtensions.ConnectionName));
                builder.Services.AddKeyedSingleton(StorageExtensions.ReadingKey, (_, _) => name.DataSource(primary.ConnectionString));
                if (hasReplica)
                    builder.Configuration["ConnectionStrings:signalflow-replica"] = $"Host={LosableName.Nobody};Database={primary.Database}";
            },
            settings: hasReplica ? [("ConnectionStrings:signalflow-replica", "is made later")] : []);
        await live.StoreAsync(LiveApplication.Post("a1", 1, 1));
        name.Lose();
        await using var viewer = await LiveViewer.ConnectAsync(live, Wire.WebSocket, "snapshot=10");
        // One reading is at most three of them.
        await Eventually.TrueAsync(() => Task.FromResult(name.Asked > 3));

        live.Publish(LiveApplication.Post("a2", 2, 2));
        name.GiveBack();

        Assert.Equal("a1", Assert.Single((await viewer.NextAsync("snapshot")).GetProperty("posts").EnumerateArray()).GetProperty("id").GetString());
        await viewer.UntilAsync("a2", 2);
    }

    [Fact]
    public async Task What_processing_could_not_publish_shows_although_the_api_was_never_away()
    {
        await using var live = await LiveApplication.StartAsync(postgres);
        await using var viewer = await LiveViewer.ConnectAsync(live, Wire.WebSocket, "snapshot=10");
        await viewer.NextAsync("snapshot");
        await live.CommitAsync(LiveApplication.Post("a1", 1, 1));
        await viewer.UntilAsync("a1", 1);

        // More at a time than may be under way: the rest is given up.
        for (var number = 2; number < 60; number++)
            await live.StoreAsync(LiveApplication.Post($"a{number}", number, number));
        for (var number = 2; number < 60; number++)
            live.Publish(LiveApplication.Post($"a{number}", number, number) with { Author = new('x', 100_000) });

        var seen = new HashSet<string>();
        while (seen.Count < 10 || !seen.Contains("a59"))
        {
            var message = await viewer.NextAsync();
            if (message.TryGetProperty("posts", out var posts) && posts.ValueKind == JsonValueKind.Array)
                seen.UnionWith(posts.EnumerateArray().Select(post => post.GetProperty("id").GetString()!));
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_gets_the_newest_states_then_and_is_told_what_it_missed()
    {
        await using var live = await LiveApplication.StartAsync(
            postgres, settings: [("Api:Live:MaxPendingPosts", "20"), ("Api:Live:Interval", "00:00:00.010")]);
        using var slow = new ClientWebSocket();
        await slow.ConnectAsync(new UriBuilder(live.Address("/ws/posts/?status=true")) { Scheme = "ws" }.Uri, Cancel);
        await using var other = await LiveViewer.ConnectAsync(live);
        var filler = new string('x', 400_000);

        // Fills what the system buffers between them, then more than may wait.
        for (var number = 1; number <= 100; number++)
        {
            live.Publish(LiveApplication.Post($"a{number}", number, number) with { Title = filler });
            await other.UntilAsync($"a{number}", number);
        }

        var received = new List<JsonElement>();
        while (!received.Exists(message => message.TryGetProperty("posts", out var posts) && posts.ValueKind == JsonValueKind.Array
            && posts.EnumerateArray().Any(post => post.GetProperty("id").GetString() == "a100")))
        {
            received.Add(await ReceiveAsync(slow));
        }

        var missed = received.Where(message => message.GetProperty("type").GetString() == "missed").Sum(message => message.GetProperty("posts").GetInt32());
        var told = received.Where(message => message.GetProperty("type").GetString() == "posts.update")
            .SelectMany(message => message.GetProperty("posts").EnumerateArray()).Select(post => post.GetProperty("id").GetString()).ToList();
        Assert.True(missed > 0);
        Assert.Equal(told.Count, told.Distinct().Count());
        Assert.Equal(100, told.Count + missed);
        Assert.Contains("a81", told);
    }

    [Theory]
    [InlineData("/ws/posts/")]
    [InlineData("/api/stream/")]
    public async Task A_client_that_takes_nothing_is_closed_and_the_others_go_on(string path)
    {
        await using var live = await LiveApplication.StartAsync(postgres, withClock: true);
        await using var other = await LiveViewer.ConnectAsync(live);
        using var tooSlow = new Microsoft.Extensions.Diagnostics.Metrics.Testing.MetricCollector<long>(
            (System.Diagnostics.Metrics.IMeterFactory)live.Services().GetService(typeof(System.Diagnostics.Metrics.IMeterFactory))!,
            "SignalFlow.Api", "signalflow_live_slow_clients");
        using var socket = new ClientWebSocket();
        using var client = live.CreateClient();
        if (path == "/ws/posts/")
            await socket.ConnectAsync(new UriBuilder(live.Address(path)) { Scheme = "ws" }.Uri, Cancel);
        using var response = path == "/ws/posts/" ? null : await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Cancel);
        var filler = new string('x', 400_000);

        var number = 0;
        await Eventually.TrueAsync(async () =>
        {
            number++;
            live.Publish(LiveApplication.Post($"a{number}", number, number) with { Title = filler });
            // The others get each one.
            live.Time!.Advance(TimeSpan.FromSeconds(1));
            await other.UntilAsync($"a{number}", number);
            return tooSlow.LastMeasurement is not null;
        });

        live.Publish(LiveApplication.Post("after", 1, 1));
        live.Time!.Advance(TimeSpan.FromSeconds(1));
        await other.UntilAsync("after", 1);
        Assert.Equal(path == "/ws/posts/" ? "websocket" : "sse", tooSlow.LastMeasurement!.Tags["transport"]);
    }

    [Fact]
    public void Wrong_options_are_named()
    {
        var result = new LiveOptions.Validator().Validate(null, new() { Interval = TimeSpan.Zero, MaxPendingPosts = 0 });

        Assert.Equal(2, result.Failures!.Count());
        Assert.Contains(result.Failures!, failure => failure.StartsWith("Api:Live:Interval", StringComparison.Ordinal));
        Assert.Contains(result.Failures!, failure => failure.StartsWith("Api:Live:MaxPendingPosts", StringComparison.Ordinal));
    }

    private static async Task AwaitStatusAsync(LiveViewer viewer, bool isLive)
    {
        while ((await viewer.NextAsync("status")).GetProperty("live").GetBoolean() != isLive)
        {
            // The one before.
        }
    }

    private static async Task<JsonElement> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[1 << 16];
        using var message = new MemoryStream();
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, Cancel);
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return JsonDocument.Parse(message.ToArray()).RootElement.Clone();
        }
    }
}
