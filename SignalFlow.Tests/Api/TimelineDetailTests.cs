using System.Net;
using System.Text.Json;
using SignalFlow.Api.Subreddits;
using SignalFlow.Contracts;
using SignalFlow.Storage.Posts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

/// <summary>What is counted from the posts themselves: fine buckets, keywords, topics, authors; and what is usual.</summary>
public sealed class TimelineDetailTests(PostgresFixture postgres)
{
    private static readonly DateTime Noon = new(2026, 11, 23, 12, 0, 0, DateTimeKind.Utc);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Minutes_are_counted_from_the_posts_and_need_no_rollup()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(
            api.Post("a", 0, score: 4),
            api.Post("b", 2.5, score: 10) with { Nlp = new(-0.5, "negative", []) },
            api.Post("c", 2.1, score: 20, subreddit: "science"),
            api.Post("old", 61));

        var all = await GetAsync(api, "/api/timeline?bucket=minute&start=2026-11-23T11:55:30Z", ContractsJsonContext.Default.TimelineView);
        var science = await GetAsync(api, "/api/timeline?bucket=5min&subreddit=SCIENCE&start=2026-11-23T11:50Z", ContractsJsonContext.Default.TimelineView);
        var usual = await GetAsync(api, "/api/timeline?bucket=minute", ContractsJsonContext.Default.TimelineView);

