using Npgsql;

namespace SignalFlow.Tests.Infrastructure;

/// <summary>Makes empty databases on every server of <see cref="StorageServer"/>; a test on one that is not here is skipped.</summary>
/// <remarks>The WebAssembly servers allow one connection at a time and no COPY.</remarks>
public sealed class StorageServers : IAsyncDisposable
{
    /// <summary>Names the installed TimescaleDB: a connection string that may create databases.</summary>
    private const string NativeVariable = "SIGNALFLOW_TEST_TIMESCALE";

    private readonly WasmTimescale _wasm = new();
    private int _databases;

    /// <summary>Those that can be had here: an installed TimescaleDB only where the environment names one.</summary>
    public static TheoryData<StorageServer> All => [.. Enum.GetValues<StorageServer>().Where(IsHere)];

    /// <summary>Those with every feature of TimescaleDB.</summary>
    public static TheoryData<StorageServer> WithTimescale => [.. new[] { StorageServer.Timescale, StorageServer.Native }.Where(IsHere)];

    /// <param name="server">Which kind.</param>
    /// <param name="postgres">Has the databases of <see cref="StorageServer.Plain"/>.</param>
    public async Task<StorageDatabase> CreateAsync(StorageServer server, PostgresFixture postgres) => server switch
    {
        StorageServer.Timescale => await _wasm.CreateDatabaseAsync("timescale"),
        StorageServer.Apache => await _wasm.CreateDatabaseAsync("apache"),
        StorageServer.Native => await CreateNativeAsync(),
        _ => new StorageDatabase(await postgres.CreateDatabaseAsync(), () => ValueTask.CompletedTask),
    };

    public ValueTask DisposeAsync() => _wasm.DisposeAsync();

    private static string? Native => Environment.GetEnvironmentVariable(NativeVariable);

    private static bool IsHere(StorageServer server) => server != StorageServer.Native || !string.IsNullOrEmpty(Native);

    private async Task<StorageDatabase> CreateNativeAsync()
    {
        var admin = Native ?? throw new InvalidOperationException($"{NativeVariable} names no TimescaleDB.");
        var name = $"signalflow_test_{Environment.ProcessId}_{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync(admin, $"CREATE DATABASE {name}");
        var database = new NpgsqlConnectionStringBuilder(admin) { Database = name, MaxPoolSize = 10 }.ConnectionString;
        return new StorageDatabase(database, async () => await ExecuteAsync(admin, $"DROP DATABASE {name} WITH (FORCE)"));
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var dataSource = NpgsqlDataSource.Create(connectionString);
        await using var command = dataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
