using System.Net;
using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Storage.Posts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

public sealed class AnalyticsEndpointsTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_timeline_has_every_hour_the_shares_and_the_week()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        // The clock stands at noon of a Monday.
        await api.StoreAsync(
            api.Post("a", 0, score: 10, comments: 4),
            api.Post("b", 65, score: 30, comments: 2, subreddit: "science") with { Nlp = new(-0.5, "negative", []) },
            api.Post("c", 70, score: 10));
        await api.CountAsync();

        var view = await GetAsync(api, "/api/timeline/?start=2026-11-23T08:30Z", ContractsJsonContext.Default.TimelineView);

        Assert.Equal(["08", "09", "10", "11", "12"], view.Results.Select(hour => hour.Start.ToString("HH", null)));
        Assert.Equal([0, 0, 2, 0, 1], view.Results.Select(hour => hour.Posts));
        Assert.Equal([null, null, 20, null, 10], view.Results.Select(hour => hour.AvgScore));
        Assert.Equal([false, false, false, false, true], view.Results.Select(hour => hour.Partial));
        Assert.Equal(2, view.Results[2].SentimentPosts);
        Assert.Equal((0.34 - 0.5) / 2, view.Results[2].AvgSentiment!.Value, 1e-12);
        Assert.Equal([("technology", 2L), ("science", 1L)], view.BySubreddit.Select(subreddit => (subreddit.Subreddit, subreddit.Posts)));
        Assert.Equal(1, view.BySubreddit.Sum(subreddit => subreddit.Share), 1e-12);
        Assert.Equal(7 * 24, view.ByWeekHour!.Count);
        Assert.Equal([(1, 10, 2L), (1, 12, 1L)], view.ByWeekHour.Where(cell => cell.Posts > 0).Select(cell => (cell.Weekday, cell.Hour, cell.Posts)));
    }

    [Fact]
    public async Task Days_of_the_timeline_are_the_sums_of_its_hours_and_subreddits_filter()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        var random = new Random(3);
        await api.StoreAsync([.. Enumerable.Range(0, 300).Select(post =>
            api.Post($"p{post}", random.Next(60 * 24 * 4), random.Next(100), random.Next(10), random.Next(2) == 0 ? "science" : "technology"))]);
        await api.CountAsync();

        const string range = "start=2026-11-20&end=2026-11-23";
        var hours = await GetAsync(api, $"/api/timeline?{range}&subreddit=Science", ContractsJsonContext.Default.TimelineView);
        var days = await GetAsync(api, $"/api/timeline?{range}&subreddit=science&bucket=day", ContractsJsonContext.Default.TimelineView);

        Assert.Equal(4, days.Results.Count);
        Assert.Null(days.ByWeekHour);
        Assert.Equal([false, false, false, true], days.Results.Select(day => day.Partial));
        Assert.Equal(
            hours.Results.GroupBy(hour => hour.Start.UtcDateTime.Date).Select(day => day.Sum(hour => hour.Posts)), days.Results.Select(day => day.Posts));
        Assert.Equal(["science"], days.BySubreddit.Select(subreddit => subreddit.Subreddit));
        Assert.Equal(
            await api.Database.ScalarAsync<long>(
                "SELECT count(*) FROM posts JOIN subreddits ON subreddits.id = subreddit_id WHERE name = 'science' AND created_utc >= '2026-11-20'"),
            days.Results.Sum(day => day.Posts));
    }

    [Fact]
    public async Task Keywords_are_counted_over_the_window_with_their_mean_sentiment()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(
            Post(api, "a", 10, 0.5, "red", "fox"),
            Post(api, "b", 20, -0.1, "red"),
            Post(api, "c", 20, 0, "blue") with { Newest = api.Post("c", 20, subreddit: "science").Newest },
            Post(api, "d", 20, 0),
            Post(api, "old", 60 * 30, 1, "red"));

        var day = await GetAsync(api, "/api/keywords/", ContractsJsonContext.Default.KeywordList);
        var two = await GetAsync(api, "/api/keywords/?hours=48&limit=1&subreddit=TECHNOLOGY", ContractsJsonContext.Default.KeywordList);

        Assert.Equal([("red", 2L), ("blue", 1L), ("fox", 1L)], day.Results.Select(keyword => (keyword.Keyword, keyword.Posts)));
        Assert.Equal(0.2, day.Results[0].AvgSentiment, 1e-12);
        Assert.Equal(3, day.Posts);
        Assert.Equal([("red", 3L)], two.Results.Select(keyword => (keyword.Keyword, keyword.Posts)));
    }

    [Fact]
    public async Task Trending_posts_come_with_the_parts_of_their_scores()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["Trending:CommentMin"] = "5" });
        var now = api.Time.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        var fast = PostState.First(new(now - 10_000_000, 0, 0)).Add(new(now, 1_000, 6));
        await api.StoreAsync(
            api.Post("a", state: fast) with { IsTrending = true, TrendingScore = 0.6 },
            api.Post("b") with { IsTrending = true, TrendingScore = 0.5, Nlp = new(0.9, "positive", []) },
            api.Post("c"),
            api.Post("old", createdMinutesAgo: 60 * 30) with { IsTrending = true, TrendingScore = 0.8 });

        var view = await GetAsync(api, "/api/trending/?by=rule", ContractsJsonContext.Default.TrendingList);

        Assert.Equal(["a", "b"], view.Results.Select(post => post.Post.Id));
        Assert.Equal([new(0.4, 0, 0.2), new(0, 0.2, 0)], view.Results.Select(post => post.Parts));
        Assert.Equal(5, view.Thresholds.CommentMin);
    }

    [Fact]
    public async Task Posts_that_stand_out_come_by_their_surge_with_the_reason()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(
            api.Post("a"), api.Post("b"), api.Post("peaked"), api.Post("new"), api.Post("old", createdMinutesAgo: 60 * 30), api.Post("unknown"));
        foreach (var (id, phase, surge) in ((string, int, double)[])[("a", 1, 90), ("b", 2, 97), ("peaked", 3, 99), ("new", 0, 50), ("old", 2, 99)])
            await api.Database.ExecuteAsync(SurgeRows.Insert(id, phase, surge));

        var rising = await GetAsync(api, "/api/trending/", ContractsJsonContext.Default.TrendingList);
        var peaked = await GetAsync(api, "/api/trending/?phase=peaked", ContractsJsonContext.Default.TrendingList);
        var list = await GetAsync(api, "/api/posts/?phase=trending,peaked", ContractsJsonContext.Default.PostPage);
        var quiet = await GetAsync(api, "/api/posts/?phase=new", ContractsJsonContext.Default.PostPage);
        var sorted = await GetAsync(api, "/api/posts/?sort=surge&page_size=3", ContractsJsonContext.Default.PostPage);

        Assert.Equal(["b", "a"], rising.Results.Select(post => post.Post.Id));
        Assert.Equal("6.2× typical for r/technology at 42 min, +38 in 10 min, baseline learning (12/30 posts)", rising.Results[0].Post.SurgeReason);
        Assert.Equal(
            ("trending", 97, 1200),
            (rising.Results[0].Post.Surge!.Phase, rising.Results[0].Post.Surge!.Score, rising.Results[0].Post.Surge!.Forecast!.Median));
        Assert.Equal(["peaked"], peaked.Results.Select(post => post.Post.Id));
        Assert.Equal(["b", "old", "peaked"], list.Results.Select(post => post.Id).Order());
        Assert.Equal(rising.Results[0].Post.Surge, list.Results.Single(post => post.Id == "b").Surge);
        Assert.Equal(["new"], quiet.Results.Select(post => post.Id));
        Assert.Equal(["peaked", "b", "a"], sorted.Results.Select(post => post.Id));
    }

    [Fact]
    public async Task A_subreddit_has_its_totals_its_day_and_its_hours()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(api.Post("a", 0, score: 3), api.Post("b", 130, score: 5), api.Post("old", 60 * 24 * 3), api.Post("c", subreddit: "science"));
        await api.CountAsync();

        var detail = await GetAsync(api, "/api/subreddits/Technology/", ContractsJsonContext.Default.SubredditDetail);
        var series = await GetAsync(api, "/api/subreddits/technology/series?hours=4", ContractsJsonContext.Default.SubredditSeries);

        Assert.Equal(("technology", 3L, 2L), (detail.Subreddit, detail.TotalPosts, detail.LastDay.Posts));
        Assert.Equal(new(2026, 11, 20), detail.FirstDay);
        Assert.Equal("pending", detail.Ingestion?.Status);
        Assert.Equal([1, 0, 0, 1], series.Results.Select(hour => hour.Posts));
        Assert.Equal([5, null, null, 3], series.Results.Select(hour => hour.AvgScore));
        Assert.Equal([false, false, false, true], series.Results.Select(hour => hour.Partial));
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync("/api/subreddits/none/", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync("/api/subreddits/none/series/", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_search_lists_the_best_first_and_pages_like_any_list()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(api.Post("once", 1, title: "A rabbit and a hat"), api.Post("twice", 5, title: "Rabbit rabbit"), api.Post("none", 2));
        api.Time.Advance(TimeSpan.FromMinutes(1));

        var first = await GetAsync(api, "/api/search/?q=rabbit&page_size=1", ContractsJsonContext.Default.PostPage);
        var second = await GetAsync(api, first.Next!, ContractsJsonContext.Default.PostPage);
        var newest = await GetAsync(api, "/api/search/?q=rabbit&sort=new", ContractsJsonContext.Default.PostPage);

        Assert.Equal(["twice", "once"], first.Results.Concat(second.Results).Select(post => post.Id));
        Assert.Equal(["once", "twice"], newest.Results.Select(post => post.Id));
    }

    [Theory]
    [InlineData("/api/timeline?bucket=week", "bucket")]
    [InlineData("/api/timeline?start=yesterday", "start")]
    [InlineData("/api/timeline?end=2026-13-01", "end")]
    [InlineData("/api/timeline?start=2026-11-22&end=2026-11-21", "start")]
    [InlineData("/api/timeline?start=2030-01-01", "start")]
    [InlineData("/api/timeline?start=2026-01-01", "start")]
    [InlineData("/api/timeline?start=2020-01-01&bucket=day", "start")]
    [InlineData("/api/timeline?end=0001-01-01", "end")]
    [InlineData("/api/timeline?subreddit=a%00b", "subreddit")]
    [InlineData("/api/keywords?hours=0", "hours")]
    [InlineData("/api/keywords?hours=169", "hours")]
    [InlineData("/api/keywords?limit=201", "limit")]
    [InlineData("/api/keywords?subreddit=a%00b", "subreddit")]
    [InlineData("/api/trending?limit=many", "limit")]
    [InlineData("/api/trending?by=magic", "by")]
    [InlineData("/api/trending?phase=rising", "phase")]
    [InlineData("/api/trending?subreddit=a%00b", "subreddit")]
    [InlineData("/api/subreddits?hours=-1", "hours")]
    [InlineData("/api/subreddits/technology/series?hours=1000", "hours")]
    [InlineData("/api/search", "q")]
    [InlineData("/api/search?q=%20", "q")]
    [InlineData("/api/search?q=fox&sort=best", "sort")]
    public async Task A_wrong_parameter_is_named(string address, string field)
    {
        await using var api = await ApiApplication.StartAsync(postgres);

        var response = await api.Client.GetAsync(address, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.GetRawText());
    }

    private static PostChange Post(ApiApplication api, string id, double createdMinutesAgo, double sentiment, params string[] keywords) =>
        api.Post(id, createdMinutesAgo) with { Nlp = new(sentiment, "neutral", keywords) };

    private static async Task<T> GetAsync<T>(ApiApplication api, string address, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json) =>
        (await api.Client.GetFromJsonAsync(address, json, Cancel))!;
}