        Assert.Equal([0, 0, 2, 0, 0, 1], all.Results.Select(minute => minute.Posts));
        Assert.Equal((15.0, 2L), (all.Results[2].AvgScore!.Value, all.Results[2].SentimentPosts));
        Assert.Equal((0.34 - 0.5) / 2, all.Results[2].AvgSentiment!.Value, 1e-12);
        Assert.Equal([false, false, false, false, false, true], all.Results.Select(minute => minute.Partial));
        Assert.Equal(("minute", null), (all.Bucket, all.ByWeekHour));
        Assert.Equal([("technology", 2L), ("science", 1L)], all.BySubreddit.Select(subreddit => (subreddit.Subreddit, subreddit.Posts)));
        Assert.Equal([0, 1, 0], science.Results.Select(five => five.Posts));
        Assert.Equal((60, 3L), (usual.Results.Count, usual.Results.Sum(minute => minute.Posts)));
    }

    [Fact]
    public async Task Fine_buckets_add_up_to_the_hours_of_the_rollup()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        var random = new Random(7);
        await api.StoreAsync([.. Enumerable.Range(0, 300).Select(post =>
            api.Post($"p{post}", random.Next(60 * 24), random.Next(100), random.Next(10), random.Next(2) == 0 ? "science" : "technology"))]);
        await api.CountAsync();

        const string range = "start=2026-11-22T13:00Z";
        var hours = await GetAsync(api, $"/api/timeline?{range}", ContractsJsonContext.Default.TimelineView);
        foreach (var bucket in (string[])["5min", "15min"])
        {
            var fine = await GetAsync(api, $"/api/timeline?{range}&bucket={bucket}", ContractsJsonContext.Default.TimelineView);
            Assert.Equal(
                hours.Results.Select(hour => hour.Posts),
                fine.Results.GroupBy(one => one.Start.ToUnixTimeSeconds() / 3600).Select(hour => hour.Sum(one => one.Posts)));
            Assert.Equal(hours.BySubreddit.Select(one => (one.Subreddit, one.Posts)), fine.BySubreddit.Select(one => (one.Subreddit, one.Posts)));
        }
    }

    [Fact]
    public async Task A_keyword_is_counted_in_any_bucket()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(
            api.Post("a", 10) with { Nlp = new(0.5, "positive", ["fox", "red"]) },
            api.Post("b", 70, subreddit: "science") with { Nlp = new(-0.1, "neutral", ["fox"]) },
            api.Post("c", 20));

        var hours = await GetAsync(api, "/api/timeline?start=2026-11-23T10:00Z&keyword=FOX", ContractsJsonContext.Default.TimelineView);
        var days = await GetAsync(api, "/api/timeline?start=2026-11-23&bucket=day&keyword=fox&subreddit=science", ContractsJsonContext.Default.TimelineView);

        Assert.Equal([1, 1, 0], hours.Results.Select(hour => hour.Posts));
        Assert.Equal([-0.1, 0.5, null], hours.Results.Select(hour => hour.AvgSentiment));
        Assert.Equal([1], days.Results.Select(day => day.Posts));
    }

    [Theory]
    [InlineData("hour&start=2026-11-23T08:00Z", "False True True False True")]
    [InlineData("15min&start=2026-11-23T10:30Z", "True True False False False False True")]
    [InlineData("day&start=2026-11-21", "False False True")]
    public async Task A_bucket_without_posts_tells_whether_anybody_looked(string bucket, string expected)
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        // At ten somebody looked, and found nothing new.
        var now = api.Time.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        await api.StoreAsync(
            api.Post("a", 150, state: PostState.First(new(now - 7_000_000_000, 1, 0))),
            api.Post("b", 0, subreddit: "science", state: PostState.First(new(now, 1, 0))));
        await api.CountAsync();

        var view = await GetAsync(api, $"/api/timeline?bucket={bucket}", ContractsJsonContext.Default.TimelineView);

        Assert.Equal(expected, string.Join(' ', view.Results.Select(one => one.Observed)));
    }

    [Fact]
    public async Task Keywords_may_be_asked_for_any_range()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(
            api.Post("a", 10) with { Nlp = new(0.5, "positive", ["fox"]) },
            api.Post("b", 60 * 24 * 8) with { Nlp = new(0, "neutral", ["hare"]) });

        var before = await GetAsync(api, "/api/keywords?start=2026-11-15&end=2026-11-15", ContractsJsonContext.Default.KeywordList);
        var since = await GetAsync(api, "/api/keywords?start=2026-11-23T11:00Z", ContractsJsonContext.Default.KeywordList);

        Assert.Equal(["hare"], before.Results.Select(keyword => keyword.Keyword));
        Assert.Equal(["fox"], since.Results.Select(keyword => keyword.Keyword));
    }

    [Fact]
    public async Task Topics_are_stories_of_more_than_one_post_with_the_best_title()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(
            Story(api, "a", 7, 5, 0.5, "technology"),
            Story(api, "b", 7, 90, -0.1, "science"),
            Story(api, "c", 7, 1, 0.2, "technology"),
            Story(api, "d", 8, 1, 0, "science"),
            Story(api, "e", 9, 3, 0, "science"),
            Story(api, "f", 9, 2, 0, "science"),
            api.Post("none"));

        var all = await GetAsync(api, "/api/topics/", ContractsJsonContext.Default.TopicList);
        var science = await GetAsync(api, "/api/topics?subreddit=Science&hours=1&limit=1", ContractsJsonContext.Default.TopicList);

        Assert.Equal([(7, 3L), (9, 2L)], all.Results.Select(topic => (topic.Topic, topic.Posts)));
        var first = all.Results[0];
        Assert.Equal(("b", "Title of b", 96L, 2), (first.PostId, first.Title, first.TotalScore, first.SubredditCount));
        Assert.Equal(["science", "technology"], first.Subreddits);
        Assert.Equal(0.2, first.AvgSentiment, 1e-12);
        Assert.Equal([9], science.Results.Select(topic => topic.Topic));
    }

    [Fact]
    public async Task Authors_stand_beside_the_average_of_their_subreddit()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(
            By(api, "a", "ana", 30), By(api, "b", "ana", 10), By(api, "c", "ben", 2), By(api, "d", null, 6), By(api, "e", "[deleted]", 2),
            api.Post("elsewhere", subreddit: "science"), api.Post("old", 60 * 30));

        var authors = await GetAsync(api, "/api/subreddits/TECHNOLOGY/authors/", ContractsJsonContext.Default.SubredditAuthorList);
        var one = await GetAsync(api, "/api/subreddits/technology/authors?hours=48&limit=1", ContractsJsonContext.Default.SubredditAuthorList);

        Assert.Equal(("technology", 5L, 2, 10.0), (authors.Subreddit, authors.Posts, authors.Authors, authors.AvgScore!.Value));
        Assert.Equal([new("ana", 2, 40, 20), new("ben", 1, 2, 2)], authors.Results);
        Assert.Equal((3, 1), (one.Authors, one.Results.Count));
        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync("/api/subreddits/none/authors/", Cancel)).StatusCode);
    }

    [Fact]
    public async Task What_is_usual_is_the_median_of_the_same_hour_of_the_days_before()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        // At 11 o'clock: none today, then 1, 3 and 2 posts on the days before, and the first one of all on the day before these.
        (int Day, int Posts)[] days = [(1, 1), (2, 3), (3, 2), (4, 1)];
        await api.StoreAsync([.. days.SelectMany(day =>
            Enumerable.Range(0, day.Posts).Select(post => api.Post($"p{day.Day}-{post}", day.Day * 24 * 60 + 30)))]);
        await api.StoreAsync(api.Post("now", 0));
        await api.CountAsync();

        var series = await GetAsync(api, "/api/subreddits/technology/series?hours=2", ContractsJsonContext.Default.SubredditSeries);
        var list = await GetAsync(api, "/api/subreddits?hours=2", ContractsJsonContext.Default.SubredditOverviewList);

        Assert.Equal([1.5, 0], series.Results.Select(hour => hour.UsualPosts));
        Assert.Equal((1.0, 2.25), (series.Results[0].UsualLow!.Value, series.Results[0].UsualHigh!.Value));
        var entry = Assert.Single(list.Results);
        // Of the present hour nothing is over yet.
        Assert.Equal((1L, 1L, 1.5), (entry.Posts, entry.SentimentPosts, entry.UsualPosts!.Value));
        Assert.Equal(Noon, entry.LastPostAt!.Value.UtcDateTime);
    }

    [Fact]
    public void With_one_day_nothing_is_usual_yet()
    {
        var usual = new UsualPosts(new Dictionary<DateTime, long> { [Noon.AddDays(-1)] = 5, [Noon.AddDays(-2)] = 9 }, Noon.AddDays(-2));

        Assert.Equal(7, usual.At(Noon)!.Value.Median);
        Assert.Null(usual.At(Noon.AddDays(-1)));
        Assert.Null(usual.Over(Noon.AddDays(-1), Noon, Noon));
        Assert.Equal(3.5, usual.Over(Noon, Noon.AddHours(1), Noon.AddMinutes(30)));
    }

    [Theory]
    [InlineData("/api/timeline?bucket=second", "bucket")]
    [InlineData("/api/timeline?bucket=minute&start=2026-11-23T05:00Z", "start")]
    [InlineData("/api/timeline?bucket=5min&start=2026-11-21T11:00Z", "start")]
    [InlineData("/api/timeline?bucket=15min&start=2026-11-21T11:00Z", "start")]
    [InlineData("/api/timeline?bucket=day&start=2026-10-01&keyword=fox", "start")]
    [InlineData("/api/timeline?keyword=a%00b", "keyword")]
    [InlineData("/api/topics?hours=0", "hours")]
    [InlineData("/api/topics?limit=201", "limit")]
    [InlineData("/api/topics?start=2026-10-01", "start")]
    [InlineData("/api/topics?start=2026-11-23&hours=3", "hours")]
    [InlineData("/api/topics?end=2026-11-23", "start")]
    [InlineData("/api/keywords?start=2027-01-01", "start")]
    [InlineData("/api/subreddits/technology/authors?limit=0", "limit")]
    [InlineData("/api/subreddits/technology/authors?hours=169", "hours")]
    public async Task A_wrong_parameter_is_named(string address, string field)
    {
        await using var api = await ApiApplication.StartAsync(postgres);

        var response = await api.Client.GetAsync(address, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.Equal([field], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    private static PostChange Story(ApiApplication api, string id, int topic, int score, double sentiment, string subreddit) =>
        api.Post(id, score: score, subreddit: subreddit, title: $"Title of {id}") with { Nlp = new(sentiment, "neutral", []) { TopicCluster = topic } };

    private static PostChange By(ApiApplication api, string id, string? author, int score)
    {
        var post = api.Post(id, score: score);
        return post with { Newest = post.Newest with { Author = author } };
    }

    private static async Task<T> GetAsync<T>(ApiApplication api, string address, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json) =>
        (await api.Client.GetFromJsonAsync(address, json, Cancel))!;
}
