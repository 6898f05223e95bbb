using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SignalFlow.Storage.Migrations;

namespace SignalFlow.Tests.Infrastructure;

/// <summary>A database of its own with the present schema.</summary>
internal sealed class MigratedDatabase : IAsyncDisposable
{
    private readonly StorageDatabase? _owned;

    private MigratedDatabase(string connectionString, StorageDatabase? owned = null)
    {
        _owned = owned;
        ConnectionString = connectionString;
        DataSource = NpgsqlDataSource.Create(connectionString);
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource DataSource { get; }

    public static async Task<MigratedDatabase> CreateAsync(PostgresFixture postgres) => new(await postgres.CreateMigratedDatabaseAsync());

    public static async Task<MigratedDatabase> CreateAsync(StoppablePostgres postgres) => await MigrateAsync(await postgres.CreateDatabaseAsync());

    public static async Task<MigratedDatabase> CreateAsync(StorageServers servers, StorageServer server, PostgresFixture postgres)
    {
        var empty = await servers.CreateAsync(server, postgres);
        return await MigrateAsync(empty.ConnectionString, empty);
    }

    /// <summary>For tests that migrate it themselves.</summary>
    public static async Task<MigratedDatabase> CreateEmptyAsync(StorageServers servers, StorageServer server, PostgresFixture postgres)
    {
        var empty = await servers.CreateAsync(server, postgres);
        return new(empty.ConnectionString, empty);
    }

    public static async Task<MigratedDatabase> MigrateAsync(string connectionString, StorageDatabase? owned = null)
    {
        var database = new MigratedDatabase(connectionString, owned);
        try
        {
            await database.Migrator().MigrateAsync(TestContext.Current.CancellationToken);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    public DatabaseMigrator Migrator() => Migrator(Migration.All);

    public DatabaseMigrator Migrator(IReadOnlyList<Migration> migrations) =>
        new(DataSource, TimeProvider.System, NullLogger<DatabaseMigrator>.Instance) { Migrations = migrations };

    /// <summary>The first column of the first row.</summary>
    public async Task<T> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var command = DataSource.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new() { Value = parameter });
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Until so many statements wait for a lock here.</summary>
    public Task AreWaitingAsync(int statements) => Eventually.TrueAsync(async () =>
        await ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") >= statements);

    /// <summary>Every row as text, for comparing whole tables.</summary>
    public Task<IReadOnlyList<string>> RowsAsync(string sql) => TextsAsync($"SELECT given::text FROM ({sql}) AS given");

    /// <summary>The first column, which is text.</summary>
    public async Task<IReadOnlyList<string>> TextsAsync(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            rows.Add(reader.GetString(0));
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await DataSource.DisposeAsync();
        if (_owned is not null)
            await _owned.DisposeAsync();
    }
}
