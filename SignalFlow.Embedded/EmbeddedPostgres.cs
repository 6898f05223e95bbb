using Microsoft.Extensions.Logging;
using Npgsql;
using SignalFlow.Embedded.Postgres;

namespace SignalFlow.Embedded;

/// <summary>
/// A private PostgreSQL: the server installed on this machine, run on a cluster of our own, on a loopback port, with a random
/// password. The data outlives the process; the server does not, except when the process is killed.
/// </summary>
/// <remarks>
/// A server left behind by a killed process is adopted at the next start if it answers to our password with the settings we
/// want, as that is the fastest way on and its sessions ended with their clients; else it is stopped and started anew.
/// A process that ends without <see cref="DisposeAsync"/> stops the server in <see cref="AppDomain.ProcessExit"/>, which .NET 10
/// does not raise on SIGTERM or SIGINT: handling those is the host's work, from before the start.
/// </remarks>
public sealed partial class EmbeddedPostgres : IAsyncDisposable
{
    private const int StartAttempts = 5;
    private static readonly TimeSpan StartRetryDelay = TimeSpan.FromMilliseconds(300);

    private readonly PostgresServer _server;
    private readonly PostgresFolder _folder;
    private readonly string _password;
    private readonly ILogger _logger;
    private bool _running;

    private EmbeddedPostgres(PostgresServer server, PostgresFolder folder, string password, ILogger logger)
    {
        _server = server;
        _folder = folder;
        _password = password;
        _logger = logger;
    }

    public int Port { get; private set; }

    /// <summary>Where the server keeps its files.</summary>
    public string ClusterFolder => _folder.ClusterFolder;

    /// <summary>Whether the start found a server that a killed process had left behind, and uses it.</summary>
    public bool Adopted { get; private set; }

    /// <summary>Starts the server, making its cluster first if the data folder holds none.</summary>
    /// <exception cref="EmbeddedServerMissingException">No server of a version that fits is installed.</exception>
    /// <exception cref="EmbeddedInfrastructureException">The folder is unusable or in use, or the server does not start.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, CancellationToken cancellationToken = default)
    {
        var logger = options.LoggerFactory.CreateLogger<EmbeddedPostgres>();
        var folder = PostgresFolder.Open(options.DataFolder);
        EmbeddedPostgres postgres;
        try
        {
            var server = await PrepareAsync(options, folder, logger, cancellationToken);
            postgres = new EmbeddedPostgres(server, folder, await OpenClusterAsync(server, folder, logger, cancellationToken), logger);
        }
        catch
        {
            folder.Dispose();
            throw;
        }

        try
        {
            await postgres.StartServerAsync(cancellationToken);
            AppDomain.CurrentDomain.ProcessExit += postgres.StopAtExit;
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>Deletes a data folder's database for good, stopping a server that a killed process left behind.</summary>
    /// <exception cref="EmbeddedInfrastructureException">The folder is not one of ours, or in use.</exception>
    public static async Task DeleteAsync(EmbeddedPostgresOptions options, CancellationToken cancellationToken = default)
    {
        if (!Directory.Exists(options.DataFolder) || !Directory.EnumerateFileSystemEntries(options.DataFolder).Any())
            return;

        if (!PostgresFolder.IsOurs(options.DataFolder))
            throw new EmbeddedInfrastructureException($"{options.DataFolder} is not a data folder of SignalFlow: nothing was deleted.");

        using var folder = PostgresFolder.Open(options.DataFolder);
        try
        {
            await folder.PlaceClusterAsync(ServerAccount.Current(), cancellationToken);
            if (folder.HasCluster && PostmasterPid.Read(folder.ClusterFolder)?.IsServerOf(folder.ClusterFolder) == true)
            {
                var server = await PrepareAsync(options, folder, options.LoggerFactory.CreateLogger<EmbeddedPostgres>(), cancellationToken);
                await server.StopAsync();
            }

            folder.DeleteContents();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw PostgresFolder.Unwritable(options.DataFolder, e);
        }
    }

    public string ConnectionString(string database) => Address(Port, database).ConnectionString;

    /// <summary>Makes a database if there is none of that name.</summary>
    public async Task CreateDatabaseAsync(string name, CancellationToken cancellationToken = default)
    {
        await using var connection = await ConnectAsync(Port, cancellationToken);
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = name } } };
        if (await exists.ExecuteScalarAsync(cancellationToken) is not null)
            return;

