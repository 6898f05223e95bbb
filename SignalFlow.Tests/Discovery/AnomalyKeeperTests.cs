using SignalFlow.Processing.Anomalies;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Discovery;

/// <summary>Unusual activity as it is found from the stored posts.</summary>
public sealed class AnomalyKeeperTests(PostgresFixture postgres)
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    // Six subreddits with twelve posts an hour, for three days.
    private const string Usual = """
        INSERT INTO subreddits (name) SELECT 'sub' || n FROM generate_series(1, 6) AS n;
        INSERT INTO subreddit_config (name) SELECT name FROM subreddits;
        INSERT INTO posts (id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
        SELECT 'u' || n, 1 + n % 6, 'usual', at, at + interval '1 minute', at + interval '1 minute', 1, 0
        FROM generate_series(0, 72 * 72 - 1) AS n, LATERAL (SELECT timestamptz '2026-11-20 00:00Z' + n * interval '50 seconds' AS at) AS time;
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_subreddit_with_many_posts_is_loud_from_its_first_such_hour_to_its_last()
    {
        await using var database = await FilledAsync("""
            INSERT INTO posts (id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
            SELECT 'l' || n, 3, 'loud', at, at + interval '1 minute', at + interval '1 minute', 1, 0
            FROM generate_series(0, 119) AS n, LATERAL (SELECT timestamptz '2026-11-22 20:00Z' + n * interval '1 minute' AS at) AS time;
            """);

        await CloseAllAsync(database, Start.AddHours(71));

        Assert.Equal(
            ["(sub3,posts,\"2026-11-22 20:00:00+00\",\"2026-11-22 21:00:00+00\",loud,1,72,12)"],
            await database.RowsAsync("SELECT subreddit, measure, since, hour, level, hours, count, usual FROM activity_anomalies"));
        Assert.Equal(
            ["(anomaly,r/sub3,sub3,\"2026-11-22 21:00:00+00\",\"72 posts in an hour instead of 12 (same hour of the day, 6 samples)\")"],
            await database.RowsAsync("SELECT kind, subject, subreddit, occurred_at, detail ->> 'reason' FROM signal_events"));
    }

    [Fact]
    public async Task A_subreddit_that_falls_silent_is_quiet_but_not_when_it_is_not_read_any_more()
    {
        await using var database = await FilledAsync("""
            DELETE FROM posts WHERE subreddit_id IN (2, 5) AND created_utc >= '2026-11-22 20:00Z';
            UPDATE subreddit_config SET is_active = false WHERE name = 'sub5';
            """);

        await CloseAllAsync(database, Start.AddHours(72));

        // Twelve posts are too few to call an hour without any unusual; three such hours are.
        Assert.Equal(
            ["(sub2,posts,\"2026-11-22 22:00:00+00\",\"2026-11-22 23:00:00+00\",quiet,1,0)"],
            await database.RowsAsync("SELECT subreddit, measure, since, hour, level, hours, count FROM activity_anomalies"));
        Assert.Equal(["r/sub2"], await database.TextsAsync("SELECT subject FROM signal_events"));
    }

    [Fact]
    public async Task When_all_fall_silent_together_it_is_told_once()
    {
        await using var database = await FilledAsync("DELETE FROM posts WHERE created_utc >= '2026-11-22 20:00Z'");

        await CloseAllAsync(database, Start.AddHours(72));

        Assert.Equal(6, await database.ScalarAsync<long>("SELECT count(*) FROM activity_anomalies WHERE level = 'quiet'"));
        Assert.Equal(
            ["6 of 6 subreddits fell silent in the same hour: perhaps they are not read any more"],
            await database.TextsAsync("SELECT detail ->> 'reason' FROM signal_events"));
    }

    [Fact]
    public async Task Comments_are_counted_by_how_much_they_grow_in_the_hour()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        // Young and unknown before; observed before; old and unknown before; more comments were deleted than made.
        await database.ExecuteAsync("""
            INSERT INTO subreddits (name) VALUES ('news');
            INSERT INTO posts (id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments) VALUES
              ('young', 1, 't', '2026-11-20 05:30Z', '2026-11-20 05:31Z', '2026-11-20 05:31Z', 1, 0),
              ('known', 1, 't', '2026-11-20 01:00Z', '2026-11-20 01:01Z', '2026-11-20 05:31Z', 1, 0),
              ('old', 1, 't', '2026-11-19 01:00Z', '2026-11-20 05:10Z', '2026-11-20 05:31Z', 1, 0),
              ('less', 1, 't', '2026-11-20 01:00Z', '2026-11-20 01:01Z', '2026-11-20 05:31Z', 1, 0);
            CREATE TABLE history_day PARTITION OF post_metrics_history FOR VALUES FROM ('2026-11-20') TO ('2026-11-21');
            INSERT INTO post_metrics_history (post_id, captured_at, subreddit_id, score, num_comments) VALUES
              ('young', '2026-11-20 05:35Z', 1, 1, 3), ('young', '2026-11-20 05:50Z', 1, 1, 7),
              ('known', '2026-11-20 04:50Z', 1, 1, 40), ('known', '2026-11-20 05:50Z', 1, 1, 55), ('known', '2026-11-20 06:05Z', 1, 1, 90),
              ('old', '2026-11-20 05:10Z', 1, 1, 400), ('less', '2026-11-20 04:50Z', 1, 1, 9), ('less', '2026-11-20 05:50Z', 1, 1, 5);
            """);

        await new ActivityStore(database.DataSource).CountAsync(Start.AddHours(5), Cancel);

        Assert.Equal(["(\"2026-11-20 05:00:00+00\",1,1,22)"], await database.RowsAsync("SELECT * FROM activity_hours"));
    }

    [Fact]
    public async Task Processes_that_take_turns_store_what_one_stores()
    {
        const string Odd = """
            DELETE FROM posts WHERE subreddit_id = 2 AND created_utc >= '2026-11-22 18:00Z' AND created_utc < '2026-11-22 21:00Z';
            DELETE FROM posts WHERE subreddit_id <> 4 AND created_utc >= '2026-11-22 22:00Z';
            """;
        await using var one = await FilledAsync(Odd);
        await using var other = await FilledAsync(Odd);
        await CloseAllAsync(one, Start.AddHours(72));

        for (var hour = 1; hour <= 72; hour++)
            await CloseAllAsync(other, Start.AddHours(hour));

        const string Anomalies = "SELECT * FROM activity_anomalies ORDER BY subreddit, measure, since";
        const string Events = "SELECT key, subject, occurred_at, strength, detail FROM signal_events ORDER BY key";
        Assert.Equal(await one.RowsAsync(Anomalies), await other.RowsAsync(Anomalies));
        Assert.Equal(await one.RowsAsync(Events), await other.RowsAsync(Events));
        Assert.Equal(2, (await one.RowsAsync(Events)).Count);
    }

    /// <summary>All that was published until ten minutes after an hour is stored.</summary>
    private static async Task CloseAllAsync(MigratedDatabase database, DateTimeOffset hour)
    {
        var keeper = new AnomalyKeeper(new(database.DataSource), new(database.DataSource));
        while (await keeper.CloseNextAsync(hour.AddMinutes(10), Cancel))
        {
        }
    }

    private async Task<MigratedDatabase> FilledAsync(string change)
    {
        var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync(Usual + change);
        return database;
    }
}
