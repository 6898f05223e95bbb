using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Simulator;

public sealed class BurstTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Posts_that_are_asked_for_come_first_in_the_listings_and_have_the_votes_of_their_age()
    {
        await using var app = await StartAsync();
        var before = await IdsAsync(app);
        using (var answer = await BurstAsync(app, """{"count":400}"""))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            using var body = await SimulatorApp.ReadAsync(answer);
            Assert.Equal(400, body.RootElement.GetProperty("posts").GetInt32());
            Assert.InRange(body.RootElement.GetProperty("subreddits").GetInt32(), 60, 200);
        }

        var posts = await AllAsync(app);
        var added = posts.Take(400).ToList();
        Assert.DoesNotContain(added, post => before.Contains(post.GetProperty("id").GetString()!));
        // Reddit's listings end after 1,000.
        Assert.Equal(before.Take(posts.Count - 400), posts.Skip(400).Select(post => post.GetProperty("id").GetString()!));
        var ages = added.ConvertAll(post => SimulatorApp.Epoch.ToUnixTimeSeconds() - post.GetProperty("created_utc").GetDouble());
        Assert.InRange(ages.Min(), 0, 300);
        Assert.InRange(ages.Max(), 6 * 3600, 12 * 3600);
        Assert.Contains(added, post => post.GetProperty("score").GetInt32() > 20);
    }

    [Fact]
    public async Task They_are_found_by_id_and_stay()
    {
        await using var app = await StartAsync();
        (await BurstAsync(app, """{"count":20}""")).Dispose();
        var names = string.Join(',', (await AllAsync(app)).Take(20).Select(post => post.GetProperty("name").GetString()));

        app.Advance(TimeSpan.FromHours(30));
        await app.AuthorizeAsync();
        var found = await app.PostsAsync($"/api/info?id={names}");
        Assert.Equal(20, found.Count);
        Assert.All(found, post => Assert.Equal(JsonValueKind.Null, post.GetProperty("removed_by_category").ValueKind));
    }

    [Fact]
    public async Task They_are_still_there_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        List<string> ids;
        await using (var app = await (await SimulatorApp.StartAsync(("StatePath", folder.Path))).AuthorizeAsync())
        {
            (await BurstAsync(app, """{"count":30}""")).Dispose();
            (await BurstAsync(app, """{"count":30}""")).Dispose();
            ids = await IdsAsync(app, 60);
            Assert.Equal(60, ids.Distinct().Count());
        }

        await using var next = await (await SimulatorApp.StartAsync(("StatePath", folder.Path))).AuthorizeAsync();
        Assert.Equal(ids, await IdsAsync(next, 60));
    }

    [Fact]
    public async Task A_world_of_before_there_were_bursts_goes_on()
    {
        using var folder = new TemporaryFolder();
        await using (var app = await SimulatorApp.StartAsync(("StatePath", folder.Path)))
        {
        }

        var file = Assert.Single(Directory.GetFiles(folder.Path, "world-*.json"));
        var state = JsonNode.Parse(await File.ReadAllTextAsync(file, Cancel))!.AsObject();
        Assert.True(state.Remove("Bursts"));
        await File.WriteAllTextAsync(file, state.ToJsonString(), Cancel);

        await using var next = await (await SimulatorApp.StartAsync(("StatePath", folder.Path))).AuthorizeAsync();
        next.Advance(TimeSpan.FromMinutes(1));
        (await BurstAsync(next, """{"count":1}""")).Dispose();
        Assert.NotEmpty(await IdsAsync(next, 1));
    }

    [Fact]
    public async Task An_answer_from_before_does_not_show_them()
    {
        await using var app = await StartAsync();
        (await BurstAsync(app, """{"count":50}""")).Dispose();
        var first = (await IdsAsync(app, 1))[0];
        (await app.PutFaultsAsync("""{"faults":[{"kind":"stale","age":60,"count":1}]}""")).Dispose();

        Assert.NotEqual(first, (await app.PostsAsync("/r/all/new?limit=1"))[0].GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("""{"count":0}""")]
    [InlineData("""{"count":5001}""")]
    [InlineData("""{"count":"many"}""")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("")]
    public async Task Wrong_input_names_the_field(string json)
    {
        await using var app = await StartAsync();
        using var answer = await BurstAsync(app, json);
        using var problem = await SimulatorApp.ReadAsync(answer);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("count", Assert.Single(problem.RootElement.GetProperty("errors").EnumerateObject()).Name);
    }

    [Fact]
    public async Task A_recorded_corpus_refuses()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "posts.jsonl");
        await File.WriteAllTextAsync(path, """{"id":"a","title":"One","subreddit":"golang","score":3,"num_comments":1,"created_utc":1700000000}""", Cancel);
        await using var app = await SimulatorApp.StartAsync(("CorpusPath", path));

        using var answer = await BurstAsync(app, """{"count":1}""");
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
    }

    private static async Task<SimulatorApp> StartAsync() => await (await SimulatorApp.StartAsync(("BackfillHours", 1))).AuthorizeAsync();

    private static async Task<HttpResponseMessage> BurstAsync(SimulatorApp app, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        return await app.Client.PostAsync("/simulator/posts", content, Cancel);
    }

    private static async Task<List<string>> IdsAsync(SimulatorApp app, int count = int.MaxValue) =>
        [.. (await AllAsync(app)).Take(count).Select(post => post.GetProperty("id").GetString()!)];

    private static async Task<List<JsonElement>> AllAsync(SimulatorApp app)
    {
        var posts = new List<JsonElement>();
        var after = "";
        do
        {
            var page = await app.ListAsync($"/r/all/new?limit=100&after={after}");
            posts.AddRange(SimulatorApp.Posts(page));
            after = page.GetProperty("after").GetString() ?? "";
        }
        while (after.Length > 0);
        return posts;
    }
}
