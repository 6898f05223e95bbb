using SignalFlow.Processing.Shifts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Discovery;

/// <summary>Shifts of sentiment as they are found from the stored posts.</summary>
public sealed class ShiftKeeperTests(PostgresFixture postgres)
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    // A week of usual posts in two subreddits; then, from 10:00 on, forty of one that are angry about a game, and forty in French that seem so.
    private const string Posts = """
        INSERT INTO subreddits (name) VALUES ('gaming'), ('france');
        INSERT INTO posts (id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
        SELECT 'u' || n, 1 + n % 2, 'usual', at, at + interval '1 minute', at + interval '1 minute', 1, 0
        FROM generate_series(0, 999) AS n, LATERAL (SELECT timestamptz '2026-11-16 12:00Z' + n * interval '9 minutes' AS at) AS time;
        INSERT INTO posts (id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
        SELECT 'a' || n, 1 + n / 40, 'angry', at, at + interval '1 minute', at + interval '1 minute', 1, 0
        FROM generate_series(0, 79) AS n, LATERAL (SELECT timestamptz '2026-11-23 10:00Z' + n % 40 * interval '1 minute' AS at) AS time;
        INSERT INTO post_nlp_features (post_id, sentiment_score, sentiment_label, keywords, created_utc, sentiment_reliable)
        SELECT id, CASE title WHEN 'usual' THEN substr(id, 2)::int % 5 * 0.1 ELSE -0.6 - substr(id, 2)::int % 3 * 0.1 END, 'neutral',
          CASE WHEN id LIKE 'a%' OR substr(id, 2)::int % 7 = 0 THEN '{starfield}' ELSE '{}' END::text[], created_utc, NOT (title = 'angry' AND subreddit_id = 2)
        FROM posts;
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_subreddit_and_a_topic_that_turn_angry_are_found_once_with_the_posts_that_moved_them()
    {
        await using var database = await FilledAsync();

        await CloseAllAsync(database, Noon.AddMinutes(-50));

        Assert.Equal(
            ["(subreddit,gaming,\"2026-11-23 10:00:00+00\",40,t)", "(topic,starfield,\"2026-11-23 10:00:00+00\",40,t)"],
            await database.RowsAsync("SELECT kind, key, since, posts, mean < -0.6 FROM sentiment_shifts ORDER BY kind"));
        Assert.Equal("a11", await database.ScalarAsync<string>("SELECT movers -> 0 ->> 'post_id' FROM sentiment_shifts WHERE kind = 'subreddit'"));
        Assert.Equal(
            ["(sentiment_shift,r/gaming,gaming,\"2026-11-23 11:00:00+00\",t)", "(sentiment_shift,starfield,,\"2026-11-23 11:00:00+00\",t)"],
            await database.RowsAsync("SELECT kind, subject, subreddit, occurred_at, strength > 6 FROM signal_events ORDER BY subject"));
    }

    [Fact]
    public async Task A_shift_that_lasts_stays_one_until_its_posts_have_left_the_six_hours()
    {
        await using var database = await FilledAsync();

        // Each hour by another process.
        for (var hour = 0; hour < 8; hour++)
            await CloseAllAsync(database, Noon.AddHours(hour));

        Assert.Equal(
            ["(gaming,\"2026-11-23 10:00:00+00\",\"2026-11-23 15:00:00+00\")"],
            await database.RowsAsync("SELECT key, since, hour FROM sentiment_shifts WHERE kind = 'subreddit'"));
        Assert.Equal(2, await database.ScalarAsync<long>("SELECT count(*) FROM signal_events"));
    }

    [Fact]
    public async Task An_hour_is_looked_at_ten_minutes_after_its_end()
    {
        await using var database = await FilledAsync();
        await CloseAllAsync(database, Noon.AddHours(-1).AddMinutes(9));
        Assert.Empty(await database.RowsAsync("SELECT * FROM sentiment_shifts"));

        Assert.True(await Keeper(database).CloseNextAsync(Noon.AddHours(-1).AddMinutes(10), Cancel));
        Assert.NotEmpty(await database.RowsAsync("SELECT * FROM sentiment_shifts"));
    }

    private static async Task CloseAllAsync(MigratedDatabase database, DateTimeOffset until)
    {
        var keeper = Keeper(database);
        while (await keeper.CloseNextAsync(until, Cancel))
        {
        }
    }

    private static ShiftKeeper Keeper(MigratedDatabase database) => new(new(database.DataSource), new(database.DataSource));

    private async Task<MigratedDatabase> FilledAsync()
    {
        var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync(Posts);
        return database;
    }
}
