using System.Net;
using System.Text.Json.Serialization.Metadata;
using SignalFlow.Contracts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

/// <summary>Stories, terms and signals over HTTP. The clock stands at noon of 23 November 2026.</summary>
public sealed class DiscoveryEndpointsTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_story_is_listed_by_how_far_it_spread_and_shows_where_it_came_first()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(
            api.Post("a", 180, score: 10, comments: 4),
            api.Post("b", 150, score: 90, comments: 2, subreddit: "science"),
            api.Post("c", 60, score: 5, subreddit: "science"),
            api.Post("d", 60, score: 5000),
            api.Post("e", 50, score: 1),
            api.Post("f", 40, score: 1));
        // 0x7b of a, b, c; 0x7c of e and f; d is alone.
        await api.Database.ExecuteAsync("""
            INSERT INTO post_stories (post_id, story, evidence, similarity, seen_at)
            SELECT id, CASE WHEN id IN ('a', 'b', 'c') THEN 123 WHEN id = 'd' THEN 9 ELSE 124 END, CASE id WHEN 'b' THEN 1 WHEN 'c' THEN 2 ELSE 0 END, 0.8, first_seen_at
            FROM posts
            """);

        var list = await GetAsync(api, "/api/stories/", ContractsJsonContext.Default.StoryList);
        var detail = await GetAsync(api, "/api/stories/7b/", ContractsJsonContext.Default.StoryDetail);

        Assert.Equal([("7b", "b", 3L, 2), ("7c", "e", 2L, 1)], list.Results.Select(story => (story.Id, story.PostId, story.Posts, story.SubredditCount)));
        Assert.Equal(
            ["7b"],
            (await GetAsync(api, "/api/stories/?subreddit=Science", ContractsJsonContext.Default.StoryList)).Results.Select(story => story.Id));
        Assert.Equal([("technology", 0, 1), ("science", 30, 2)], detail.Spread.Select(place => (place.Subreddit, (int)place.LagMinutes, place.Posts)));
        Assert.Equal([("a", "first"), ("b", "link"), ("c", "title")], detail.Results.Select(post => (post.Post.Id, post.Evidence)));
    }

    [Fact]
    public async Task What_reddit_has_removed_tells_no_story()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(api.Post("a", 180), api.Post("b", 150));
        await api.Database.ExecuteAsync(
            "INSERT INTO post_stories (post_id, story, evidence, similarity, seen_at) SELECT id, 5, 0, 1, first_seen_at FROM posts");
        await api.StoreAsync(api.Purged("b", api.Time.GetUtcNow(), "deleted"));

        Assert.Empty((await GetAsync(api, "/api/stories/", ContractsJsonContext.Default.StoryList)).Results);
        Assert.Equal(["a"], (await GetAsync(api, "/api/stories/5/", ContractsJsonContext.Default.StoryDetail)).Results.Select(post => post.Post.Id));
    }

    [Theory]
    [InlineData("/api/stories/6/")]
    [InlineData("/api/stories/05/")]
    [InlineData("/api/stories/FF/")]
    [InlineData("/api/stories/12345678901234567/")]
    public async Task An_unknown_story_is_not_found(string address)
    {
        await using var api = await ApiApplication.StartAsync(postgres);

        Assert.Equal(HttpStatusCode.NotFound, (await api.Client.GetAsync(new Uri(address, UriKind.Relative), Cancel)).StatusCode);
    }

    [Fact]
    public async Task Terms_are_ranked_by_surprise_that_fades_each_once()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.Database.ExecuteAsync("""
            INSERT INTO term_hours (hour, volume) VALUES ('2026-11-20 08:00Z', 100), ('2026-11-20 09:00Z', 100);
            INSERT INTO term_bursts (bucket, term, authors, posts, subreddits, expected, p_value, baseline) VALUES
              ('2026-11-23 11:30Z', 'rocket', 12, 14, 3, 2, 1e-7, 3), ('2026-11-23 11:45Z', 'rocket', 8, 9, 1, 2, 1e-4, 3),
              ('2026-11-23 03:30Z', 'boat', 20, 22, 1, 2, 1e-9, 2), ('2026-11-21 11:30Z', 'old', 90, 90, 9, 1, 1e-9, 1)
            """);

        var terms = await GetAsync(api, "/api/terms/", ContractsJsonContext.Default.TermBurstList);

        Assert.Equal(new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero), terms.LearningSince);
        Assert.Equal(["rocket", "boat"], terms.Results.Select(term => term.Burst.Term));
        Assert.Equal("12 authors in 15 min instead of 2, in 3 subreddits (same hour of the week)", terms.Results[0].Reason);
        Assert.Equal(50 * Math.Pow(0.5, 0.125), terms.Results[0].Score, 1e-9);
    }

    [Fact]
    public async Task Signals_are_listed_newest_first_with_their_reasons()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(api.Post("a", 60));
        await api.Database.ExecuteAsync("""
            INSERT INTO signal_events (kind, key, subject, subreddit, post_id, occurred_at, strength, detail) VALUES
              ('surge', 'surge:a:emerging', 'a', 'Technology', 'a', '2026-11-23 11:00Z', 6.2,
                '{"score":97,"phase":"emerging","times_typical":6.2,"gain":38,"window_minutes":10,"age_minutes":42,"peak_velocity":4,"baseline_posts":99}'),
              ('surge', 'surge:gone:trending', 'gone', 'technology', 'gone', '2026-11-23 11:10Z', 7, '{}'),
              ('term_burst', '3', 'rocket', NULL, NULL, '2026-11-23 11:20Z', 9,
                '{"term":"rocket","bucket":"2026-11-23T11:05:00+00:00","authors":12,"posts":14,"subreddits":3,"expected":1.5,"baseline":"the hours before"}'),
              ('anomaly', '4', 'r/golang', 'golang', NULL, '2026-11-23 11:30Z', 5, '{"reason":"48 posts in an hour instead of 12"}')
            """);

        var all = await GetAsync(api, "/api/signals/", ContractsJsonContext.Default.SignalList);

        Assert.Equal(
            [
                ("anomaly", null, "r/golang", null, "48 posts in an hour instead of 12"),
                ("term_burst", null, "rocket", null, "12 authors in 15 min instead of 1.5, in 3 subreddits (the hours before)"),
                ("surge", "trending", "gone", null, null),
                ("surge", "emerging", "a", "A title", "6.2× typical for r/Technology at 42 min, +38 in 10 min"),
            ],
            all.Results.Select(signal => (signal.Kind, signal.Phase, signal.Subject, signal.Title, signal.Reason)));
        Assert.Equal(2, (await GetAsync(api, "/api/signals/?kind=surge&subreddit=technology", ContractsJsonContext.Default.SignalList)).Results.Count);
        Assert.Equal(
            ["golang"],
            (await GetAsync(api, "/api/signals/?kind=anomaly,term_burst&limit=1", ContractsJsonContext.Default.SignalList)).Results
                .Select(signal => signal.Subreddit));
        var refused = await api.Client.GetAsync(new Uri("/api/signals/?kind=surge,storm", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains(
            "storm is none of surge, term_burst, sentiment_shift, anomaly.",
            await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shifts_and_anomalies_say_whether_they_last()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(api.Post("a", 60));
        await api.Database.ExecuteAsync("""
            INSERT INTO sentiment_shifts (kind, key, since, hour, posts, mean, usual, usual_posts, statistic, p_value, movers) VALUES
              ('subreddit', 'golang', '2026-11-23 09:00Z', '2026-11-23 10:00Z', 24, -0.31, 0.12, 900, -4.2, 1e-4,
                '[{"post_id":"a","sentiment":-0.9,"contribution":-0.04},{"post_id":"gone","sentiment":-0.8,"contribution":-0.03}]'),
              ('topic', 'rocket', '2026-11-22 20:00Z', '2026-11-22 22:00Z', 40, 0.5, 0.1, 90, 6, 1e-6, '[]'),
              ('topic', 'old', '2026-11-20 20:00Z', '2026-11-20 22:00Z', 40, 0.5, 0.1, 90, 6, 1e-6, '[]');
            INSERT INTO activity_anomalies (subreddit, measure, since, hour, level, hours, count, usual, deviations, samples, baseline) VALUES
              ('golang', 'posts', '2026-11-23 10:00Z', '2026-11-23 10:00Z', 'loud', 1, 48, 12, 6.5, 6, 2),
              ('news', 'comments', '2026-11-23 01:00Z', '2026-11-23 03:00Z', 'quiet', 3, 1, 60, -7, 6, 1);
            """);

        var shifts = await GetAsync(api, "/api/signals/shifts/", ContractsJsonContext.Default.SentimentShiftList);
        var anomalies = await GetAsync(api, "/api/signals/anomalies/", ContractsJsonContext.Default.ActivityAnomalyList);

        Assert.Equal([("golang", true, 11), ("rocket", false, 23)], shifts.Results.Select(shift => (shift.Key, shift.Lasts, shift.Until.Hour)));
        Assert.Equal("-0.31 instead of 0.12 (24 posts in 6 hours, t -4.2)", shifts.Results[0].Reason);
        Assert.Equal([("a", "A title"), ("gone", null)], shifts.Results[0].Movers.Select(mover => (mover.PostId, mover.Title)));
        Assert.Equal(
            [
                ("golang", true, "48 posts in an hour instead of 12 (same hour of the week, 6 samples)"),
                ("news", false, "1 comment in 3 hours instead of 60 (same hour of the day, 6 samples)")
            ],
            anomalies.Results.Select(anomaly => (anomaly.Subreddit, anomaly.Lasts, anomaly.Reason)));
        Assert.Equal(
            ["golang"],
            (await GetAsync(api, "/api/signals/shifts/?subreddit=Golang", ContractsJsonContext.Default.SentimentShiftList)).Results
                .Select(shift => shift.Key));
    }

    [Fact]
    public async Task A_title_that_is_not_english_has_a_sentiment_that_is_not_reliable()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(api.Post("a", 60) with { Nlp = new(-0.5, "negative", []) { IsSentimentReliable = false } }, api.Post("b", 50));

        var page = await GetAsync(api, "/api/posts/", ContractsJsonContext.Default.PostPage);
        var csv = await api.Client.GetStringAsync(new Uri("/api/posts/export/?format=csv", UriKind.Relative), Cancel);

        Assert.Equal([("b", true), ("a", false)], page.Results.Select(post => (post.Id, post.Nlp!.SentimentReliable)));
        Assert.Contains(",sentiment_reliable", csv, StringComparison.Ordinal);
        Assert.Contains(csv.Split("\r\n"), line => line.StartsWith("a,", StringComparison.Ordinal) && line.EndsWith(",false", StringComparison.Ordinal));
    }

    private static async Task<T> GetAsync<T>(ApiApplication api, string address, JsonTypeInfo<T> type) =>
        (await api.Client.GetFromJsonAsync(new Uri(address, UriKind.Relative), type, Cancel))!;
}
