using SignalFlow.Contracts;
using SignalFlow.Storage.Posts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Storage;

/// <summary>What a search finds a post by is that of its newest text, as long as there is one.</summary>
public sealed class SearchDocumentTests(PostgresFixture postgres)
{
    // 2026-11-23T10:00:00Z
    private const long Start = 1_795_428_000_000_000;
    private const long Minute = 60_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_edited_text_is_found_by_its_new_words_alone()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var first = PostState.First(Sample(0));
        await WriteAsync(database, Change("a", first, "Lost keys", "in the park", print: 1));
        Assert.Equal(["a"], await FoundAsync(database, "lost park"));

        await WriteAsync(database, Change("a", first.Add(Sample(1)), "Lost keys", "at the station", print: 2));

        Assert.Empty(await FoundAsync(database, "park"));
        Assert.Equal(["a"], await FoundAsync(database, "key station"));
    }

    [Fact]
    public async Task A_text_of_an_older_observation_is_not_found()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var newest = PostState.First(Sample(1));
        await WriteAsync(database, Change("a", newest, "Found keys", null, print: 2));

        await WriteAsync(database, Change("a", newest.Add(Sample(0)), "Lost keys", null, print: 1) with { Nlp = null });
        // What says of itself to be the newest, and is not.
        await new PostWriter(database.DataSource, new(database.DataSource))
            .WriteAsync(new([Change("a", PostState.First(Sample(0)), "Lost keys", null, print: 1)], []), Cancel);

        Assert.Empty(await FoundAsync(database, "lost"));
        Assert.Equal(["a"], await FoundAsync(database, "found"));
    }

    [Fact]
    public async Task A_purge_leaves_nothing_to_find_and_nothing_comes_back()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var first = PostState.First(Sample(0));
        var change = Change("a", first, "Lost keys", "in the park", print: 1);
        await WriteAsync(database, change);
        await WriteAsync(database, change with { Nlp = null, Purge = new(Start + Minute, "author") });

        await WriteAsync(database, Change("a", first.Add(Sample(2)), "Lost keys", "in the park", print: 1));

        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM post_nlp_features"));
    }

    [Fact]
    public async Task Hits_have_the_place_of_their_post_in_the_feed()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var first = PostState.First(Sample(0));
        var change = Change("a", first, "Lost keys", null, print: 1);
        await WriteAsync(database, change);

        // The creation that was stored first stays, so it must stay here.
        var other = Change("a", first.Add(Sample(1)), "Found keys", null, print: 2);
        await WriteAsync(database, other with { Newest = other.Newest with { CreatedUtc = change.Newest.CreatedUtc + 99 } });

        Assert.Equal(["a"], await FoundAsync(database, "found"));
        Assert.True(await database.ScalarAsync<bool>("""
            SELECT bool_and(features.created_utc = post.created_utc) FROM post_nlp_features features JOIN posts post ON post.id = features.post_id
            """));
    }

    [Fact]
    public async Task Rows_of_a_program_that_knew_no_search_are_completed_by_the_next_observation()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var first = PostState.First(Sample(0));
        var writer = new PostWriter(database.DataSource, new(database.DataSource));
        await WriteAsync(database, Change("a", first, "Lost keys", null, print: 1));
        Assert.NotNull((await writer.LoadAsync(["a"], Cancel))["a"].Nlp);
        await database.ExecuteAsync("UPDATE post_nlp_features SET document = NULL, created_utc = NULL");
        Assert.Null((await writer.LoadAsync(["a"], Cancel))["a"].Nlp);

        await WriteAsync(database, Change("a", first.Add(Sample(1)), "Lost keys", null, print: 1));

        Assert.Equal(["a"], await FoundAsync(database, "lost"));
    }

    [Fact]
    public async Task The_migration_completes_rows_from_before_also_when_it_runs_again()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await WriteAsync(database, Change("a", PostState.First(Sample(0)), "Lost keys", "in the park", print: 1));
        await WriteAsync(database, Change("b", PostState.First(Sample(0)), "Found keys", null, print: 1));
        var written = await database.RowsAsync("SELECT * FROM post_nlp_features ORDER BY post_id");

        await database.ExecuteAsync("""
            UPDATE post_nlp_features SET document = NULL, created_utc = NULL WHERE post_id = 'a';
            DELETE FROM schema_migrations WHERE name LIKE '%_search'
            """);
        await database.Migrator().MigrateAsync(Cancel);

        Assert.Equal(written, await database.RowsAsync("SELECT * FROM post_nlp_features ORDER BY post_id"));
    }

    [Fact]
    public async Task Long_texts_and_words_are_taken_as_far_as_they_can_be_found()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var text = $"{new string('x', 3_000)} early {string.Join(' ', Enumerable.Range(0, 400_000))} late";

        await WriteAsync(database, Change("a", PostState.First(Sample(0)), "Title", text, print: 1));

        Assert.Equal(["a"], await FoundAsync(database, "early"));
        Assert.Empty(await FoundAsync(database, "late"));
    }

    [Fact]
    public async Task Refreshes_of_counters_touch_no_index()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var posts = Enumerable.Range(0, 50).Select(post => Change($"p{post:D2}", PostState.First(Sample(0)), "Lost keys", null, print: 1)).ToList();
        await WriteAsync(database, [.. posts]);
        // Room on the pages, as after a while of updates and vacuum.
        await database.ExecuteAsync("ALTER TABLE posts SET (fillfactor = 40)");
        await database.ExecuteAsync("VACUUM FULL posts");

        for (var minute = 1; minute <= 3; minute++)
        {
            posts = posts.ConvertAll(post => post with
            {
                State = post.State.Add(new(Start + minute * Minute, minute * 10, minute)),
                Nlp = null,
            });
            await WriteAsync(database, [.. posts]);
            await database.ExecuteAsync("VACUUM posts");
        }

        await Eventually.TrueAsync(() => database.ScalarAsync<bool>(
            "SELECT n_tup_upd = 150 AND n_tup_hot_upd = 150 FROM pg_stat_user_tables WHERE relname = 'posts'"));
    }

    private static Sample Sample(int minute) => new(Start + minute * Minute, 10, 2);

    private static async Task WriteAsync(MigratedDatabase database, params PostChange[] changes)
    {
        var writer = new PostWriter(database.DataSource, new(database.DataSource));
        Assert.Empty((await writer.WriteAsync(new([.. changes], []), Cancel)).Stale);
    }

    private static Task<IReadOnlyList<string>> FoundAsync(MigratedDatabase database, string text) =>
        database.TextsAsync($"SELECT post_id FROM post_nlp_features WHERE document @@ websearch_to_tsquery('english', '{text}')");

    private static PostChange Change(string id, PostState state, string title, string? text, long print) => new()
    {
        Newest = new PostObservation
        {
            Id = id,
            Title = title,
            Selftext = text,
            Subreddit = "news",
            CreatedUtc = Start / 1e6 - 600,
            Score = state.Last.Score,
            NumComments = state.Last.Comments,
        },
        State = state,
        TrendingScore = 0,
        IsTrending = false,
        Nlp = new(0.5, "positive", ["keys"]) { TextPrint = print },
    };
}
