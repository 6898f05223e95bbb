using System.Net;
using AngleSharp.Dom;
using SignalFlow.Contracts;
using static SignalFlow.Tests.Web.ScriptlessPages;

namespace SignalFlow.Tests.Web;

/// <summary>The pages as a browser without scripts gets them.</summary>
public sealed class AnalyticsPagesTests : IAsyncLifetime
{
    private static readonly ContractsJsonContext Json = ContractsJsonContext.Default;

    private readonly ScriptlessPages _pages = new();

    public ValueTask InitializeAsync() => _pages.StartAsync();

    public ValueTask DisposeAsync() => _pages.DisposeAsync();

    [Fact]
    public async Task Analytics_have_a_chart_with_a_table_for_each_question()
    {
        _pages.Api.Add("/api/timeline/", Timeline(4, null, 0, 1), Json.TimelineView);
        _pages.Api.Add("/api/keywords/", Keywords, Json.KeywordList);
        _pages.Api.Add("/api/topics/", Topics, Json.TopicList);

        var page = await PageAsync("/analytics?range=1h&subreddit=Technology");

        foreach (var chart in (string[])["volume", "score", "sentiment", "keywords", "shares", "week"])
            Assert.NotEmpty(page.QuerySelectorAll($"[data-testid={chart}] details table caption"));
        Assert.Equal("Posts per minute: 1 so far; highest 4 at Thu 5 Mar, 11:57 UTC.", Text(page, "[data-testid=volume] .chart-summary"));
        // No bar where nobody has looked, one without height where nothing came.
        Assert.Equal(3, page.QuerySelectorAll("[data-testid=volume] rect.chart-bar, [data-testid=volume] rect.chart-bar-partial").Length);
        Assert.Equal("Cats & dogs", Text(page, "[data-testid=topics] tbody th"));
        Assert.Equal("true", page.QuerySelector(".range-links a[href='/analytics?range=1h&subreddit=Technology']")!.GetAttribute("aria-current"));
        Assert.Equal(
            "/api/posts/export?format=csv&start=2026-03-05T11:00:00Z&end=2026-03-05T12:00:00Z&subreddit=Technology",
            Uri.UnescapeDataString(page.QuerySelector("a[download]")!.GetAttribute("href")!));
        Assert.Contains("/api/timeline/?start=2026-03-05T11:00:00Z&end=2026-03-05T12:00:00Z&bucket=minute&subreddit=Technology", _pages.Api.Requests);
    }

    [Fact]
    public async Task Without_a_range_a_new_installation_shows_its_minutes()
    {
        _pages.Api.Add("/api/timeline/", Timeline(null, null, 4, 1), Json.TimelineView);
        _pages.Api.Add("/api/keywords/", Keywords, Json.KeywordList);
        _pages.Api.Add("/api/topics/", Topics, Json.TopicList);

        var page = await PageAsync("/analytics");

        Assert.Equal("/analytics?range=30m", page.QuerySelector(".range-links a[aria-current]")!.GetAttribute("href"));
        Assert.Contains("/api/timeline/?start=2026-03-05T11:30:00Z&end=2026-03-05T12:00:00Z&bucket=minute", _pages.Api.Requests);
        // Who asks for a day gets a day.
        Assert.Equal("/analytics?range=24h", (await PageAsync("/analytics?range=24h")).QuerySelector(".range-links a[aria-current]")!.GetAttribute("href"));
    }

    [Fact]
    public async Task A_wrong_range_is_said_in_words()
    {
        var page = await PageAsync("/analytics?range=custom&from=2026-03-04&to=2026-03-01");

        Assert.Equal("The first day must not be after the last one.", Text(page, "[data-testid=problems]"));
    }

    [Theory]
    [InlineData("/analytics", "Analytics, last 24 h - SignalFlow")]
    [InlineData("/subreddits", "Subreddits - SignalFlow")]
    [InlineData("/subreddits/technology", "r/technology - SignalFlow")]
    [InlineData("/compare?subreddits=a,b", "Compare r/a, r/b - SignalFlow")]
    public async Task While_the_api_is_away_a_page_says_so_and_offers_to_try_again(string address, string title)
    {
        _pages.Api.Status = HttpStatusCode.BadRequest;

        var page = await PageAsync(address);

        Assert.Contains("cannot be shown: ", Text(page, "[data-testid=api-problem]"), StringComparison.Ordinal);
        Assert.Equal(address, page.QuerySelector("[data-testid=api-problem] a")!.GetAttribute("href"));
        Assert.Equal(title, page.Title);
        Assert.Single(page.QuerySelectorAll("h1"));
    }

