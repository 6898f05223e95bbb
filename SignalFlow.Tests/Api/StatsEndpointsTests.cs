using System.Diagnostics;
using System.Net;
using SignalFlow.Benchmarks.Chaos;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

public sealed class StatsEndpointsTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Figures_are_those_of_the_posts_in_the_range()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(
            api.Post("a", 10, score: 10, comments: 4),
            api.Post("b", 20, score: 30, comments: 2, subreddit: "science") with { IsTrending = true },
            api.Post("old", 60 * 24 * 5, score: 9999));
        await api.CountAsync();

        var stats = await Stats(api, "?start=2026-11-23&end=2026-11-23");

        Assert.Equal(new(new(2026, 11, 23), new(2026, 11, 23)), stats.Range);
        Assert.Equal((2, 20, 3, 1), (stats.Overview.TotalPosts, stats.Overview.AvgScore, stats.Overview.AvgComments, stats.Overview.TrendingPosts));
        Assert.Equal(0.34, stats.Overview.AvgSentiment, 1e-12);
        Assert.Equal("b", stats.TopPosts.MostScored?.Id);
        Assert.Equal("a", stats.TopPosts.MostDiscussed?.Id);
        Assert.Equal([new("someone", 2, 40)], stats.TopAuthors);
        Assert.Equal(["science", "technology"], stats.BySubreddit.Select(subreddit => subreddit.Subreddit).Order());
    }

    [Fact]
    public async Task An_empty_range_has_zeros()
    {
        await using var api = await ApiApplication.StartAsync(postgres);

        var stats = await Stats(api, "");

        Assert.Equal(new(new(2026, 11, 22), new(2026, 11, 23)), stats.Range);
        Assert.Equal(0, stats.Overview.TotalPosts);
        Assert.Null(stats.TopPosts.MostScored);
    }

    [Fact]
    public async Task Figures_come_within_seconds_although_redis_hangs()
    {
        using var redis = EmbeddedRedis.Start();
        await using var proxy = new DisturbedProxy(() => redis.Port);
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["ConnectionStrings:redis"] = $"127.0.0.1:{proxy.Port}" });
        // Else the first query, not Redis, would take the time.
        await Stats(api, "");
        proxy.Freeze();

        var elapsed = Stopwatch.StartNew();
        await Stats(api, "?start=2026-11-01&end=2026-11-23");

        Assert.True(elapsed.Elapsed < TimeSpan.FromSeconds(5), $"It took {elapsed.Elapsed}.");
    }

    [Fact]
    public async Task Answers_are_kept_in_redis()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await Stats(api, "");
        await api.StoreAsync(api.Post("a", 10));
        await api.CountAsync();

        // The answer is remembered in the background, so the first ones may still come from the database.
        await Eventually.TrueAsync(async () =>
        {
            var first = (await Stats(api, "?start=2026-11-01&end=2026-11-23")).Overview.TotalPosts;
            await api.StoreAsync(api.Post(Guid.NewGuid().ToString("N"), 10));
            await api.CountAsync();
            return (await Stats(api, "?start=2026-11-01&end=2026-11-23")).Overview.TotalPosts == first;
        });
    }

    [Fact]
    public async Task What_is_purged_counts_and_is_not_shown()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(api.Post("best", 10, score: 100, comments: 100), api.Post("next", 10, score: 50, comments: 60), api.Post("third", 90, score: 40));
        await api.CountAsync();
        await api.StoreAsync(api.Purged("best", api.Time.GetUtcNow(), "removed"));

        // Also before the rollup has noticed.
        var stale = await Stats(api, "?start=2026-11-23&end=2026-11-23");
        await api.CountAsync();
        var stats = await Stats(api, "?start=2026-11-22&end=2026-11-23");

        Assert.NotEqual("best", stale.TopPosts.MostScored?.Id);
        Assert.Equal(("next", "next"), (stats.TopPosts.MostScored?.Id, stats.TopPosts.MostDiscussed?.Id));
        Assert.Equal(3, stats.Overview.TotalPosts);
        Assert.Equal([new("someone", 2, 90)], stats.TopAuthors);
    }

    [Fact]
    public async Task Top_authors_are_those_of_a_full_count()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        var random = new Random(7);
        // Few strong authors, many weak ones, and some who are strong only over all days together.
        var posts = Enumerable.Range(0, 1_200).Select(index =>
        {
            var author = random.Next(100);
            var score = author < 8 ? random.Next(400) : author < 40 ? 45 + random.Next(10) : random.Next(60);
            var post = api.Post($"p{index}", random.Next(60 * 24 * 6), score: score);
            return post with { Newest = post.Newest with { Author = $"author{author}" } };
        }).ToArray();
        await api.StoreAsync(posts);
        await api.CountAsync();
        var expected = await api.Database.RowsAsync("""
            SELECT author, count(*), sum(current_score) FROM posts WHERE created_utc >= '2026-11-18' AND created_utc < '2026-11-23'
            GROUP BY author ORDER BY 3 DESC, 1 LIMIT 20
            """);

        var stats = await Stats(api, "?start=2026-11-18&end=2026-11-22");

        Assert.Equal(expected, stats.TopAuthors.Select(author => $"({author.Author},{author.Posts},{author.TotalScore})"));
    }

    [Theory]
    [InlineData("?start=yesterday", "start")]
    [InlineData("?end=1999-01-01", "end")]
    [InlineData("?start=2026-11-02&end=2026-11-01", "end")]
    [InlineData("?start=2020-01-01&end=2026-11-01", "start")]
    public async Task A_wrong_range_is_named(string query, string field)
    {
        await using var api = await ApiApplication.StartAsync(postgres);

        var response = await api.Client.GetAsync($"/api/stats/{query}", Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains($"\"{field}\"", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    private static async Task<StatsView> Stats(ApiApplication api, string query) =>
        (await api.Client.GetFromJsonAsync($"/api/stats/{query}", ContractsJsonContext.Default.StatsView, Cancel))!;
}
