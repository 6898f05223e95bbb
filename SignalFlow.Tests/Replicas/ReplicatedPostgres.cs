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
    private PostgresInstallation? _programs;
    private string _standbyCluster = "";

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

    /// <param name="mode">As pg_ctl knows it: <c>fast</c> ends sessions, <c>immediate</c> is a crash.</param>
    public async Task StopStandbyAsync(string mode)
    {
        var stopped = await Command.RunAsync(
            ServerAccount.Current().Wrap([_programs!.PgCtl, "stop", "-w", "-m", mode, "-D", _standbyCluster]), TestContext.Current.CancellationToken);
        Assert.True(stopped.Succeeded, stopped.Output);
        await _standby!.StopServerAsync();
    }

    public Task StartStandbyAsync() => _standby!.StartServerAsync(TestContext.Current.CancellationToken);

    public Task StopPrimaryAsync() => _primary!.StopServerAsync();

    public async Task StartPrimaryAsync()
    {
        await _primary!.StartServerAsync(TestContext.Current.CancellationToken);
        // Its connections are those of the server that was stopped.
        Primary.DataSource.Clear();
    }

    public Task PauseReplayAsync() => OnStandbyAsync<object>("SELECT pg_wal_replay_pause()");

    public Task ResumeReplayAsync() => OnStandbyAsync<object>("SELECT pg_wal_replay_resume()");

    /// <summary>The standby for a user who may only read.</summary>
    public async Task<string> ReaderAsync()
    {
        await Primary.ExecuteAsync("""
            DO $$ BEGIN
              IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reader') THEN
                CREATE ROLE reader LOGIN PASSWORD 'readers' IN ROLE signalflow_reader;
              END IF;
            END $$
            """);
        return new NpgsqlConnectionStringBuilder(StandbyString) { Username = "reader", Password = "readers" }.ConnectionString;
    }

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
        _programs = PostgresInstallation.Choose(await PostgresInstallation.FindAllAsync(null, stop), folder);
        _standbyCluster = folder.ClusterFolder;
        var baseBackup = Path.Combine(_programs.Folder, "pg_basebackup");
        var source = $"host={primary.Host} port={primary.Port} user={primary.Username} password={primary.Password}";
        var copied = await Command.RunAsync(account.Wrap(
            [baseBackup, "-d", source, "-D", folder.ClusterFolder, "-R", "-C", "-S", "standby", "-c", "fast", "--no-sync"]), stop);
        Assert.True(copied.Succeeded, copied.Output);
        // Streaming goes on at once when the primary is back, not after five seconds.
        await File.AppendAllTextAsync(Path.Combine(folder.ClusterFolder, "postgresql.auto.conf"), "wal_retrieve_retry_interval = '100ms'\n", stop);
    }

    private static EmbeddedPostgresOptions Options(TemporaryFolder folder) => new() { DataFolder = folder.Path, Durable = false };

    // All tests share both servers. What is committed is in the log that standbys get, as in production.
    private static string Small(EmbeddedPostgres server) =>
        new NpgsqlConnectionStringBuilder(server.ConnectionString(Database)) { MaxPoolSize = 8, Options = "-c synchronous_commit=on" }.ConnectionString;
}
