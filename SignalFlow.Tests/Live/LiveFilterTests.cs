using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Live;

public sealed class LiveFilterTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Wire.WebSocket)]
    [InlineData(Wire.HubJson)]
    [InlineData(Wire.HubMessagePack)]
    [InlineData(Wire.EventStream)]
    public async Task A_client_sees_what_its_filter_lets_through(Wire wire)
    {
        await using var live = await LiveApplication.StartAsync(postgres);
        await using var subreddit = await LiveViewer.ConnectAsync(live, wire, "subreddit=Science,art");
        await using var tier = await LiveViewer.ConnectAsync(live, wire, "tier=aggressive");
        await using var score = await LiveViewer.ConnectAsync(live, wire, "min_score=100");
        await using var trending = await LiveViewer.ConnectAsync(live, wire, "trending=true");
        await using var keyword = await LiveViewer.ConnectAsync(live, wire, "keyword=moon,Rocket");

        await live.CommitAsync(LiveApplication.Post("none", keywords: "moon"));
        await live.CommitAsync(LiveApplication.Post("s", subreddit: "science"));
        await live.CommitAsync(LiveApplication.Post("t", tier: "aggressive"));
        await live.CommitAsync(LiveApplication.Post("h", score: 100));
        await live.CommitAsync(LiveApplication.Post("d", trending: true));
        await live.CommitAsync(LiveApplication.Post("k", keywords: ["moon", "rocket"]));
        await live.CommitAsync(LiveApplication.Post("all", score: 1000, subreddit: "art", tier: "aggressive", trending: true, keywords: ["rocket", "moon"]));

        Assert.Equal(["s", "all"], await IdsUntilAllAsync(subreddit));
        Assert.Equal(["t", "all"], await IdsUntilAllAsync(tier));
        Assert.Equal(["h", "all"], await IdsUntilAllAsync(score));
        Assert.Equal(["d", "all"], await IdsUntilAllAsync(trending));
        Assert.Equal(["k", "all"], await IdsUntilAllAsync(keyword));
    }

    [Theory]
    [InlineData(Wire.WebSocket)]
    [InlineData(Wire.HubJson)]
    [InlineData(Wire.HubMessagePack)]
    public async Task A_filter_changes_without_a_new_connection(Wire wire)
    {
        await using var live = await LiveApplication.StartAsync(postgres);
        await using var viewer = await LiveViewer.ConnectAsync(live, wire, "subreddit=art");

        await live.CommitAsync(LiveApplication.Post("a1", subreddit: "art"));
        await viewer.UntilAsync("a1", 1);
        await viewer.SubscribeAsync("""{"subreddits":["science"],"min_score":10}""");
        var answer = await viewer.NextAsync("subscribed");
        await live.CommitAsync(LiveApplication.Post("a2", subreddit: "art", score: 20));
        await live.CommitAsync(LiveApplication.Post("s1", subreddit: "science", score: 9));
        await live.CommitAsync(LiveApplication.Post("s2", subreddit: "science", score: 10));

        var posts = await viewer.UntilAsync("s2", 10);
        Assert.Equal(["s2"], posts.Select(post => post.GetProperty("id").GetString()));
        Assert.Equal("science", Assert.Single(answer.GetProperty("subreddits").EnumerateArray()).GetString());
        Assert.Equal(10, answer.GetProperty("min_score").GetInt32());
        await viewer.SubscribeAsync("""{"phases":["emerging"]}""");
        Assert.Equal("emerging", Assert.Single((await viewer.NextAsync("subscribed")).GetProperty("phases").EnumerateArray()).GetString());
    }

    [Fact]
    public async Task What_waits_for_its_turn_when_the_filter_changes_is_not_lost()
    {
        await using var live = await LiveApplication.StartAsync(postgres, withClock: true);
        await using var viewer = await LiveViewer.ConnectAsync(live, Wire.WebSocket, "subreddit=art");
        await live.CommitAsync(LiveApplication.Post("a1", subreddit: "art"));
        await viewer.UntilAsync("a1", 1);

        // The clock stands still, so the next one waits for the end of the interval.
        await using var other = await LiveViewer.ConnectAsync(live);
        await live.CommitAsync(LiveApplication.Post("a2", subreddit: "art"));
        await other.UntilAsync("a2", 1);
        await viewer.SubscribeAsync("""{"subreddits":["art","science"]}""");

        await viewer.UntilAsync("a2", 1);
    }

    [Theory]
    [InlineData("min_score=high", "min_score")]
    [InlineData("tier=fast", "tier")]
    [InlineData("trending=perhaps", "trending")]
    [InlineData("snapshot=1000", "snapshot")]
    [InlineData("last_sequence=-1", "last_sequence")]
    [InlineData("keyword=a,b,c,d,e,f,g,h,i,j,k", "keyword")]
    public async Task A_wrong_filter_is_refused_before_the_upgrade_by_the_name_of_its_field(string query, string field)
    {
        await using var live = await LiveApplication.StartAsync(postgres);
        using var client = live.CreateClient();

        foreach (var path in new[] { "/ws/posts/", "/hubs/posts", "/api/stream/" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{path}?{query}");
            if (path != "/api/stream/")
            {
                request.Headers.Add("Connection", "Upgrade");
                request.Headers.Add("Upgrade", "websocket");
                request.Headers.Add("Sec-WebSocket-Version", "13");
                request.Headers.Add("Sec-WebSocket-Key", "c2lnbmFsZmxvdy1saXZlIQ==");
            }

            using var response = await client.SendAsync(request, Cancel);

            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement;
            Assert.StartsWith(field, Assert.Single(problem.GetProperty("errors").GetProperty(field).EnumerateArray()).GetString(), StringComparison.Ordinal);
        }

        using var negotiated = await client.PostAsync($"/hubs/posts/negotiate?negotiateVersion=1&{query}", content: null, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, negotiated.StatusCode);
    }

    [Theory]
    [InlineData("""{"min_score":"high"}""", "min_score")]
    [InlineData("""{"subreddits":[1]}""", "subreddits")]
    [InlineData("""{"colour":"red"}""", "colour")]
    public async Task A_wrong_change_is_refused_by_the_name_of_its_field_and_changes_nothing(string filter, string field)
    {
        await using var live = await LiveApplication.StartAsync(postgres);
        await using var socket = await LiveViewer.ConnectAsync(live, Wire.WebSocket, "subreddit=art");
        await using var hub = await LiveViewer.ConnectAsync(live, Wire.HubMessagePack, "subreddit=art");

        await socket.SubscribeAsync(filter);
        var error = await socket.NextAsync();
        var refused = await Assert.ThrowsAsync<HubException>(() => hub.SubscribeAsync(filter));

        Assert.Equal("error", error.GetProperty("type").GetString());
        Assert.Contains(field, Assert.Single(error.GetProperty("errors").GetProperty(field).EnumerateArray()).GetString(), StringComparison.Ordinal);
        Assert.Contains(field, refused.Message, StringComparison.Ordinal);
        await live.CommitAsync(LiveApplication.Post("s1", subreddit: "science"));
        await live.CommitAsync(LiveApplication.Post("a1", subreddit: "art"));
        Assert.Single(await socket.UntilAsync("a1", 1));
        Assert.Single(await hub.UntilAsync("a1", 1));
    }

    private static async Task<List<string?>> IdsUntilAllAsync(LiveViewer viewer) =>
        [.. (await viewer.UntilAsync("all", 1000)).Select(post => post.GetProperty("id").GetString())];
}
