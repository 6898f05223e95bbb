using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using SignalFlow.Processing.Stories;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Discovery;

/// <summary>Stories as they are found from the stored posts.</summary>
public sealed class StoryKeeperTests(PostgresFixture postgres)
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private const string Posts = """
        INSERT INTO subreddits (name) VALUES ('news'), ('space'), ('pics');
        INSERT INTO posts (id, subreddit_id, title, url, created_utc, first_seen_at, last_polled_at, current_score, current_comments) VALUES
          ('a1', 1, 'Meteorite falls over Bavaria, thousands of witnesses', 'https://news.example/meteorite', '2026-11-23 08:00Z', '2026-11-23 08:01Z', '2026-11-23 08:01Z', 1, 0),
          ('b1', 2, 'Look at this', 'https://www.news.example/meteorite?utm_source=x', '2026-11-23 08:20Z', '2026-11-23 08:21Z', '2026-11-23 08:21Z', 1, 0),
          ('c1', 3, 'Meteorite falls over Bavaria, thousands of witnesses!', NULL, '2026-11-23 08:30Z', '2026-11-23 08:31Z', '2026-11-23 08:31Z', 1, 0),
          ('d1', 1, 'Which bread do you bake on Sundays', NULL, '2026-11-23 08:40Z', '2026-11-23 08:41Z', '2026-11-23 08:41Z', 1, 0);
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Posts_with_one_link_or_nearly_one_title_are_one_story()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync(Posts);

        Assert.Equal((4, true), await Keeper(database).FindAsync(Cancel));

        Assert.Equal(
            ["(a1,0)", "(b1,1)", "(c1,2)"],
            await database.RowsAsync(
                "SELECT post_id, evidence FROM post_stories WHERE story = (SELECT story FROM post_stories WHERE post_id = 'a1') ORDER BY post_id"));
        Assert.Equal(2, await database.ScalarAsync<long>("SELECT count(DISTINCT story) FROM post_stories"));
    }

    [Fact]
    public async Task Another_process_goes_on_where_the_first_one_stopped()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync(Posts);
        await Keeper(database).FindAsync(Cancel);
        await database.ExecuteAsync("""
            INSERT INTO posts (id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
            VALUES ('e1', 2, 'Meteorite falls over Bavaria - thousands of witnesses', '2026-11-23 10:00Z', '2026-11-23 10:01Z', '2026-11-23 10:01Z', 1, 0)
            """);

        Assert.Equal((1, true), await Keeper(database).FindAsync(Cancel));

        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(DISTINCT story) FROM post_stories WHERE post_id IN ('a1', 'e1')"));
    }

    [Fact]
    public async Task A_post_that_is_stored_late_finds_its_story_too()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync(Posts);
        var keeper = Keeper(database);
        await keeper.FindAsync(Cancel);
        await database.ExecuteAsync("""
            INSERT INTO posts (id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
            VALUES ('0late', 2, 'Meteorite falls over Bavaria, thousands of witnesses', '2026-11-23 07:00Z', '2026-11-23 07:01Z', '2026-11-23 07:01Z', 1, 0);
            INSERT INTO post_nlp_features (post_id, sentiment_score, sentiment_label, keywords) VALUES ('0late', 0, 'neutral', '{}')
            """);

        Assert.Equal((1, true), await keeper.FindAsync(Cancel));
        Assert.Equal((0, true), await keeper.FindAsync(Cancel));

        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(DISTINCT story) FROM post_stories WHERE post_id IN ('a1', '0late')"));
    }

    [Fact]
    public async Task A_post_is_found_though_an_earlier_transaction_commits_later_and_its_time_has_not_come()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync(Posts);
        var time = new FakeTimeProvider(Start);
        var keeper = new StoryKeeper(new(database.DataSource), time);
        await keeper.FindAsync(Cancel);
        await using var connection = await database.DataSource.OpenConnectionAsync(Cancel);
        await using var open = await connection.BeginTransactionAsync(Cancel);
        await using (var insert = new NpgsqlCommand(Insert("early", Start.AddMinutes(-2)), connection, open))
            await insert.ExecuteNonQueryAsync(Cancel);
        await database.ExecuteAsync(Insert("settled", Start.AddMinutes(-1)) + ';' + Insert("ahead", Start.AddMinutes(20)));
        Assert.Equal((1, true), await keeper.FindAsync(Cancel));

        await open.CommitAsync(Cancel);
        Assert.Equal((1, true), await keeper.FindAsync(Cancel));
        for (var looks = 0; looks < 3; looks++)
        {
            await database.ExecuteAsync(Insert($"later{looks}", Start.AddMinutes(-1)));
            Assert.Equal((1, true), await keeper.FindAsync(Cancel));
        }

        time.Advance(TimeSpan.FromMinutes(21));
        Assert.Equal((1, true), await keeper.FindAsync(Cancel));
        Assert.Equal(10, await database.ScalarAsync<long>("SELECT count(*) FROM post_stories"));
    }

    [Fact]
    public async Task A_look_does_not_read_the_posts_of_earlier_ones()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync(Posts);
        var keeper = Keeper(database);
        await keeper.FindAsync(Cancel);

        // Known to no look that begins where the one before has ended.
        await database.ExecuteAsync("DELETE FROM post_stories");

        Assert.Equal((0, true), await keeper.FindAsync(Cancel));
    }

    [Fact]
    public async Task Removed_posts_tell_no_story()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync(Posts + "UPDATE posts SET title = '[deleted]', url = NULL, purged_at = now(), purge_reason = 'deleted' WHERE id = 'a1'");

        Assert.Equal((3, true), await Keeper(database).FindAsync(Cancel));
        Assert.Empty(await database.RowsAsync("SELECT * FROM post_stories WHERE post_id = 'a1'"));
    }

    private static string Insert(string id, DateTimeOffset seen) => string.Create(CultureInfo.InvariantCulture, $"""
        INSERT INTO posts (id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
        VALUES ('{id}', 2, 'Title of {id}', '{seen:O}', '{seen:O}', '{seen:O}', 1, 0);
        INSERT INTO post_nlp_features (post_id, sentiment_score, sentiment_label, keywords) VALUES ('{id}', 0, 'neutral', '{"{}"}')
        """);

    private static StoryKeeper Keeper(MigratedDatabase database) => new(new(database.DataSource), new FakeTimeProvider(Start));
}
