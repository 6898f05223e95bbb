using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using SignalFlow.Storage.Migrations;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Storage;

public sealed class DatabaseMigratorTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Migrating_again_changes_nothing()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var before = await database.RowsAsync("SELECT * FROM schema_migrations ORDER BY version");

        await database.Migrator().MigrateAsync(Cancel);

        Assert.NotEmpty(before);
        Assert.Equal(before, await database.RowsAsync("SELECT * FROM schema_migrations ORDER BY version"));
    }

    [Fact]
    public async Task Every_script_may_run_twice()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync("DELETE FROM schema_migrations");

        await database.Migrator().MigrateAsync(Cancel);

        Assert.Equal(120, await database.ScalarAsync<long>("SELECT count(*) FROM subreddit_config"));
    }

    [Fact]
    public async Task Several_processes_may_migrate_at_once()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync("DROP SCHEMA public CASCADE; CREATE SCHEMA public");

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => database.Migrator().MigrateAsync(Cancel)));

        Assert.Equal(120, await database.ScalarAsync<long>("SELECT count(*) FROM subreddit_config"));
    }

    [Fact]
    public async Task A_server_whose_name_is_not_found_is_waited_for()
    {
        await using var nowhere = NpgsqlDataSource.Create($"Host={LosableName.Nobody};Username=nobody;Password=none");
        var time = new FakeTimeProvider();
        var log = new FakeLogger<DatabaseMigrator>();
        var migrator = new DatabaseMigrator(nowhere, time, log);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        foreach (var waiting in new[] { migrator.MigrateAsync(stop.Token), migrator.WaitForSchemaAsync(stop.Token) })
        {
            log.Collector.Clear();
            await Eventually.TrueAsync(() =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(waiting.IsCompleted || log.Collector.Count > 4);
            });
            Assert.False(waiting.IsCompleted);
        }

        await stop.CancelAsync();
    }

    [Fact]
    public async Task A_database_newer_than_the_program_is_refused()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync("INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, 'future', 'x')");

        var migrating = await Assert.ThrowsAsync<SchemaException>(() => database.Migrator().MigrateAsync(Cancel));
        var waiting = await Assert.ThrowsAsync<SchemaException>(() => database.Migrator().WaitForSchemaAsync(Cancel));

        Assert.Contains("9999", migrating.Message, StringComparison.Ordinal);
        Assert.Contains("9999", waiting.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edited_script_is_refused_by_name()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync("UPDATE schema_migrations SET checksum = 'other' WHERE version = 1");

        var exception = await Assert.ThrowsAsync<SchemaException>(() => database.Migrator().MigrateAsync(Cancel));

        Assert.Contains("0001_initial", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Defaults_are_120_subreddits_in_three_tiers()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);

        Assert.Equal(
            ["(fast,26)", "(medium,50)", "(slow,44)"],
            await database.RowsAsync("SELECT priority, count(*) FROM subreddit_config WHERE is_active GROUP BY priority ORDER BY priority"));
    }

    [Fact]
    public async Task Defaults_do_not_come_back_after_an_operator_changed_them()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync("DELETE FROM subreddit_config WHERE name = 'news'; UPDATE subreddit_config SET priority = 'slow' WHERE name = 'AskReddit'");

        await database.Migrator().MigrateAsync(Cancel);

        Assert.Equal(119, await database.ScalarAsync<long>("SELECT count(*) FROM subreddit_config"));
        Assert.Equal("slow", await database.ScalarAsync<string>("SELECT priority FROM subreddit_config WHERE name = 'AskReddit'"));
    }
}
