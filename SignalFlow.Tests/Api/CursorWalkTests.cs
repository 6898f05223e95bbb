using System.Text.Json;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

/// <summary>Somebody reads a list of 100,000 posts from end to end while it is written to.</summary>
public sealed class CursorWalkTests(PostgresFixture postgres)
{
    private const int Posts = 100_000;
    private const int Inserts = 5_000;
    private const int Updates = 20_000;
    private const int Steps = 50;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_post_that_was_there_is_seen_once_both_ways_while_posts_come_and_change()
    {
        await using var api = await StartAsync();
        var writing = WriteAsync(api);

        var (forward, last) = await WalkAsync(api, "/api/posts/?page_size=200", "next");
        var (backward, _) = await WalkAsync(api, last, "previous");
        await writing;

        AssertAllOnce(forward);
        AssertAllOnce(backward);
        Assert.Equal(Posts + Inserts, await api.Database.ScalarAsync<long>("SELECT count(*) FROM posts"));
    }

    [Fact]
    public async Task By_score_every_post_whose_score_stands_still_is_seen_once()
    {
        await using var api = await StartAsync();
        var writing = WriteAsync(api);

        // The updates are of the posts below; these stand still.
        var (forward, last) = await WalkAsync(api, "/api/posts/?page_size=200&sort=score&min_score=1000&start=2026-11-01", "next");
        var (backward, _) = await WalkAsync(api, last, "previous");
        await writing;

        var standing = Enumerable.Range(0, Posts).Where(post => post % 20 == 0).Select(Id).ToHashSet();
        Assert.Equal(standing.Count, forward.Count(standing.Contains));
        Assert.Equal(forward.Count, forward.Distinct().Count());
        Assert.Equal(standing.Count, backward.Count(standing.Contains));
        Assert.Equal(backward.Count, backward.Distinct().Count());
    }

    private static string Id(int post) => $"p{post:D6}";

    private static void AssertAllOnce(List<string> seen)
    {
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Equal(Posts, seen.Count(id => id.StartsWith('p')));
    }

    private async Task<ApiApplication> StartAsync()
    {
        var api = await ApiApplication.StartAsync(postgres);
        // A tenth of them share each instant, as many share each score; every twentieth scores high.
        await api.Database.ExecuteAsync($"""
            INSERT INTO subreddits (name) VALUES ('walked');
            INSERT INTO posts (id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
            SELECT 'p' || lpad(number::text, 6, '0'), (SELECT id FROM subreddits), 'A title', timestamptz '2026-11-22 12:00Z' + number / 10 * interval '1 s',
              timestamptz '2026-11-23 12:00Z', timestamptz '2026-11-23 12:00Z', CASE WHEN number % 20 = 0 THEN 1000 + number % 700 ELSE number % 900 END, 0
            FROM generate_series(0, {Posts - 1}) number;
            ANALYZE posts;
            """);
        return api;
    }

    /// <summary>Posts that come are of every age, also between those that were read and those that will be.</summary>
    private static async Task WriteAsync(ApiApplication api)
    {
        for (var step = 0; step < Steps; step++)
        {
            await api.Database.ExecuteAsync($"""
                INSERT INTO posts (id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
                SELECT 'n' || number, (SELECT id FROM subreddits), 'A title', timestamptz '2026-11-22 12:00Z' + number * 7919 % 11000 * interval '1 s', now(), now(), number * 31 % 1500, 0
                FROM generate_series({step * Inserts / Steps}, {(step + 1) * Inserts / Steps - 1}) number;
                UPDATE posts SET current_score = current_score * 7 % 900, current_comments = current_comments + 1, last_polled_at = now()
                WHERE id IN (SELECT 'p' || lpad((number * 211 % {Posts} / 20 * 20 + 1 + number % 19)::text, 6, '0') FROM generate_series({step * Updates / Steps}, {(step + 1) * Updates / Steps - 1}) number);
                """);
        }
    }

    /// <returns>The ids as they were met, and the address of the last page.</returns>
    private static async Task<(List<string> Ids, string Last)> WalkAsync(ApiApplication api, string from, string direction)
    {
        var ids = new List<string>();
        var last = from;
        for (string? address = from; address is not null;)
        {
            using var page = JsonDocument.Parse(await api.Client.GetByteArrayAsync(address, Cancel));
            ids.AddRange(page.RootElement.GetProperty("results").EnumerateArray().Select(post => post.GetProperty("id").GetString()!));
            last = address;
            address = page.RootElement.GetProperty(direction).GetString();
        }

        return (ids, last);
    }
}