        var quoted = new NpgsqlCommandBuilder().QuoteIdentifier(name);
        await using var create = new NpgsqlCommand($"CREATE DATABASE {quoted}", connection);
        try
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DuplicateDatabase)
        {
            // Another one was faster.
        }
    }

    /// <summary>Starts the server again after <see cref="StopServerAsync"/>, on the same port if it is still free.</summary>
    public async Task StartServerAsync(CancellationToken cancellationToken = default)
    {
        if (_running)
            return;

        Adopted = await AdoptAsync(cancellationToken);
        if (!Adopted)
            await LaunchAsync(cancellationToken);

        _running = true;
        _folder.RememberPort(Port);
    }

    /// <summary>Takes the server away from its clients; data, port and password stay.</summary>
    public async Task StopServerAsync()
    {
        await _server.StopAsync();
        _running = false;
    }

    /// <summary>
    /// Ends all of the server's processes at once, as a power failure does: no checkpoint, no word to its clients. Data, port and password stay.
    /// </summary>
    public void KillServer()
    {
        _server.Kill();
        _running = false;
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= StopAtExit;
        try
        {
            await StopServerAsync();
        }
        catch (EmbeddedInfrastructureException e)
        {
            LogNotStopped(_logger, e);
        }
        finally
        {
            _folder.Dispose();
        }
    }

    /// <summary>Leaves everything as a killed process does: the server runs on, the lock is free.</summary>
    internal void Abandon()
    {
        AppDomain.CurrentDomain.ProcessExit -= StopAtExit;
        _folder.Dispose();
    }

    private static async Task<PostgresServer> PrepareAsync(
        EmbeddedPostgresOptions options, PostgresFolder folder, ILogger logger, CancellationToken cancellationToken)
    {
        var account = ServerAccount.Current();
        if (await folder.PlaceClusterAsync(account, cancellationToken))
            LogOutside(logger, folder.Path, account.Name, folder.ClusterFolder);

        var installed = await PostgresInstallation.FindAllAsync(options.SearchPath, cancellationToken);
        return new PostgresServer(PostgresInstallation.Choose(installed, folder), account, folder, options);
    }

    /// <returns>The password of the cluster, which is made first if there is none.</returns>
    private static async Task<string> OpenClusterAsync(
        PostgresServer server, PostgresFolder folder, ILogger logger, CancellationToken cancellationToken)
    {
        if (folder.HasCluster)
            return folder.ReadPassword();

        LogCreating(logger, folder.ClusterFolder);
        var password = folder.NewPassword();
        await server.CreateClusterAsync(password, cancellationToken);
        return password;
    }

    private async Task<bool> AdoptAsync(CancellationToken cancellationToken)
    {
        if (_server.Postmaster is not { } left)
            return false;

        if (!_server.IsRunning(left))
        {
            _server.ForgetPostmaster();
            return false;
        }

        if (_server.HasSettings(left.Port) && await AnswersAsync(left.Port, cancellationToken))
        {
            LogAdopted(_logger, left.ProcessId, left.Port);
            Port = left.Port;
            return true;
        }

        LogReplacing(_logger, left.ProcessId);
        await _server.StopAsync();
        return false;
    }

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        var port = _folder.RememberedPort is { } remembered && LoopbackPort.IsFree(remembered) ? remembered : LoopbackPort.Free();
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await _server.StartAsync(port) is not { } failure)
                break;

            // The port was taken in between, or the sessions of a crashed server are still ending.
            var passing = failure.Contains("could not bind", StringComparison.Ordinal) || failure.Contains("shared memory block", StringComparison.Ordinal);
            if (!passing || attempt == StartAttempts)
                throw new EmbeddedInfrastructureException($"The private PostgreSQL in {_folder.ClusterFolder} does not start:\n{failure}");

            await Task.Delay(StartRetryDelay, cancellationToken);
            port = LoopbackPort.Free();
        }

        Port = port;
        LogStarted(_logger, port);
    }

    private async Task<bool> AnswersAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await ConnectAsync(port, cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var address = Address(port, "postgres");
        address.Pooling = false;
        address.Timeout = 5;
        var connection = new NpgsqlConnection(address.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private NpgsqlConnectionStringBuilder Address(int port, string database) => new()
    {
        Host = "127.0.0.1",
        Port = port,
        Username = PostgresServer.SuperUser,
        Password = _password,
        Database = database,
        // Both would only cost round trips on the loopback interface.
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    };

    private void StopAtExit(object? sender, EventArgs e) => _server.StopNow();

    [LoggerMessage(LogLevel.Information, "Making a private PostgreSQL cluster in {Folder}")]
    private static partial void LogCreating(ILogger logger, string folder);

    [LoggerMessage(LogLevel.Information, "The user {Account}, as whom PostgreSQL runs, cannot enter {DataFolder}: its cluster is in {Folder}")]
    private static partial void LogOutside(ILogger logger, string dataFolder, string account, string folder);

    [LoggerMessage(LogLevel.Information, "PostgreSQL listens on 127.0.0.1:{Port}")]
    private static partial void LogStarted(ILogger logger, int port);

    [LoggerMessage(LogLevel.Information, "Using the PostgreSQL that an earlier run left behind (process {ProcessId}, port {Port})")]
    private static partial void LogAdopted(ILogger logger, int processId, int port);

    [LoggerMessage(LogLevel.Information, "Replacing the PostgreSQL that an earlier run left behind (process {ProcessId})")]
    private static partial void LogReplacing(ILogger logger, int processId);

    [LoggerMessage(LogLevel.Warning, "The private PostgreSQL was not stopped")]
    private static partial void LogNotStopped(ILogger logger, Exception exception);
}
