using System.Runtime.InteropServices;
using Npgsql;
using SignalFlow.Storage.Migrations;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Storage;

/// <summary><c>SignalFlow.Processing migrate</c> as operators and orchestrators start it.</summary>
public sealed class MigrateCommandTests(StorageServers servers, PostgresFixture postgres)
{
    private const string ConnectionKey = "ConnectionStrings__signalflow";

    [Fact]
    public async Task It_migrates_and_ends_with_0_and_so_does_a_second_run()
    {
        await using var database = await MigratedDatabase.CreateEmptyAsync(servers, StorageServer.Plain, postgres);

        await using var first = Migrate(database.ConnectionString);
        await using var second = Migrate(database.ConnectionString);

        Assert.Equal((0, 0), (await first.WaitForExitAsync(), await second.WaitForExitAsync()));
        Assert.Equal(Migration.All.Count, await database.ScalarAsync<long>("SELECT count(*) FROM schema_migrations"));
        Assert.Equal("", first.Errors + second.Errors);
    }

    [Fact]
    public async Task It_makes_the_services_users_whose_passwords_it_is_given_and_changes_them_when_they_change()
    {
        await using var server = await StoppablePostgres.StartAsync();
        var owner = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync());
        foreach (var password in (string[])["it's one's", "anöther"])
        {
            await using var migrate = ProgramProcess.Start(
                "SignalFlow.Processing", ["migrate"],
                new Dictionary<string, string> { [ConnectionKey] = owner.ConnectionString, ["Storage__Passwords__Api"] = password });
            Assert.Equal((0, ""), (await migrate.WaitForExitAsync(), migrate.Errors));

            await using var api = NpgsqlDataSource.Create(
                new NpgsqlConnectionStringBuilder(owner.ConnectionString) { Username = "api", Password = password, Pooling = false });
            await using var asked = api.CreateCommand("SELECT has_table_privilege('users', 'INSERT') AND NOT has_table_privilege('posts', 'INSERT')");
            Assert.True((bool)(await asked.ExecuteScalarAsync(TestContext.Current.CancellationToken))!);
        }

        await using var source = NpgsqlDataSource.Create(owner.ConnectionString);
        await using var users = source.CreateCommand(
            "SELECT string_agg(rolname, ' ') FROM pg_roles WHERE rolcanlogin AND rolname IN ('ingestion', 'processing', 'api')");
        Assert.Equal("api", await users.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task It_waits_for_a_server_that_is_not_there_yet()
    {
        await using var server = await StoppablePostgres.StartAsync();
        var connectionString = await server.CreateDatabaseAsync();
        await server.StopAsync();

        await using var migrate = Migrate(connectionString);
        await Eventually.TrueAsync(() => Task.FromResult(migrate.Output.Contains("The database is not ready", StringComparison.Ordinal)));
        Assert.False(migrate.HasExited);
        await server.StartAgainAsync();

        Assert.Equal(0, await migrate.WaitForExitAsync());
    }

    [Theory]
    [InlineData(PosixSignal.SIGINT)]
    [InlineData(PosixSignal.SIGTERM)]
    public async Task Interrupted_while_it_waits_it_ends_with_130(PosixSignal signal)
    {
        await using var server = await StoppablePostgres.StartAsync();
        var connectionString = await server.CreateDatabaseAsync();
        await server.StopAsync();
        await using var migrate = Migrate(connectionString);
        await Eventually.TrueAsync(() => Task.FromResult(migrate.Output.Contains("The database is not ready", StringComparison.Ordinal)));

        migrate.Signal(signal);

        Assert.Equal(130, await migrate.WaitForExitAsync());
        Assert.StartsWith("Interrupted.", migrate.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_ends_it_at_once_with_1_and_is_not_shown()
    {
        var right = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync());
        right.Password = "not-the-right-one";

        await using var migrate = Migrate(right.ConnectionString);

        Assert.Equal(1, await migrate.WaitForExitAsync());
        Assert.Equal($"28P01: password authentication failed for user \"{right.Username}\"\n", migrate.Errors);
        Assert.DoesNotContain(right.Password, migrate.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_newer_than_the_program_ends_it_with_1()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync("INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, 'future', 'x')");

        await using var migrate = Migrate(database.ConnectionString);

        Assert.Equal(1, await migrate.WaitForExitAsync());
        Assert.Equal(
            $"The database has schema version 9999, this program knows versions up to {Migration.All.Count}. Run a newer SignalFlow on it.\n",
            migrate.Errors);
    }

    [Theory]
    [InlineData("", "ConnectionStrings:signalflow is not set")]
    [InlineData("Host=127.0.0.1;Port=x", "ConnectionStrings:signalflow is not a connection string")]
    public async Task A_wrong_connection_string_ends_it_with_1_and_a_sentence(string connectionString, string sentence)
    {
        await using var migrate = Migrate(connectionString);

        Assert.Equal(1, await migrate.WaitForExitAsync());
        Assert.StartsWith(sentence, migrate.Errors, StringComparison.Ordinal);
    }

    private static ProgramProcess Migrate(string connectionString) => ProgramProcess.Start(
        "SignalFlow.Processing", ["migrate"], new Dictionary<string, string> { [ConnectionKey] = connectionString });
}
