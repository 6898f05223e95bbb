using System.Collections.Concurrent;
using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Storage.Migrations;
using SignalFlow.Storage.Posts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Storage;

public sealed class SchemaUpgradeTests(StorageServers servers, PostgresFixture postgres)
{
    /// <summary>The last version that was the same on all servers.</summary>
    private const int BeforeModes = 7;

    /// <summary>Every one; on the servers with TimescaleDB those from which the way is another there.</summary>
    public static TheoryData<StorageServer, int> EarlierVersions { get; } =
    [
        .. Enumerable.Range(1, Migration.All.Count - 1).Select(version => (StorageServer.Plain, version)),
        .. from server in StorageServers.All.Select(row => row.Data)
           where server != StorageServer.Plain
           from version in Enumerable.Range(BeforeModes, Migration.All.Count - BeforeModes).Prepend(1)
           select (server, version),
    ];

    /// <summary>The schema of a new database.</summary>
    private static readonly ConcurrentDictionary<StorageServer, Task<IReadOnlyList<string>>> Fresh = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(EarlierVersions))]
    public async Task An_upgrade_from_any_version_loses_nothing_ends_in_the_schema_of_a_fresh_database_and_goes_on(StorageServer server, int version)
    {
        // First, so that no test holds two of the few places that some servers have.
        var fresh = await Fresh.GetOrAdd(server, FreshAsync);
        await using var database = await MigratedDatabase.CreateEmptyAsync(servers, server, postgres);
        await SampleOfVersion.LiveAsync(database, version);
        var before = await SampleOfVersion.RowsAsync(database);

        // Two processes start with a new version at once.
        await Task.WhenAll(database.Migrator().MigrateAsync(Cancel), database.Migrator().MigrateAsync(Cancel));

        foreach (var (query, rows) in before)
        {
            Assert.NotEmpty(rows);
            Assert.Empty(rows.Except(await database.RowsAsync(query)));
        }

        Assert.Equal(fresh, await SchemaDescription.OfAsync(database));
        await GoOnAsync(database);
    }

    /// <summary>Of an old post and of a new one an observation comes.</summary>
    private static async Task GoOnAsync(MigratedDatabase database)
    {
        var writer = new PostWriter(database.DataSource, new(database.DataSource));
        var known = await writer.LoadAsync(["a"], Cancel);
        var history = await database.ScalarAsync<long>("SELECT count(*) FROM post_metrics_history");

        var sample = new Sample(known["a"].State.Last.At + 60_000_000, 1260, 50);
        var result = await writer.WriteAsync(
            new(
                [Change("a", "news", known["a"].State.Add(sample)), Change("new", "brand_new", PostState.First(sample))],
                [new("a", "news", sample, 0.9), new("new", "brand_new", sample, 0.9)]),
            Cancel);

        Assert.Empty(result.Stale);
        Assert.Equal(
            ["(a,1260,1200,1)", "(new,1260,,0)"],
            await database.RowsAsync("SELECT id, current_score, prev_score, score_velocity FROM posts WHERE id IN ('a', 'new') ORDER BY id"));
        Assert.Equal(
            ["(a,7)", "(new,7)"],
            await database.RowsAsync("SELECT post_id, text_print FROM post_nlp_features WHERE post_id IN ('a', 'new') ORDER BY 1"));
        Assert.Equal(history + 2, await database.ScalarAsync<long>("SELECT count(*) FROM post_metrics_history"));
    }

    [Fact]
    public async Task A_script_that_fails_in_the_middle_leaves_nothing_and_the_next_run_goes_on()
    {
        await using var database = await MigratedDatabase.CreateEmptyAsync(servers, StorageServer.Plain, postgres);
        await SampleOfVersion.LiveAsync(database, 3);
        var schema = await SchemaDescription.OfAsync(database);
        var rows = await SampleOfVersion.RowsAsync(database);

        var failure = await Assert.ThrowsAsync<PostgresException>(() => database.Migrator([.. Upto(3), Next("""
            CREATE TABLE half (id integer);
            UPDATE posts SET title = 'lost';
            SELECT 1 / 0;
            """)]).MigrateAsync(Cancel));

        Assert.Equal(PostgresErrorCodes.DivisionByZero, failure.SqlState);
        Assert.Equal(schema, await SchemaDescription.OfAsync(database));
        Assert.Equal(rows, await SampleOfVersion.RowsAsync(database));
        await database.Migrator([.. Upto(3), Next("CREATE TABLE half (id integer)")]).MigrateAsync(Cancel);
        Assert.Equal(4, await database.ScalarAsync<int>("SELECT max(version) FROM schema_migrations"));
    }

    [Fact]
    public async Task A_migration_whose_connection_breaks_leaves_nothing_and_is_begun_anew()
    {
        await using var database = await MigratedDatabase.CreateEmptyAsync(servers, StorageServer.Plain, postgres);
        await database.Migrator(Upto(3)).MigrateAsync(Cancel);

        await database.ExecuteAsync("CREATE SEQUENCE tries");

        // What a sequence has given is not taken back.
        var migrating = database
            .Migrator([.. Upto(3), Next("CREATE TABLE half (id integer); SELECT pg_sleep(CASE nextval('tries') WHEN 1 THEN 60 ELSE 0 END)")])
            .MigrateAsync(Cancel);
        await Eventually.TrueAsync(() => database.ScalarAsync<bool>("""
            SELECT coalesce(bool_or(pg_terminate_backend(pid)), false)
            FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'
            """));

        await migrating;
        Assert.Equal(2, await database.ScalarAsync<long>("SELECT last_value FROM tries"));
        Assert.True(await database.ScalarAsync<bool>("SELECT to_regclass('half') IS NOT NULL"));
        Assert.Equal(4, await database.ScalarAsync<int>("SELECT max(version) FROM schema_migrations"));
    }

    [Fact]
    public async Task An_earlier_version_of_the_program_refuses_an_upgraded_database()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);

        var refusal = await Assert.ThrowsAsync<SchemaException>(() => database.Migrator(Upto(5)).MigrateAsync(Cancel));

        Assert.Equal(
            $"The database has schema version {Migration.All.Count}, this program knows versions up to 5. Run a newer SignalFlow on it.", refusal.Message);
    }

    [Fact]
    public async Task A_script_edited_after_it_was_applied_is_refused_before_anything_is_done()
    {
        await using var database = await MigratedDatabase.CreateEmptyAsync(servers, StorageServer.Plain, postgres);
        await database.Migrator(Upto(3)).MigrateAsync(Cancel);
        List<Migration> edited = [.. Upto(2), Migration.Of(("0003_ingestion_state.sql", "SELECT 1")), Next("CREATE TABLE further ()")];

        var refusal = await Assert.ThrowsAsync<SchemaException>(() => database.Migrator(edited).MigrateAsync(Cancel));

        Assert.Contains("0003_ingestion_state", refusal.Message, StringComparison.Ordinal);
        Assert.True(await database.ScalarAsync<bool>("SELECT to_regclass('further') IS NULL"));
    }

    [Fact]
    public void A_checkout_with_other_line_ends_has_the_same_scripts() =>
        Assert.Equal(MigrationScript.Of("SELECT 1;\nSELECT 2;\n"), MigrationScript.Of("SELECT 1;\r\nSELECT 2;\r\n"));

    [Theory]
    [InlineData("0001_a.sql", "0003_c.sql")]
    [InlineData("0002_b.sql", "0003_c.sql")]
    [InlineData("0001_a.sql", "0001_b.sql")]
    public void A_gap_in_the_numbers_of_the_scripts_is_refused(params string[] files)
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => Migration.InOrder(files.Select(file => Migration.Of((file, "SELECT 1")))));

        Assert.Contains("is missing or doubled", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lacks the script of a mode", "0001_a.plain.sql", "0001_a.apache.sql")]
    [InlineData("has several scripts for Apache", "0001_a.plain+apache.sql", "0001_a.apache+timescale.sql")]
    public void A_version_needs_one_script_for_every_mode(string reason, params string[] files)
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => Migration.Of([.. files.Select(file => (file, "SELECT 1"))]));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_is_missing_in_the_database_is_applied()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var before = await SchemaDescription.OfAsync(database);
        await database.ExecuteAsync("DELETE FROM schema_migrations WHERE version = 3; DROP TABLE ingestion_shards");

        await database.Migrator().MigrateAsync(Cancel);

        Assert.Equal(before, await SchemaDescription.OfAsync(database));
    }

    [Fact]
    public async Task The_database_of_the_original_system_is_refused()
    {
        await using var database = await MigratedDatabase.CreateEmptyAsync(servers, StorageServer.Plain, postgres);
        await database.ExecuteAsync("CREATE TABLE schema_migrations (version text PRIMARY KEY, description text, applied_at timestamp DEFAULT now())");

        var refusal = await Assert.ThrowsAsync<SchemaException>(() => database.Migrator().MigrateAsync(Cancel));

        Assert.Contains("SignalFlow.Processing import", refusal.Message, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<string>> FreshAsync(StorageServer server)
    {
        await using var fresh = await MigratedDatabase.CreateAsync(servers, server, postgres);
        return await SchemaDescription.OfAsync(fresh);
    }

    private static List<Migration> Upto(int version) => [.. Migration.All.Take(version)];

    private static Migration Next(string sql) => Migration.Of(("0004_next.sql", sql));

    private static PostChange Change(string id, string subreddit, PostState state) => new()
    {
        Newest = new PostObservation
        {
            Id = id,
            Title = $"Title of {id}",
            Subreddit = subreddit,
            CreatedUtc = 1_793_000_000,
            Score = state.Last.Score,
            NumComments = state.Last.Comments,
        },
        State = state,
        TrendingScore = 0,
        IsTrending = false,
        Nlp = new(0.5, "positive", ["one"]) { TextPrint = 7 },
    };
}
