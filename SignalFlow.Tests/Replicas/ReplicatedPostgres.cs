using Npgsql;
using SignalFlow.Embedded;
using SignalFlow.Embedded.Postgres;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Replicas;

/// <summary>A primary and a standby that streams from it, on the loopback interface, with one migrated database.</summary>
public sealed class ReplicatedPostgres : IAsyncLifetime
{
    private const string Database = "signalflow";

    private readonly TemporaryFolder _primaryFolder = new();
    private readonly TemporaryFolder _standbyFolder = new();
    private EmbeddedPostgres? _primary;
    private EmbeddedPostgres? _standby;

    public string PrimaryString => Small(_primary!);

    public string StandbyString => Small(_standby!);

    public int PrimaryPort => _primary!.Port;

    public int StandbyPort => _standby!.Port;

    internal MigratedDatabase Primary { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _primary = await EmbeddedPostgres.StartAsync(Options(_primaryFolder), TestContext.Current.CancellationToken);
        await _primary.CreateDatabaseAsync(Database, TestContext.Current.CancellationToken);
        Primary = await MigratedDatabase.MigrateAsync(PrimaryString);
        await CopyAsync();
        _standby = await EmbeddedPostgres.StartAsync(Options(_standbyFolder), TestContext.Current.CancellationToken);
    }

    public Task StopStandbyAsync() => _standby!.StopServerAsync();

    public Task StartStandbyAsync() => _standby!.StartServerAsync(TestContext.Current.CancellationToken);

    public Task StopPrimaryAsync() => _primary!.StopServerAsync();

    public Task StartPrimaryAsync() => _primary!.StartServerAsync(TestContext.Current.CancellationToken);

    public Task PauseReplayAsync() => OnStandbyAsync<object>("SELECT pg_wal_replay_pause()");

    public Task ResumeReplayAsync() => OnStandbyAsync<object>("SELECT pg_wal_replay_resume()");

    public async Task<T> OnStandbyAsync<T>(string sql)
    {
        await using var standby = NpgsqlDataSource.Create(StandbyString + ";Pooling=false");
        await using var command = standby.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>Undoes what a test has done to the servers.</summary>
    public async Task RestoreAsync()
    {
        await StartPrimaryAsync();
        await StartStandbyAsync();
        await ResumeReplayAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Primary is not null)
            await Primary.DisposeAsync();
        foreach (var (server, folder) in new[] { (_standby, _standbyFolder), (_primary, _primaryFolder) })
        {
            if (server is not null)
                await server.DisposeAsync();
            await EmbeddedPostgres.DeleteAsync(Options(folder));
            folder.Dispose();
        }
    }

    /// <summary>Makes the standby's cluster, as an operator does, where the embedded server will find it.</summary>
    private async Task CopyAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        var account = ServerAccount.Current();
        using var folder = PostgresFolder.Open(_standbyFolder.Path);
        await folder.PlaceClusterAsync(account, stop);
        Directory.CreateDirectory(folder.ClusterFolder);
        // The server insists on it, and pg_basebackup takes a folder as it is.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder.ClusterFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await account.OwnAsync(folder.ClusterFolder, stop);

        var primary = new NpgsqlConnectionStringBuilder(PrimaryString);
        // Both servers have one password.
        PostgresFolder.WritePrivate(Path.Combine(folder.Path, "password"), primary.Password!);
        var installed = PostgresInstallation.Choose(await PostgresInstallation.FindAllAsync(null, stop), folder);
        var baseBackup = Path.Combine(Path.GetDirectoryName(installed.PgCtl)!, "pg_basebackup");
        var source = $"host={primary.Host} port={primary.Port} user={primary.Username} password={primary.Password}";
        var copied = await Command.RunAsync(account.Wrap(
            [baseBackup, "-d", source, "-D", folder.ClusterFolder, "-R", "-C", "-S", "standby", "-c", "fast", "--no-sync"]), stop);
        Assert.True(copied.Succeeded, copied.Output);
        // Streaming goes on at once when the primary is back, not after five seconds.
        await File.AppendAllTextAsync(Path.Combine(folder.ClusterFolder, "postgresql.auto.conf"), "wal_retrieve_retry_interval = '100ms'\n", stop);
    }

    private static EmbeddedPostgresOptions Options(TemporaryFolder folder) => new() { DataFolder = folder.Path, Durable = false };

    // All tests share both servers.
    private static string Small(EmbeddedPostgres server) =>
        new NpgsqlConnectionStringBuilder(server.ConnectionString(Database)) { MaxPoolSize = 8 }.ConnectionString;
}
