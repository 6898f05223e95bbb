using Npgsql;
using SignalFlow.Embedded;

namespace SignalFlow.Tests.Infrastructure;

/// <summary>One private PostgreSQL for the whole run, started by the first test that asks for a database.</summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly EmbeddedPostgresOptions _options;
    private readonly Lazy<Task<EmbeddedPostgres>> _server;
    private int _databases;

    public PostgresFixture()
    {
        _options = new EmbeddedPostgresOptions { DataFolder = _folder.Path, Durable = false, MaxConnections = 200 };
        _server = new Lazy<Task<EmbeddedPostgres>>(() => EmbeddedPostgres.StartAsync(_options));
    }

    /// <summary>Makes an empty database; its name is unique in the run unless one is given.</summary>
    /// <returns>A connection string with a small pool that lets idle connections go early: all tests share the server.</returns>
    public async Task<string> CreateDatabaseAsync(string? name = null)
    {
        var server = await _server.Value;
        name ??= $"test_{Interlocked.Increment(ref _databases)}";
        await server.CreateDatabaseAsync(name, TestContext.Current.CancellationToken);
        return new NpgsqlConnectionStringBuilder(server.ConnectionString(name))
        {
            MaxPoolSize = 10,
            ConnectionIdleLifetime = 5,
            ConnectionPruningInterval = 1,
        }.ConnectionString;
    }

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
