using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace SignalFlow.Tests.Simulator;

public sealed class ListingTests
{
    [Theory]
    [InlineData("/r/technology/new", 25)]
    [InlineData("/r/technology/new.json?limit=3", 3)]
    [InlineData("/r/technology/new/.json?limit=200", 100)]
    [InlineData("/r/technology+science+unheard_of_name/new?limit=50", 50)]
    public async Task Serves_as_many_as_asked_up_to_a_hundred(string path, int expected)
    {
        await using var app = await StartAsync();
        var listing = await app.ListAsync(path);

        var posts = SimulatorApp.Posts(listing);
        Assert.Equal(expected, posts.Count);
        Assert.Equal(expected, listing.Number("dist"));
        Assert.Equal($"t3_{posts[^1].Id()}", listing.Text("after"));
        Assert.Equal(JsonValueKind.Null, listing.GetProperty("before").ValueKind);
        Assert.All(posts, post => Assert.True(Created(post) <= app.Time.GetUtcNow()));
    }

    [Fact]
    public async Task Paging_shows_every_post_once_while_new_ones_arrive()
    {
        await using var app = await StartAsync();
        var atStart = await WalkAsync(app, "/r/technology+science+space/new", TimeSpan.Zero);

        var walked = await WalkAsync(app, "/r/technology+science+space/new", TimeSpan.FromSeconds(3));

        Assert.Equal(walked.Count, walked.Distinct().Count());
        // What was removed during the walk is missing, and what the new ones pushed out of the listing's depth.
        Assert.InRange(atStart.Take(800).Except(walked).Count(), 0, 40);
        Assert.True(atStart.Count > 800);
    }

    [Fact]
    public async Task Before_shows_the_posts_just_above_the_anchor()
    {
        await using var app = await StartAsync();
        var posts = await app.PostsAsync("/r/technology/new?limit=50");

        var above = await app.ListAsync($"/r/technology/new?limit=5&before=t3_{posts[20].Id()}");

        Assert.Equal(posts[15..20].Select(post => post.Id()), SimulatorApp.Posts(above).Select(post => post.Id()));
        Assert.Equal($"t3_{posts[15].Id()}", above.Text("before"));
        Assert.Empty(await app.PostsAsync($"/r/technology/new?before=t3_{posts[0].Id()}"));
    }

    [Fact]
    public async Task An_anchor_that_is_not_in_the_listing_gives_an_empty_page()
    {
        await using var app = await StartAsync();
        var elsewhere = (await app.PostsAsync("/r/science/new?limit=1"))[0].Id();
        var removed = await FindRemovedAsync(app);

        foreach (var anchor in (string[])[$"t3_{elsewhere}", "t3_zzzzzz", "t1_abc", "nonsense", $"t3_{removed.Id()}"])
        {
            Assert.Empty(await app.PostsAsync($"/r/technology/new?after={anchor}"));
            Assert.Empty(await app.PostsAsync($"/r/technology/new?before={anchor}"));
        }
    }

    [Fact]
    public async Task A_listing_ends_after_a_thousand_posts()
    {
        await using var app = await StartAsync();
        Assert.Equal(ListingDepth, (await WalkAsync(app, "/r/all/new", TimeSpan.Zero)).Count);
    }

    [Fact]
    public async Task Missing_subreddits_are_dropped_redirected_or_not_found()
    {
        await using var app = await StartAsync();

        Assert.Equal(25, (await app.PostsAsync("/r/nonexistent1+technology/new")).Count);
        using var all = await app.GetAsync("/r/nonexistent1+nonexistent2/new");
        Assert.Equal(HttpStatusCode.NotFound, all.StatusCode);
        foreach (var path in (string[])["/r/nonexistent_x/new", "/r/nonexistent_x/about"])
        {
            using var single = await app.GetAsync(path);
            Assert.Equal(HttpStatusCode.Found, single.StatusCode);
            Assert.Equal("/subreddits/search?q=nonexistent_x", single.Headers.Location?.PathAndQuery);
            Assert.Equal("text/html", single.Content.Headers.ContentType?.MediaType);
        }
    }

