using System.Net;
using System.Net.WebSockets;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Live;

public sealed class LiveEndpointsTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_that_says_nothing_sees_updates_and_nothing_else()
    {
        await using var live = await LiveApplication.StartAsync(postgres, withClock: true);
        await using var viewer = await LiveViewer.ConnectAsync(live);
        // What the original's clients say to it.
        await viewer.SayAsync("ping");
        await viewer.SayAsync("""{"type":"hello"}""");

        await live.CommitAsync(LiveApplication.Post("a1", score: 7));
        var update = await viewer.NextAsync();
        live.Time!.Advance(TimeSpan.FromMinutes(5));
        await live.CommitAsync(LiveApplication.Post("a1", 1, score: 8));
        var second = await viewer.NextAsync();

        Assert.Equal("posts.update", update.GetProperty("type").GetString());
        var post = Assert.Single(update.GetProperty("posts").EnumerateArray());
        Assert.Equal(7, post.GetProperty("current_score").GetInt32());
        Assert.Equal("Title of a1", post.GetProperty("title").GetString());
        Assert.Equal("positive", post.GetProperty("nlp").GetProperty("sentiment_label").GetString());
        Assert.Equal(8, Assert.Single(second.GetProperty("posts").EnumerateArray()).GetProperty("current_score").GetInt32());
        Assert.Equal(update.GetProperty("sequence").GetInt64() + 1, second.GetProperty("sequence").GetInt64());
    }

    [Theory]
    [InlineData(Wire.WebSocket)]
    [InlineData(Wire.HubJson)]
    [InlineData(Wire.HubMessagePack)]
    [InlineData(Wire.EventStream)]
    public async Task Every_client_receives_every_update_once_in_order(Wire wire)
    {
        await using var live = await LiveApplication.StartAsync(postgres, settings: ("Api:Live:Interval", "00:00:00.010"));
        await using var first = await LiveViewer.ConnectAsync(live, wire);
        await using var second = await LiveViewer.ConnectAsync(live, wire);

        for (var number = 1; number <= 40; number++)
            await live.CommitAsync(LiveApplication.Post($"a{number}", number, number));

        foreach (var viewer in new[] { first, second })
            Assert.Equal(Enumerable.Range(1, 40), (await viewer.UntilAsync("a40", 40)).Select(post => post.GetProperty("current_score").GetInt32()));
    }

    [Fact]
    public async Task The_first_update_after_a_pause_goes_out_at_once_and_those_that_follow_become_one()
    {
        await using var live = await LiveApplication.StartAsync(postgres, withClock: true, settings: ("Api:Live:Interval", "00:00:01"));
        await using var viewer = await LiveViewer.ConnectAsync(live);
        await using var witness = await LiveViewer.ConnectAsync(live, query: "min_score=3");

        live.Publish(LiveApplication.Post("a1", 1, 1));
        await viewer.UntilAsync("a1", 1);
        live.Publish(LiveApplication.Post("a1", 2, 2));
        live.Publish(LiveApplication.Post("a1", 3, 3));
        await witness.UntilAsync("a1", 3);
        Assert.False(viewer.Messages.TryPeek(out _));
        live.Time!.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(3, Assert.Single((await viewer.NextAsync()).GetProperty("posts").EnumerateArray()).GetProperty("current_score").GetInt32());
    }

    [Fact]
    public async Task A_repeat_or_an_overtaken_state_is_not_told_but_the_end_of_a_post_is()
    {
        await using var live = await LiveApplication.StartAsync(postgres);
        await using var viewer = await LiveViewer.ConnectAsync(live);
        await using var keyword = await LiveViewer.ConnectAsync(live, query: "keyword=moon");
        var post = LiveApplication.Post("a1", 10, 10, keywords: "moon");

        live.Publish(post);
        live.Publish(post);
        live.Publish(LiveApplication.Post("a1", 9, 9, keywords: "moon"));
        live.Publish(post with { CurrentScore = 11, Purged = true, Nlp = null });
        live.Publish(post with { CurrentScore = 12, LastPolledAt = post.LastPolledAt.AddHours(1) });
        live.Publish(LiveApplication.Post("a2", 1, 1, keywords: "moon"));

        foreach (var client in new[] { viewer, keyword })
            Assert.Equal([10, 11, 1], (await client.UntilAsync("a2", 1)).Select(told => told.GetProperty("current_score").GetInt32()));
    }

    [Fact]
    public async Task A_viewer_that_leaves_disturbs_nobody()
    {
        await using var live = await LiveApplication.StartAsync(postgres);
        var leaving = await LiveViewer.ConnectAsync(live);
        await using var staying = await LiveViewer.ConnectAsync(live);

        await leaving.DisposeAsync();
        await live.CommitAsync(LiveApplication.Post("a1"));

        await staying.UntilAsync("a1", 1);
    }

    [Theory]
    [InlineData(Wire.WebSocket)]
    [InlineData(Wire.HubJson)]
    [InlineData(Wire.EventStream)]
    public async Task A_stopping_server_ends_its_connections(Wire wire)
    {
        await using var live = await LiveApplication.StartAsync(postgres);
        await using var viewer = await LiveViewer.ConnectAsync(live, wire);

        await live.StopInstanceAsync(0);
        await viewer.Closed;

        if (wire == Wire.WebSocket)
            Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, viewer.CloseStatus);
    }

    [Theory]
    [InlineData(Wire.WebSocket)]
    [InlineData(Wire.HubMessagePack)]
    [InlineData(Wire.EventStream)]
    public async Task A_connection_ends_with_its_token(Wire wire)
    {
        await using var live = await LiveApplication.StartAsync(postgres, withClock: true);
        await using var viewer = await LiveViewer.ConnectAsync(live, wire, $"access_token={await live.TokenAsync()}");
        await using var other = await LiveViewer.ConnectAsync(live, wire);

        live.Time!.Advance(TimeSpan.FromMinutes(59));
        await live.CommitAsync(LiveApplication.Post("a1"));
        await viewer.UntilAsync("a1", 1);
        live.Time.Advance(TimeSpan.FromMinutes(1));
        await viewer.Closed;

        if (wire == Wire.WebSocket)
            Assert.Equal(4401, (int)viewer.CloseStatus!);
        await live.CommitAsync(LiveApplication.Post("a2"));
        await other.UntilAsync("a2", 1);
    }

    [Fact]
    public async Task Heartbeats_are_for_those_who_asked_to_be_told()
    {
        await using var live = await LiveApplication.StartAsync(postgres, withClock: true);
        await using var socket = await LiveViewer.ConnectAsync(live, query: "status=true");
        await using var events = await LiveViewer.ConnectAsync(live, Wire.EventStream);
        await using var plain = await LiveViewer.ConnectAsync(live);
        Assert.True((await socket.NextAsync("status")).GetProperty("live").GetBoolean());

        await Eventually.TrueAsync(() =>
        {
            live.Time!.Advance(TimeSpan.FromSeconds(16));
            return Task.FromResult(socket.Messages.TryPeek(out _) && events.Comments.Count > 0);
        });
        await live.CommitAsync(LiveApplication.Post("a1"));

        Assert.Equal("heartbeat", (await socket.NextAsync()).GetProperty("type").GetString());
        Assert.Equal("posts.update", (await plain.NextAsync()).GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_plain_request_is_told_to_upgrade()
    {
        await using var live = await LiveApplication.StartAsync(postgres);
        using var client = live.CreateClient();

        using var response = await client.GetAsync("/ws/posts/", Cancel);

        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("https://evil.example", false)]
    [InlineData("https://ours.example", true)]
    [InlineData("null", false)]
    [InlineData("same", true)]
    public async Task Pages_of_foreign_origins_may_not_connect(string origin, bool isAllowed)
    {
        await using var live = await LiveApplication.StartAsync(postgres, settings: ("Api:Cors:Origins:0", "https://ours.example"));

        foreach (var path in new[] { "/ws/posts/", "/hubs/posts" })
        {
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Origin", origin == "same" ? live.Address("/").GetLeftPart(UriPartial.Authority) : origin);
            socket.Options.CollectHttpResponseDetails = true;
            var connecting = socket.ConnectAsync(new UriBuilder(live.Address(path)) { Scheme = "ws" }.Uri, Cancel);
            if (isAllowed)
                await connecting;
            else
                await Assert.ThrowsAsync<WebSocketException>(() => connecting);
            Assert.Equal(isAllowed ? HttpStatusCode.SwitchingProtocols : HttpStatusCode.Forbidden, socket.HttpStatusCode);
        }
    }

    [Theory]
    [InlineData("Api:Live:MaxConnections", HttpStatusCode.ServiceUnavailable)]
    [InlineData("Api:Live:MaxConnectionsPerUser", HttpStatusCode.TooManyRequests)]
    [InlineData("Api:Live:MaxConnectionsPerAddress", HttpStatusCode.TooManyRequests)]
    public async Task Connections_beyond_a_limit_are_refused_until_one_ends(string limit, HttpStatusCode expected)
    {
        await using var live = await LiveApplication.StartAsync(postgres, settings: (limit, "3"));
        using var client = live.CreateClient();
        var query = $"access_token={await live.TokenAsync()}";
        await using var socket = await LiveViewer.ConnectAsync(live, Wire.WebSocket, query);
        await using var hub = await LiveViewer.ConnectAsync(live, Wire.HubJson, query);
        var events = await LiveViewer.ConnectAsync(live, Wire.EventStream, query);

        using var refused = await client.GetAsync($"/api/stream/?{query}", HttpCompletionOption.ResponseHeadersRead, Cancel);
        await events.DisposeAsync();

        Assert.Equal(expected, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        Assert.NotNull(refused.Headers.RetryAfter);
        await Eventually.TrueAsync(async () =>
        {
            using var again = await client.GetAsync($"/api/stream/?{query}", HttpCompletionOption.ResponseHeadersRead, Cancel);
            return again.IsSuccessStatusCode;
        });
    }
}
