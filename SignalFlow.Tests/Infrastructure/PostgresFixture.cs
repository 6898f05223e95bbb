using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SignalFlow.Embedded;
using SignalFlow.Storage.Migrations;

namespace SignalFlow.Tests.Infrastructure;

/// <summary>One private PostgreSQL for the whole run, started by the first test that asks for a database.</summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly EmbeddedPostgresOptions _options;
    private readonly Lazy<Task<EmbeddedPostgres>> _server;
    private readonly Lazy<Task<string>> _template;
    private int _databases;

    public PostgresFixture()
    {
        _options = new EmbeddedPostgresOptions { DataFolder = _folder.Path, Durable = false, MaxConnections = 200 };
        _server = new Lazy<Task<EmbeddedPostgres>>(() => EmbeddedPostgres.StartAsync(_options));
        _template = new Lazy<Task<string>>(MakeTemplateAsync);
    }

    /// <summary>Makes an empty database; its name is unique in the run unless one is given.</summary>
    /// <returns>A connection string with a small pool that lets idle connections go early: all tests share the server.</returns>
    public async Task<string> CreateDatabaseAsync(string? name = null)
    {
        var server = await _server.Value;
        name ??= NextName();
        await server.CreateDatabaseAsync(name, TestContext.Current.CancellationToken);
        return ConnectionString(server, name);
    }

    /// <summary>Makes a database with the present schema: a copy, which takes a fraction of the time that the migrations take.</summary>
    public async Task<string> CreateMigratedDatabaseAsync()
    {
        var (server, template, name) = (await _server.Value, await _template.Value, NextName());
        await using var connection = new NpgsqlConnection(server.ConnectionString("postgres"));
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name} TEMPLATE {template}", connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return ConnectionString(server, name);
    }

    // Not cancellable: it is for all tests, whichever asks first.
    private async Task<string> MakeTemplateAsync()
    {
        const string Name = "migrated";
        var server = await _server.Value;
        await server.CreateDatabaseAsync(Name, CancellationToken.None);
        // A database with open connections cannot be copied: those of a source without a pool are closed with it.
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.ConnectionString(Name)) { Pooling = false });
        await new DatabaseMigrator(source, TimeProvider.System, NullLogger<DatabaseMigrator>.Instance).MigrateAsync(CancellationToken.None);
        return Name;
    }

    private string NextName() => $"test_{Interlocked.Increment(ref _databases)}";

    private static string ConnectionString(EmbeddedPostgres server, string name) => new NpgsqlConnectionStringBuilder(server.ConnectionString(name))
    {
        MaxPoolSize = 10,
        ConnectionIdleLifetime = 5,
        ConnectionPruningInterval = 1,
    }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _server.Value).DisposeAsync();
            await EmbeddedPostgres.DeleteAsync(_options);
        }

        _folder.Dispose();
    }
}