    [Fact]
    public async Task An_address_of_more_than_2600_characters_is_too_long()
    {
        await using var app = await StartAsync();
        var names = "/r/" + string.Join('+', Enumerable.Repeat("technology", 300));

        Assert.NotEmpty(await app.PostsAsync(names[..2_596] + "/new"));
        using var response = await app.GetAsync(names[..2_597] + "/new");
        Assert.Equal(HttpStatusCode.RequestUriTooLong, response.StatusCode);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Info_answers_the_known_of_a_hundred_ids()
    {
        await using var app = await StartAsync();
        var ids = (await app.PostsAsync("/r/technology/new?limit=100")).Select(post => post.Id()).ToList();
        var asked = ids[..96].Select(id => $"t3_{id}").Concat(["t1_abc", "t3_zz", "t5_2qh22", "t3_000"]).Concat(ids[96..].Select(id => $"t3_{id}"));

        var posts = await app.PostsAsync($"/api/info?id={string.Join(',', asked)}");

        Assert.Equal(ids[..96], posts.Select(post => post.Id()));
    }

    [Fact]
    public async Task A_removed_post_leaves_the_listing_and_says_so_in_info()
    {
        await using var app = await StartAsync();
        var removed = await FindRemovedAsync(app);

        Assert.Contains(removed.Text("removed_by_category"), (string[])["moderator", "deleted", "reddit"]);
        Assert.Contains(removed.Text("selftext"), (string[])["[removed]", "[deleted]"]);
        Assert.Equal(removed.Text("removed_by_category") != "moderator", removed.Text("author") == "[deleted]");
        Assert.DoesNotContain(await app.PostsAsync("/r/technology/new?limit=100"), post => post.Id() == removed.Id());
    }

    [Fact]
    public async Task Of_the_posts_that_go_a_few_vanish_and_the_rest_says_who_removed_it()
    {
        await using var app = await StartAsync(("PostsPerDay", 200_000));
        var listed = new HashSet<string>();
        for (var i = 0; i < 3; i++, app.Advance(TimeSpan.FromSeconds(4)))
            listed.UnionWith(await WalkAsync(app, "/r/all/new", TimeSpan.Zero));
        app.Advance(TimeSpan.FromMinutes(24));

        var found = new List<JsonElement>();
        foreach (var ids in listed.Chunk(100))
            found.AddRange(await app.PostsAsync($"/api/info?id=t3_{string.Join(",t3_", ids)}"));

        Assert.InRange((listed.Count - found.Count) / (double)listed.Count, 0.0005, 0.005);
        var gone = found.Where(post => post.GetProperty("removed_by_category").ValueKind == JsonValueKind.String).ToList();
        Assert.InRange(gone.Count / (double)listed.Count, 0.03, 0.08);
        Assert.All(gone, post =>
        {
            var (author, text) = post.Text("removed_by_category") switch
            {
                "deleted" => ("[deleted]", "[deleted]"),
                "moderator" => (null, "[removed]"),
                _ => ("[deleted]", "[removed]"),
            };
            Assert.Equal(text, post.Text("selftext"));
            if (author is not null)
                Assert.Equal(author, post.Text("author"));
        });
    }

    [Fact]
    public async Task Raw_json_decides_whether_markup_is_escaped()
    {
        await using var app = await StartAsync();
        var raw = await app.PostsAsync("/r/technology/new?limit=100&raw_json=1");
        var escaped = (await app.PostsAsync("/r/technology/new?limit=100")).ToDictionary(post => post.Id());

        Assert.Contains(raw, post => post.Text("title").AsSpan().ContainsAny("&<>"));
        Assert.All(raw, post => Assert.Equal(Escape(post.Text("title")), escaped[post.Id()].Text("title")));
        Assert.All(raw, post => Assert.Equal(Escape(post.Text("selftext")), escaped[post.Id()].Text("selftext")));
    }

    [Fact]
    public async Task A_restart_keeps_every_post_its_id_and_its_time()
    {
        var folder = Directory.CreateTempSubdirectory("signalflow-world-");
        try
        {
            List<JsonElement> listed;
            FakeTimeProvider time;
            await using (var first = await StartAsync(("StatePath", folder.FullName)))
            {
                time = first.Time;
                first.Advance(TimeSpan.FromMinutes(1));
                listed = await first.PostsAsync("/r/some_unlisted_name/new?limit=100");
            }

            time.Advance(TimeSpan.FromDays(2));
            await using var second = await SimulatorApp.StartAsync(time, ("Speed", 30), ("BackfillHours", 1), ("StatePath", folder.FullName));
            await second.AuthorizeAsync();
            var ids = string.Join(',', listed.Select(post => $"t3_{post.Id()}"));
            var found = await second.PostsAsync($"/api/info?id={ids}");

            Assert.NotEmpty(listed);
            Assert.Equal(listed.Select(Identity), found.Select(Identity));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_posts_score_follows_time_and_growth_is_compressed_by_speed()
    {
        await using var app = await StartAsync();
        var ids = string.Join(',', (await app.PostsAsync("/r/AskReddit/new?limit=100")).Select(post => $"t3_{post.Id()}"));
        var early = (await app.PostsAsync($"/api/info?id={ids}")).Sum(post => post.Number("score"));
        app.Advance(TimeSpan.FromMinutes(10));

        Assert.True((await app.PostsAsync($"/api/info?id={ids}")).Sum(post => post.Number("score")) > 2 * early);
    }

    [Fact]
    public async Task About_tells_the_subreddit()
    {
        await using var app = await StartAsync();
        var about = await app.ListAsync("/r/TECHNOLOGY/about");

        Assert.Equal("technology", about.Text("display_name"));
        Assert.True(about.Number("subscribers") > 0);
    }

    private const int ListingDepth = 1_000;

    private static async Task<SimulatorApp> StartAsync(params (string Key, object Value)[] settings)
    {
        var app = await SimulatorApp.StartAsync([("Speed", 60), ("BackfillHours", 24), ("RequestsPerWindow", 0), .. settings]);
        return await app.AuthorizeAsync();
    }

    private static async Task<List<string>> WalkAsync(SimulatorApp app, string path, TimeSpan between)
    {
        var ids = new List<string>();
        for (var after = (string?)""; after is not null; app.Advance(between))
        {
            var listing = await app.ListAsync($"{path}?limit=100&after={after}");
            ids.AddRange(SimulatorApp.Posts(listing).Select(post => post.Id()));
            after = listing.GetProperty("after").GetString();
        }

        return ids;
    }

    /// <summary>A post that stood in the listing and is gone an hour later.</summary>
    private static async Task<JsonElement> FindRemovedAsync(SimulatorApp app)
    {
        var listed = string.Join(',', (await app.PostsAsync("/r/technology/new?limit=100")).Select(post => $"t3_{post.Id()}"));
        app.Advance(TimeSpan.FromHours(1));
        return (await app.PostsAsync($"/api/info?id={listed}")).First(post => post.GetProperty("removed_by_category").ValueKind == JsonValueKind.String);
    }

    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);

    private static (string, string, string, double) Identity(JsonElement post) =>
        (post.Id(), post.Text("subreddit"), post.Text("permalink"), post.GetProperty("created_utc").GetDouble());

    private static DateTimeOffset Created(JsonElement post) =>
        DateTimeOffset.UnixEpoch.AddSeconds(post.GetProperty("created_utc").GetDouble());
}
