using System.Net;
using SignalFlow.Contracts;
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
    public async Task Answers_are_kept_in_redis()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await Stats(api, "");
        await api.StoreAsync(api.Post("a", 10));

        // The answer is remembered in the background, so the first ones may still come from the database.
        await Eventually.TrueAsync(async () =>
        {
            var first = (await Stats(api, "?start=2026-11-01&end=2026-11-23")).Overview.TotalPosts;
            await api.StoreAsync(api.Post(Guid.NewGuid().ToString("N"), 10));
            return (await Stats(api, "?start=2026-11-01&end=2026-11-23")).Overview.TotalPosts == first;
        });
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
