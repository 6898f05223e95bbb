using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace SignalFlow.Tests.Simulator;

public sealed class CorpusTests : IDisposable
{
    private const string Recorded = """
        {"id":"aaa1","title":"Line one\nline two \ud83d\ude00 & <b>\"quoted\"</b>","selftext":"tab\there \\u0026 \u0026 \u003c","subreddit":"Alpha","author":"u_1","score":120,"num_comments":7,"upvote_ratio":0.93,"over_18":false,"permalink":"/r/Alpha/comments/aaa1/x/","url":"https://www.reddit.com/r/Alpha/comments/aaa1/x/"}
        {"id":"aaa2","title":"ünïcödé 👨‍👩‍👧 ’ “raw”\/","selftext":"","subreddit":"Beta","author":"[deleted]","score":0,"num_comments":0,"upvote_ratio":null,"over_18":true,"permalink":null,"url":"https://example.org/?a=1&b=2"}

        {"id":"aaa3","title":"lone \ud83d surrogate","subreddit":"Alpha"}
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("signalflow-corpus-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Texts_are_served_as_the_file_has_them(bool gzip)
    {
        await using var app = await StartAsync(Write(Recorded, gzip));
        app.Advance(TimeSpan.FromSeconds(2));

        using var response = await app.GetAsync("/r/Alpha+Beta/new?raw_json=1");
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        foreach (var line in Recorded.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var title = line[(line.IndexOf("\"title\":", StringComparison.Ordinal) + 8)..];
            title = title[..(title.IndexOf(",\"s", StringComparison.Ordinal))];
            Assert.Contains($"\"title\":{title}", body, StringComparison.Ordinal);
        }

        Assert.Equal(["Alpha", "Beta"], app.Reddit.Subreddits);
        Assert.Equal((3, 0), (app.Reddit.CorpusPosts, app.Reddit.SkippedLines));
    }

    [Fact]
    public async Task Without_raw_json_markup_is_escaped_and_escapes_stay_valid()
    {
        await using var app = await StartAsync(Write(Recorded));
        var post = (await app.PostsAsync("/api/info?id=t3_aaa1"))[0];

        Assert.Equal("Line one\nline two 😀 &amp; &lt;b&gt;\"quoted\"&lt;/b&gt;", post.Text("title"));
        Assert.Equal("tab\there \\u0026 &amp; &lt;", post.Text("selftext"));
    }

    [Fact]
    public async Task Posts_arrive_in_file_order_at_the_rate()
    {
        await using var app = await StartAsync(Write(Recorded), ("Speed", 10), ("Rate", 0.5));
        Assert.Equal(["aaa1"], await IdsAsync(app));

        app.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(["aaa2", "aaa1"], await IdsAsync(app));
        Assert.Empty(await app.PostsAsync("/api/info?id=t3_aaa3"));

        app.Advance(TimeSpan.FromSeconds(10));
        var posts = await app.PostsAsync("/r/all/new");
        Assert.Equal(["aaa3", "aaa2", "aaa1"], posts.Select(post => post.Id()));
        Assert.All(posts, post => Assert.Equal(SimulatorApp.Epoch.ToUnixTimeSeconds(), post.GetProperty("created_utc").GetDouble()));
    }

    [Fact]
    public async Task Scores_grow_to_exactly_the_recorded_ones()
    {
        await using var app = await StartAsync(Write(Recorded), ("Speed", 60));
        var scores = new List<int>();
        for (var i = 0; i < 48; i++, app.Advance(TimeSpan.FromSeconds(5)))
            scores.Add((await app.PostsAsync("/api/info?id=t3_aaa1"))[0].Number("score"));

        var last = (await app.PostsAsync("/api/info?id=t3_aaa1"))[0];
        Assert.InRange(scores[0], 0, 1);
        Assert.InRange(scores[6], 2, 119);
        Assert.All(scores.Zip(scores.Skip(1)), step => Assert.True(step.Second > step.First - 5, $"{step}"));
        Assert.Equal((120, 7, 0.93), (last.Number("score"), last.Number("num_comments"), last.GetProperty("upvote_ratio").GetDouble()));
    }

    [Fact]
    public async Task Lines_that_are_no_posts_are_skipped_and_counted()
    {
        string[] bad =
        [
            "{\"id\":\"bad1\",\"title\":\"cut off", "[]", "12", "{\"id\":\"bad2\"}", "{\"id\":7,\"title\":\"x\",\"subreddit\":\"Alpha\"}",
            "{\"id\":\"bad3\",\"title\":\"x\",\"subreddit\":\"no such name\"}", "{\"id\":\"bad4\",\"title\":\"x\",\"subreddit\":\"Alpha\"} trailing",
            "{\"id\":\"bad5\",\"title\":\"x\",\"subreddit\":\"Alpha\",\"score\":\"many\"}", "{\"id\":\"bad6\",\"title\":null,\"subreddit\":\"Alpha\"}",
        ];
        var path = Write(string.Join('\n', [Recorded, .. bad, "  ", "{\"id\":\"aaa1\",\"title\":\"again\",\"subreddit\":\"Alpha\"}"]));
        File.AppendAllText(path, "\n{\"id\":\"bad7\",\"title\":\"\xff\",\"subreddit\":\"Alpha\"}", Encoding.Latin1);

        await using var app = await StartAsync(path);
        app.Advance(TimeSpan.FromHours(1));

        Assert.Equal((3, bad.Length + 1), (app.Reddit.CorpusPosts, app.Reddit.SkippedLines));
        Assert.Equal(["aaa3", "aaa2", "aaa1"], await IdsAsync(app));
        Assert.DoesNotContain(await app.PostsAsync("/r/all/new"), post => post.Id() == "aaa1" && post.Text("title") == "again");
    }

    [Theory]
    [InlineData("missing.jsonl")]
    [InlineData("broken.jsonl.gz")]
    public async Task A_file_that_cannot_be_read_is_named(string name)
    {
        var path = Path.Combine(_folder.FullName, name);
        if (name.StartsWith("broken", StringComparison.Ordinal))
            File.WriteAllBytes(path, [0x1F, 0x8B, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => SimulatorApp.StartAsync(("CorpusPath", path)));
        Assert.Contains("Simulator:CorpusPath", error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_other_subreddit_is_empty()
    {
        await using var app = await StartAsync(Write(Recorded));
        Assert.Empty(await app.PostsAsync("/r/technology/new"));
        Assert.Single(await app.PostsAsync("/r/technology+ALPHA/new"));
    }

    [Fact]
    public async Task The_real_corpus_is_served_complete_and_unchanged()
    {
        var path = SharedData.Path("posts/posts_api_2020_12subs.jsonl.gz");
        if (path is null)
            Assert.Skip("../shared/data/posts is not there");

        var expected = await ReadAsync(path);
        await using var app = await StartAsync(path, ("Speed", 600));
        var served = new Dictionary<string, JsonElement>();
        var sources = string.Join('+', app.Reddit.Subreddits);
        while (served.Count < expected.Count)
        {
            var before = served.Count;
            app.Advance(TimeSpan.FromSeconds(1.5));
            await AddNewAsync(app, sources, served);
            Assert.True(served.Count > before, $"{served.Count} of {expected.Count}");
        }

        Assert.Equal(0, app.Reddit.SkippedLines);
        Assert.All(expected, post =>
        {
            var answer = served[post.Key];
            Assert.All(["title", "selftext", "subreddit", "author"], field => Assert.Equal(post.Value.Text(field), answer.Text(field)));
        });
    }

    /// <summary>Walks down from the newest post to the first one that is known.</summary>
    private static async Task AddNewAsync(SimulatorApp app, string sources, Dictionary<string, JsonElement> served)
    {
        for (var after = (string?)""; after is not null;)
        {
            var listing = await app.ListAsync($"/r/{sources}/new?limit=100&raw_json=1&after={after}");
            if (!SimulatorApp.Posts(listing).All(post => served.TryAdd(post.Id(), post)))
                return;

            after = listing.GetProperty("after").GetString();
        }
    }

    private static async Task<Dictionary<string, JsonElement>> ReadAsync(string path)
    {
        await using var file = File.OpenRead(path);
        using var lines = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        var posts = new Dictionary<string, JsonElement>();
        while (await lines.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            var post = JsonElement.Parse(line);
            posts.Add(post.Id(), post);
        }

        return posts;
    }

    private static async Task<SimulatorApp> StartAsync(string path, params (string Key, object Value)[] settings)
    {
        var app = await SimulatorApp.StartAsync([("CorpusPath", path), ("RequestsPerWindow", 0), .. settings]);
        return await app.AuthorizeAsync();
    }

    private static async Task<IEnumerable<string>> IdsAsync(SimulatorApp app) =>
        (await app.PostsAsync("/r/Alpha+Beta/new")).Select(post => post.Id());

    private string Write(string lines, bool gzip = false)
    {
        var path = Path.Combine(_folder.FullName, string.Create(CultureInfo.InvariantCulture, $"{Guid.NewGuid():N}.jsonl"));
        using var file = File.Create(path);
        using Stream content = gzip ? new GZipStream(file, CompressionLevel.Fastest) : file;
        content.Write(Encoding.UTF8.GetBytes(lines));
        return path;
    }
}