    [Fact]
    public async Task Subreddits_can_be_sorted_found_and_ticked_for_comparison()
    {
        _pages.Api.Add("/api/subreddits/", new()
        {
            Start = Posts.Now,
            End = Posts.Now,
            Results = [AnalyticsFilterTests.Overview("art", 30, usual: 20, sentiment: 0.123, lastMinutes: 5), AnalyticsFilterTests.Overview("science", 4)],
        }, Json.SubredditOverviewList);

        var page = await PageAsync("/subreddits?sort=name&range=48h");

        Assert.Equal(["art", "science"], page.QuerySelectorAll("[data-testid=subreddit]").Select(row => row.GetAttribute("data-name")));
        Assert.Equal(
            ["", "r/art", "30", "+50 % of 20", "12.3", "+0.12 n = 30", "1", "5 min ago", "Posts per hour: 30 to 30, 30 so far"],
            page.QuerySelector("[data-testid=subreddit]")!.Children.Select(Text));
        Assert.Equal("ascending", page.QuerySelector("th[aria-sort]:has(a[href*='sort=name'])")!.GetAttribute("aria-sort"));
        Assert.Equal("/subreddits?range=48h&sort=name&dir=desc", page.QuerySelector("th[aria-sort=ascending] a")!.GetAttribute("href"));
        Assert.Equal(["art", "science"], page.QuerySelectorAll("form[action='/compare'] input[name=subreddits]").Select(box => box.GetAttribute("value")));
        Assert.Contains("/api/subreddits/?hours=48", _pages.Api.Requests);

        var none = await PageAsync("/subreddits?q=%3Cb%3E");
        Assert.Contains("None of the 2 subreddits has “<b>” in its name.", Text(none, "[data-testid=subreddits-empty]"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subreddit_stands_beside_what_is_usual()
    {
        _pages.Api.Add("/api/subreddits/technology/", new()
        {
            Subreddit = "technology", TotalPosts = 1_234,
            LastDay = AnalyticsFilterTests.Overview("technology", 30)
        }, Json.SubredditDetail);
        _pages.Api.Add("/api/subreddits/technology/series/", new()
        {
            Subreddit = "technology",
            Start = Posts.Now,
            End = Posts.Now,
            Results =
            [
                new(Posts.Now.AddHours(-2), 8, 1, 1, 0.5, 7, 3, false, 4, 3, 5), new(Posts.Now.AddHours(-1), 0, null, null, null, 0, 0, false, 4, 3, 5),
                new(Posts.Now, 2, 1, 1, 0.25, 2, 3, true, 6, 3, 7),
            ],
        }, Json.SubredditSeries);
        _pages.Api.Add("/api/posts/", new() { Results = [Posts.Post(1) with { Title = "Cats &amp; dogs" }] }, Json.PostPage);
        _pages.Api.Add("/api/keywords/", Keywords, Json.KeywordList);
        _pages.Api.Add("/api/subreddits/technology/authors/", new()
        {
            Subreddit = "technology",
            Start = Posts.Now,
            End = Posts.Now,
            Posts = 5,
            Authors = 2,
            AvgScore = 10,
            Results = [new("ana", 2, 40, 20)],
        }, Json.SubredditAuthorList);

        var page = await PageAsync("/subreddits/technology");

        Assert.Equal("Posts per hour: 2 so far, usual 6; highest 8 at Thu 5 Mar, 10:00 UTC.", Text(page, "[data-testid=activity] .chart-summary"));
        Assert.Contains(
            "Thu 5 Mar, 11:00 UTC Usual 4", page.QuerySelectorAll("[data-testid=activity] .chart-readout").Select(Text).ElementAt(1),
            StringComparison.Ordinal);
        Assert.Contains("+0.50, n = 7", Text(page, "[data-testid=sentiment] tbody td"), StringComparison.Ordinal);
        Assert.Equal(
            ("Cats & dogs", "/posts/p00001"),
            (Text(page, "[data-testid=top-posts] a"), page.QuerySelector("[data-testid=top-posts] a")!.GetAttribute("href")));
        Assert.Equal(["u/ana", "2", "20.0", "2.0×"], page.QuerySelector("[data-testid=authors] tbody tr")!.Children.Select(Text));
        Assert.Equal("Not polled", Text(page, "[data-testid=ingestion] dd"));
        Assert.NotNull(page.QuerySelector("a[href='/?subreddit=technology']"));
        Assert.NotNull(page.QuerySelector("a[href='https://www.reddit.com/r/technology/']"));
    }

    [Fact]
    public async Task An_unknown_subreddit_is_not_found_and_the_page_says_what_to_do()
    {
        var page = await _pages.GetAsync("/subreddits/technologie", ".analytics", HttpStatusCode.NotFound);

        Assert.Equal("No posts of r/technologie", Text(page, "h1"));
        Assert.Equal("/subreddits?q=technologie", page.QuerySelector("[data-testid=unknown-subreddit] a")!.GetAttribute("href"));
    }

    [Theory]
    [InlineData("posts", "Posts per hour: r/a 1 so far, “fox” 1 so far; highest 4 (r/a) at Thu 5 Mar, 09:00 UTC.")]
    [InlineData("share", "Share of all posts per hour: r/a 100.0 % so far, “fox” 100.0 % so far; highest 100.0 % (r/a) at Thu 5 Mar, 09:00 UTC.")]
    [InlineData("sentiment", "Sentiment of the titles: r/a +0.30 so far, “fox” +0.30 so far; highest +0.30 (r/a) at Thu 5 Mar, 09:00 UTC.")]
    public async Task A_comparison_has_one_axis_for_all(string measure, string expected)
    {
        _pages.Api.Add("/api/timeline/", Timeline(4, null, 0, 1, hourly: true), Json.TimelineView);

        var page = await PageAsync($"/compare?subreddits=r/a&terms=Fox&measure={measure}");

        Assert.Equal(expected, Text(page, "[data-testid=comparison] .chart-summary"));
        Assert.Equal(["r/a", "“fox”"], page.QuerySelectorAll("[data-testid=comparison] .chart-legend li").Select(Text));
        Assert.Contains(_pages.Api.Requests, request => request.EndsWith("&bucket=hour&keyword=fox", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_alone_is_refused_in_words_and_nothing_is_asked()
    {
        var page = await PageAsync("/compare?subreddits=a");

        Assert.StartsWith("One alone cannot be compared", Text(page, "[data-testid=problems]"), StringComparison.Ordinal);
        Assert.Empty(_pages.Api.Requests);
    }

    private static KeywordList Keywords => new() { Start = Posts.Now, End = Posts.Now, Posts = 5, Results = [new("battery", 5, 0.1)] };

    private static TopicList Topics => new()
    {
        Start = Posts.Now,
        End = Posts.Now,
        Results =
        [
            new()
            {
                Topic = 1,
                PostId = "p1",
                Title = "Cats &amp; dogs",
                Posts = 2,
                TotalScore = 9,
                Subreddits = ["art"],
                SubredditCount = 1,
                AvgSentiment = 0.1,
                FirstAt = Posts.Now,
                LastAt = Posts.Now,
            },
        ],
    };

    /// <summary>The last bucket begins now; null: nobody has looked.</summary>
    private static TimelineView Timeline(long? a, long? b, long? c, long? d, bool hourly = false)
    {
        var step = hourly ? TimeSpan.FromHours(1) : TimeSpan.FromMinutes(1);
        long?[] posts = [a, b, c, d];
        return new()
        {
            Start = Posts.Now - 3 * step,
            End = Posts.Now + step,
            Bucket = hourly ? "hour" : "minute",
            Results =
            [
                .. posts.Select((count, index) => new TimelineBucket(
                    Posts.Now + (index - 3) * step, count ?? 0, count > 0 ? 5 : null, count > 0 ? 1 : null, count > 0 ? 0.3 : null,
                    count ?? 0, 0, index == 3, count is not null)),
            ],
            BySubreddit = [new("technology", 5, 1, 0.3)],
            ByWeekHour = [.. Enumerable.Range(0, 168).Select(cell => new TimelineWeekHour(cell / 24 + 1, cell % 24, 0, null, null))],
        };
    }

    private Task<IDocument> PageAsync(string address) => _pages.GetAsync(address, ".analytics");
}
