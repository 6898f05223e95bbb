using SignalFlow.RedditSimulator.World;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.EndToEnd;

[Collection(WholeProgram.Collection)]
public sealed class StandaloneRestartTests
{
    [Fact]
    public Task A_stop_and_a_start_keep_all_posts_and_go_on() => AssertGoesOnAsync(async standalone =>
    {
        Assert.Equal(0, await standalone.StopAsync());
        Assert.Null(standalone.Postmaster);
    });

    [Fact]
    public Task A_kill_in_full_flow_and_a_start_keep_all_posts_and_go_on() => AssertGoesOnAsync(async standalone =>
    {
        await standalone.KillAsync();
        Assert.NotNull(standalone.Postmaster);
    });

    private static async Task AssertGoesOnAsync(Func<StandaloneProcess, Task> end)
    {
        await using var standalone = new StandaloneProcess();
        await standalone.StartAsync("--speed", "60");
        // Refreshes are under way, and the world is well beyond what it began with.
        await Eventually.TrueAsync(async () => await standalone.CountAsync("SELECT count(*) FROM posts WHERE last_polled_at > first_seen_at") > 100);
        var before = await PostsAsync(standalone);

        await end(standalone);
        await standalone.StartAsync("--speed", "60");

        await Eventually.TrueAsync(async () => await RefreshedAsync(standalone, before) >= 100);
        await Eventually.TrueAsync(async () => (await PostsAsync(standalone)).Count >= before.Count + 100);
        var after = await PostsAsync(standalone);
        Assert.Equal(before.Keys.Order(), after.Keys.Where(before.ContainsKey).Order());
        Assert.All(before, post => Assert.Equal(post.Value.FirstSeenAt, after[post.Key].FirstSeenAt));
        await AssertNothingIsDoubledAsync(standalone);
        AssertWorldGoesOn(standalone, before, after);
        Assert.Empty(standalone.Errors);
    }

    /// <summary>How many of the posts that a stop met have been observed again since.</summary>
    private static Task<long> RefreshedAsync(StandaloneProcess standalone, Dictionary<string, StoredPost> before) => standalone.CountAsync(
        "SELECT count(*) FROM posts WHERE id = ANY ($1) AND last_polled_at > $2 AND last_polled_at > first_seen_at",
        before.Keys.ToArray(), before.Values.Max(post => post.LastPolledAt));

    private static async Task AssertNothingIsDoubledAsync(StandaloneProcess standalone)
    {
        Assert.Equal(0, await standalone.CountAsync(
            "SELECT count(*) FROM (SELECT id FROM posts GROUP BY id HAVING count(*) > 1) AS doubled"));
        Assert.Equal(0, await standalone.CountAsync(
            "SELECT count(*) FROM (SELECT post_id FROM post_metrics_history GROUP BY post_id, captured_at HAVING count(*) > 1) AS doubled"));
        // What a post says of itself is what its observations say.
        Assert.Equal(0, await standalone.CountAsync("""
            SELECT count(*) FROM posts AS p
            JOIN (SELECT post_id, min(captured_at) AS first, max(captured_at) AS last FROM post_metrics_history GROUP BY post_id) AS h
              ON h.post_id = p.id
            WHERE h.first <> p.first_seen_at OR h.last <> p.last_polled_at
            """));
        // In one statement: posts come all the time.
        Assert.Equal(0, await standalone.CountAsync(
            "SELECT count(*) FROM posts FULL JOIN (SELECT DISTINCT post_id FROM post_metrics_history) AS h ON h.post_id = id WHERE id IS NULL OR post_id IS NULL"));
    }

    private static void AssertWorldGoesOn(
        StandaloneProcess standalone, Dictionary<string, StoredPost> before, Dictionary<string, StoredPost> after)
    {
        // The newest post of each subreddit that was read in the last moments of the first run.
        var end = before.Values.Max(post => post.CreatedAt);
        var newest = before.GroupBy(post => Place(post.Key).Stream)
            .Select(stream => stream.MaxBy(post => Place(post.Key).Index))
            .Where(post => end - post.Value.CreatedAt < TimeSpan.FromSeconds(2))
            .ToDictionary(post => Place(post.Key).Stream, post => Place(post.Key).Index);
        var next = after.Where(post => newest.TryGetValue(Place(post.Key).Stream, out var index) && Place(post.Key).Index > index);

        // A world that began anew would repeat their ids first, and come to these only as long after the start as the first run went on.
        Assert.True(next.Min(post => post.Value.CreatedAt) <= standalone.StartedAt);
    }

    private static (uint Stream, long Index) Place(string id)
    {
        Assert.True(PostId.TryParse(id, out var stream, out var index));
        return (stream, index);
    }

    private static async Task<Dictionary<string, StoredPost>> PostsAsync(StandaloneProcess standalone) =>
        (await standalone.QueryAsync(
            "SELECT id, first_seen_at, last_polled_at, created_utc FROM posts",
            reader => (Id: reader.GetString(0), Post: new StoredPost(reader.GetDateTime(1), reader.GetDateTime(2), reader.GetDateTime(3)))))
        .ToDictionary(row => row.Id, row => row.Post);

    private readonly record struct StoredPost(DateTime FirstSeenAt, DateTime LastPolledAt, DateTime CreatedAt);
}
