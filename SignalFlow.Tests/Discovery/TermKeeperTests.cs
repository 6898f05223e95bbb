using Microsoft.Extensions.Logging.Abstractions;
using SignalFlow.Processing.Terms;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Discovery;

/// <summary>Terms as they are found from the stored posts.</summary>
public sealed class TermKeeperTests(PostgresFixture postgres)
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);

    // Six buckets after the eighth hour, by 12 authors in three subreddits.
    private const string Posts = """
        INSERT INTO subreddits (name) VALUES ('news'), ('space'), ('pics');
        INSERT INTO posts (id, subreddit_id, title, author, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
        SELECT 'u' || n, 1 + n % 3, (ARRAY['A quiet morning in town', 'Lunch with old friends', 'My garden in autumn', 'What to read next'])[1 + n % 4],
          'author' || n % 200, at, at + interval '1 minute', at + interval '1 minute', 1, 0
        FROM generate_series(0, 3999) AS n, LATERAL (SELECT timestamptz '2026-11-23 00:00:00+00' + n * interval '9 seconds' AS at) AS time;
        INSERT INTO posts (id, subreddit_id, title, author, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
        SELECT 'b' || n, 1 + n % 3, 'The meteorite over Bavaria, picture ' || n, 'witness' || n, at, at + interval '1 minute', at + interval '1 minute', 1, 0
        FROM generate_series(0, 11) AS n, LATERAL (SELECT timestamptz '2026-11-23 08:00:00+00' + n * interval '30 seconds' AS at) AS time;
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_word_that_many_use_at_once_is_found_when_its_bucket_is_over_and_is_an_event()
    {
        await using var database = await FilledAsync();
        var keeper = Keeper(database);
        await CloseAllAsync(keeper, Start.AddHours(8).AddMinutes(24));
        Assert.Empty(await database.RowsAsync("SELECT * FROM term_bursts"));

        Assert.True(await keeper.CloseNextAsync(Start.AddHours(8).AddMinutes(25), Cancel));

        var bursts = await database.RowsAsync("SELECT bucket, term, authors, posts, subreddits, baseline FROM term_bursts WHERE term LIKE '%meteorite%'");
        Assert.Contains(bursts, burst =>
            burst.Contains("12,12,3,1)", StringComparison.Ordinal) && burst.StartsWith("(\"2026-11-23 08:00:00+00\",", StringComparison.Ordinal));
        Assert.Contains("(term_burst,\"2026-11-23 08:15:00+00\",t)", await database.RowsAsync(
            "SELECT kind, occurred_at, strength > 6 FROM signal_events WHERE subject LIKE '%meteorite%'"));
        Assert.Equal(8, await database.ScalarAsync<long>("SELECT count(*) FROM term_hours"));
    }

    [Fact]
    public async Task Processes_that_take_turns_store_what_one_stores()
    {
        await using var one = await FilledAsync();
        await using var other = await FilledAsync();
        var until = Start.AddHours(12);
        await CloseAllAsync(Keeper(one), until);

        // One stops in the middle of an hour, another has closed some meanwhile.
        var (first, second) = (Keeper(other), Keeper(other));
        for (var turn = 0; turn < 60; turn++)
            await (turn % 7 < 3 ? first : turn % 7 < 5 ? second : Keeper(other)).CloseNextAsync(until, Cancel);
        await CloseAllAsync(second, until);

        foreach (var rows in (string[])["term_hours", "term_counts", "term_bursts", "term_scatters"])
            Assert.Equal(await one.RowsAsync($"SELECT * FROM {rows} ORDER BY 1, 2"), await other.RowsAsync($"SELECT * FROM {rows} ORDER BY 1, 2"));
        const string Events = "SELECT key, subject, occurred_at, strength, detail FROM signal_events ORDER BY key";
        Assert.Equal(await one.RowsAsync(Events), await other.RowsAsync(Events));
        Assert.NotEmpty(await one.RowsAsync(Events));
    }

    [Fact]
    public async Task Without_posts_there_is_nothing_to_close()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);

        Assert.False(await Keeper(database).CloseNextAsync(Start, Cancel));
    }

    private static async Task CloseAllAsync(TermKeeper keeper, DateTimeOffset until)
    {
        while (await keeper.CloseNextAsync(until, Cancel))
        {
        }
    }

    private static TermKeeper Keeper(MigratedDatabase database) => new(new(database.DataSource), NullLogger<TermKeeper>.Instance);

    private async Task<MigratedDatabase> FilledAsync()
    {
        var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync(Posts);
        return database;
    }
}
