using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Storage.Posts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

public sealed class PurgedPostTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lists_leave_purged_posts_out_whatever_the_sort()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(api.Post("a", score: 5), api.Post("b", score: 9), api.Post("c", score: 7));
        await api.StoreAsync(api.Purged("b", api.Time.GetUtcNow(), "moderator"));

        foreach (var sort in new[] { "new", "score", "velocity", "trending", "momentum" })
        {
            var page = await api.Client.GetFromJsonAsync($"/api/posts/?sort={sort}", ContractsJsonContext.Default.PostPage, Cancel);
            Assert.Equal(["a", "c"], page!.Results.Select(post => post.Id).Order());
        }
    }

    [Fact]
    public async Task A_purged_post_shows_its_counters_and_says_since_when_and_why_it_is_empty()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(api.Post("a", score: 1200, comments: 45), api.Post("b"));
        await api.StoreAsync(api.Purged("a", api.Time.GetUtcNow(), "moderator"));

        var post = await api.Client.GetFromJsonAsync<JsonElement>("/api/posts/a/", Cancel);

        Assert.Equal(
            ("[deleted]", true, "moderator"),
            (post.GetProperty("title").GetString(), post.GetProperty("purged").GetBoolean(), post.GetProperty("purge_reason").GetString()));
        Assert.Equal(api.Time.GetUtcNow(), post.GetProperty("purged_at").GetDateTimeOffset());
        Assert.All(["author", "url", "permalink", "nlp"], field => Assert.Equal(JsonValueKind.Null, post.GetProperty(field).ValueKind));
        Assert.Equal(
            (1200, 1290, 0.0),
            (post.GetProperty("current_score").GetInt32(), post.GetProperty("engagement_score").GetInt64(),
                post.GetProperty("trending_score").GetDouble()));
        var history = await api.Client.GetFromJsonAsync("/api/posts/a/history/", ContractsJsonContext.Default.PostHistory, Cancel);
        Assert.Equal([1200], history!.Results.Select(point => point.Score));
        // Only purged posts have the fields.
        var kept = await api.Client.GetFromJsonAsync<JsonElement>("/api/posts/b/", Cancel);
        Assert.All(["purged", "purged_at", "purge_reason"], field => Assert.False(kept.TryGetProperty(field, out _), field));
    }

    [Fact]
    public async Task A_post_that_was_never_observed_has_the_time_of_its_end_for_its_times()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        var now = api.Time.GetUtcNow();
        await api.StoreAsync(api.Purged("a", now, PostRemoval.Absent, PostState.Unobserved(now.ToUnixTimeMilliseconds() * 1000, 3, 1)));

        var post = await api.Client.GetFromJsonAsync("/api/posts/a/", ContractsJsonContext.Default.PostView, Cancel);

        Assert.Equal((now, now, 3), (post!.FirstSeenAt, post.LastPolledAt, post.CurrentScore));
        Assert.Empty((await api.Client.GetFromJsonAsync("/api/posts/a/history/", ContractsJsonContext.Default.PostHistory, Cancel))!.Results);
    }

    [Fact]
    public async Task Statistics_count_purged_posts_but_name_none()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.StoreAsync(api.Post("a", score: 10, comments: 1), api.Post("b", score: 30, comments: 9));
        await api.StoreAsync(api.Purged("b", api.Time.GetUtcNow(), "deleted"));
        await api.CountAsync();

        var stats = (await api.Client.GetFromJsonAsync("/api/stats/", ContractsJsonContext.Default.StatsView, Cancel))!;

        Assert.Equal((2, 20.0), (stats.Overview.TotalPosts, stats.Overview.AvgScore));
        Assert.Equal((2, "technology"), (stats.BySubreddit.Single().Posts, stats.BySubreddit.Single().Subreddit));
        Assert.Equal(("a", "a"), (stats.TopPosts.MostScored!.Id, stats.TopPosts.MostDiscussed!.Id));
        Assert.Equal([new("someone", 1, 10)], stats.TopAuthors);
    }

    [Theory]
    [InlineData("/api/posts/", "posts_created")]
    [InlineData("/api/posts/?subreddit=technology", "posts_subreddit_created")]
    [InlineData("/api/ingestion/purges/", "posts_purged")]
    public async Task Lists_are_read_from_their_index(string address, string index)
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.Database.ExecuteAsync("""
            INSERT INTO subreddits (name) VALUES ('technology'), ('other');
            INSERT INTO posts (
              id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments, purged_at, purge_reason)
            SELECT 'p' || n, CASE WHEN n % 50 = 0 THEN 1 ELSE 2 END, 'A title', at, at, at, n, 0, CASE WHEN n % 11 = 0 THEN at END, CASE WHEN n % 11 = 0 THEN 'moderator' END
            FROM (SELECT n, '2026-11-23 11:00Z'::timestamptz - n * interval '1 second' FROM generate_series(1, 20000) n) AS given (n, at);
            ANALYZE posts;
            SELECT pg_stat_force_next_flush()
            """);
        var scans = await ScansAsync(api);

        await api.Client.GetStringAsync(address, Cancel);

        // The server adds its counts up when the connection has been idle for a moment.
        await Eventually.TrueAsync(async () => (await ScansAsync(api)).OfIndex(index) > scans.OfIndex(index));
        Assert.Equal(scans.OfTable, (await ScansAsync(api)).OfTable);
    }

    private static async Task<Scans> ScansAsync(ApiApplication api) => new(
        await api.Database.ScalarAsync<long>("SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'posts'"),
        await api.Database.TextsAsync("SELECT indexrelname || ' ' || idx_scan FROM pg_stat_user_indexes WHERE relname = 'posts'"));

    private sealed record Scans(long OfTable, IReadOnlyList<string> OfIndexes)
    {
        public long OfIndex(string name) => long.Parse(OfIndexes.Single(index => index.StartsWith(name + " ", StringComparison.Ordinal)).Split(' ')[1]);
    }
}
