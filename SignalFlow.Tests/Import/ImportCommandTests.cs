using System.Runtime.InteropServices;
using Npgsql;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Import;

/// <summary>How <c>SignalFlow.Processing import</c> begins, ends and refuses.</summary>
public sealed class ImportCommandTests(StorageServers servers, PostgresFixture postgres)
{
    [Fact]
    public async Task Interrupted_between_two_pages_it_ends_with_130_and_the_next_run_goes_on()
    {
        await using var original = await OriginalSystem.CreateAsync(postgres);
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await using (var import = ImportRun.Start(original.ConnectionString, database.ConnectionString))
        {
            // Holds up the writing of some page, so that the signal comes in the middle.
            await using var connection = await database.DataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await using var hold = new NpgsqlCommand("LOCK TABLE posts IN SHARE MODE", connection);
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            await Eventually.TrueAsync(() =>
                database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'posts'::regclass AND NOT granted)"));
            import.Signal(PosixSignal.SIGINT);
            await transaction.CommitAsync(TestContext.Current.CancellationToken);

            var interrupted = await ImportRun.EndAsync(import);

            Assert.Equal(130, interrupted.ExitCode);
            Assert.Equal("Interrupted. What is stored stays; the next run finds it unchanged and goes on.\n", interrupted.Errors);
            Assert.StartsWith("500 ", interrupted.Row("posts"), StringComparison.Ordinal);
        }

        var stored = await database.ScalarAsync<long>("SELECT count(*) FROM posts");
        Assert.InRange(stored, 1, 500);
        var run = await ImportRun.OfAsync(original.ConnectionString, database.ConnectionString);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(1_107, await database.ScalarAsync<long>("SELECT count(*) FROM posts"));
        Assert.Equal(3_308, await database.ScalarAsync<long>("SELECT count(*) FROM post_metrics_history"));
        Assert.Equal($"1,112 {1_107 - stored} {stored} 0 5", run.Row("posts"));
    }

    [Fact]
    public async Task What_operators_have_done_to_the_subreddits_stays_and_the_rest_is_as_in_the_original()
    {
        await using var original = await OriginalSystem.CreateAsync(postgres);
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync("""
            UPDATE subreddit_config SET priority = 'slow' WHERE name = 'AskReddit';
            DELETE FROM subreddit_config WHERE name = 'golf';
            INSERT INTO subreddit_config (name, priority) VALUES ('Their_Own', 'fast')
            """);

        var run = await ImportRun.OfAsync(original.ConnectionString, database.ConnectionString);

        Assert.Equal(
            [
                "(AskReddit,slow,,t,default)", "(Their_Own,fast,,t,\"\")", "(brand_new,medium,120,t,import)", "(news,fast,60,f,ops)",
                "(technology,fast,45,t,phase2-migration)"
            ],
            await database.RowsAsync("""
                SELECT name, priority, interval_seconds, is_active, added_by FROM subreddit_config
                WHERE lower(name) IN ('askreddit', 'golf', 'their_own', 'brand_new', 'news', 'technology', 'x') ORDER BY name COLLATE "C"
                """));
        Assert.Equal("9 3 3 1 2", run.Row("subreddit_config"));
        Assert.Contains(
            "r/AskReddit stays as an operator has set it here; in the original it is inactive, fast, every 60 s.",
            run.Output, StringComparison.Ordinal);
        Assert.Contains("r/golf was removed here and stays so; in the original it is active, slow, every 300 s.", run.Output, StringComparison.Ordinal);
        Assert.Contains("Left out of subreddit_config: 2, as its name, priority or interval is none (r/slash, x)", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_without_the_present_schema_is_refused()
    {
        await using var original = await OriginalSystem.CreateAsync(postgres);
        await using var empty = await MigratedDatabase.CreateEmptyAsync(servers, StorageServer.Plain, postgres);

        var run = await ImportRun.OfAsync(original.ConnectionString, empty.ConnectionString);

        Assert.Equal((1, "The target has not the schema of this program. Run 'SignalFlow.Processing migrate' first.\n"), (run.ExitCode, run.Errors));
    }

    [Fact]
    public async Task The_target_may_not_be_the_source()
    {
        await using var original = await OriginalSystem.CreateAsync(postgres);
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        // Another way to the same.
        var alias = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Host = "localhost" }.ConnectionString;

        var twice = await ImportRun.OfAsync(alias, database.ConnectionString);
        var original2 = await ImportRun.OfAsync(original.ConnectionString, original.ConnectionString);

        Assert.Equal((1, "Source and target are the same database.\n"), (twice.ExitCode, twice.Errors));
        Assert.Equal(1, original2.ExitCode);
        Assert.StartsWith("The database belongs to another program", original2.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_whose_name_is_not_found_ends_it_with_1_and_a_sentence()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);

        var run = await ImportRun.OfAsync($"Host={LosableName.Nobody};Username=nobody;Password=none;Database=reddit", database.ConnectionString);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"The source, {LosableName.Nobody}:5432, does not answer: ", run.Errors, StringComparison.Ordinal);
        Assert.Equal(1, run.Errors.Count(letter => letter == '\n'));
    }

    [Fact]
    public async Task A_source_that_is_not_the_originals_is_refused_with_what_is_missing()
    {
        await using var original = await OriginalSystem.CreateAsync(postgres);
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await using var other = await MigratedDatabase.CreateAsync(postgres);
        await original.ExecuteAsync(
            "DROP TABLE subreddit_config; ALTER TABLE posts DROP COLUMN author; ALTER TABLE post_nlp_features ALTER COLUMN keywords TYPE text");

        var run = await ImportRun.OfAsync(original.ConnectionString, database.ConnectionString);
        var own = await ImportRun.OfAsync(other.ConnectionString, database.ConnectionString);

        Assert.Equal(
            (1, "The source does not look like the original system's database. Missing: column posts.author, "
                + "column post_nlp_features.keywords as jsonb (it is text), table subreddit_config.\n"),
            (run.ExitCode, run.Errors));
        Assert.Equal((1, "The source is a database of this program, not of the original system.\n"), (own.ExitCode, own.Errors));
    }

    [Fact]
    public async Task A_wrong_password_and_a_wrong_connection_string_are_not_shown()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var right = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        right.Password = "not-the-right-one";

        var wrong = await ImportRun.OfAsync(right.ConnectionString, database.ConnectionString);
        var none = await ImportRun.OfAsync("postgres://someone:not-the-right-one@host/db", database.ConnectionString);

        Assert.Equal(1, wrong.ExitCode);
        Assert.StartsWith("28P01: password authentication failed", wrong.Errors, StringComparison.Ordinal);
        Assert.Equal(1, none.ExitCode);
        Assert.StartsWith("The source is not a connection string.", none.Errors, StringComparison.Ordinal);
        Assert.All([wrong, none], run => Assert.DoesNotContain("not-the-right-one", run.Output + run.Errors, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_source_may_be_an_argument_and_must_be_given()
    {
        await using var original = await OriginalSystem.CreateAsync(postgres);
        await using var database = await MigratedDatabase.CreateAsync(postgres);

        var given = await ImportRun.WithAsync(database.ConnectionString, "--from", original.ConnectionString);
        var missing = await ImportRun.WithAsync(database.ConnectionString);
        var unknown = await ImportRun.WithAsync(database.ConnectionString, "--form", original.ConnectionString);

        Assert.Equal((0, 1, 1), (given.ExitCode, missing.ExitCode, unknown.ExitCode));
        Assert.All([missing, unknown], run => Assert.StartsWith("Usage: SignalFlow.Processing import --from", run.Errors, StringComparison.Ordinal));
    }
}
