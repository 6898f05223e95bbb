using SignalFlow.Benchmarks.Crash;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Faults;

/// <summary>The comparison must find what it is there to find.</summary>
public sealed class StoredRowsTests(PostgresFixture postgres)
{
    private const string Fill = """
        INSERT INTO subreddits (name) VALUES ('news');
        INSERT INTO posts (id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
        SELECT 'a', id, 'title', '2026-11-23', '2026-11-23', '2026-11-23', 1, 2 FROM subreddits;
        CREATE TABLE history_day PARTITION OF post_metrics_history FOR VALUES FROM ('2026-11-23') TO ('2026-11-24');
        INSERT INTO post_metrics_history SELECT 'a', '2026-11-23', id, 1, 2, 0.5 FROM subreddits;
        INSERT INTO post_nlp_features VALUES ('a', 0.1, 'neutral', ARRAY['title']);
        INSERT INTO dlq_events (source_topic, source_partition, source_offset, headers, post_ids, error_class, error_message, failed_at, attempt, dlq_partition, dlq_offset)
        VALUES ('raw', 0, 7, '[]', '{}', 'json', 'why', now(), 1, 0, 0);
        """;

    [Theory]
    [InlineData("UPDATE posts SET score_velocity = 1e-9", "posts a: expected")]
    [InlineData("UPDATE posts SET title = 'Title'", "posts a: expected")]
    [InlineData("INSERT INTO subreddits (name) VALUES ('other'); UPDATE posts SET subreddit_id = (SELECT max(id) FROM subreddits)", "posts a: expected")]
    [InlineData("DELETE FROM post_metrics_history", "post_metrics_history a@2026-11-23 00:00:00+00: missing")]
    [InlineData("UPDATE post_metrics_history SET upvote_ratio = NULL", "post_metrics_history a@2026-11-23 00:00:00+00: expected")]
    [InlineData("UPDATE post_nlp_features SET keywords = '{}'", "post_nlp_features a: expected")]
    [InlineData("UPDATE dlq_events SET source_offset = 8", "dlq_events raw/0@7: missing")]
    public async Task A_row_that_differs_is_found(string change, string expected)
    {
        await using var one = await FilledAsync(firstSubreddit: 1);
        await using var other = await FilledAsync(firstSubreddit: 1);
        await other.ExecuteAsync(change);

        var differences = await DifferencesAsync(one, other);

        Assert.StartsWith(expected, differences[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_clock_or_a_sequence_has_given_is_no_difference()
    {
        await using var one = await FilledAsync(firstSubreddit: 1);
        await using var other = await FilledAsync(firstSubreddit: 40);
        await other.ExecuteAsync("UPDATE dlq_events SET failed_at = failed_at + interval '1 hour', attempt = 3, dlq_offset = 9, updated_at = now()");

        Assert.Empty(await DifferencesAsync(one, other));
    }

    private async Task<MigratedDatabase> FilledAsync(int firstSubreddit)
    {
        var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync($"ALTER TABLE subreddits ALTER COLUMN id RESTART WITH {firstSubreddit}");
        await database.ExecuteAsync(Fill);
        return database;
    }

    private static async Task<IReadOnlyList<string>> DifferencesAsync(MigratedDatabase expected, MigratedDatabase actual) => StoredRows.Differences(
        await StoredRows.ReadAsync(expected.DataSource, TestContext.Current.CancellationToken),
        await StoredRows.ReadAsync(actual.DataSource, TestContext.Current.CancellationToken));
}
