using System.Diagnostics;
using System.Globalization;

namespace SignalFlow.Embedded.Postgres;

/// <summary>A private cluster and the programs that make, start and stop its server.</summary>
internal sealed class PostgresServer(
    PostgresInstallation installation, ServerAccount account, PostgresFolder folder, EmbeddedPostgresOptions options)
{
    public const string SuperUser = "signalflow";

    private const string SettingsName = "signalflow.conf";
    private const int StartTimeoutSeconds = 60;
    private const int FastStopTimeoutSeconds = 15;
    private const int ImmediateStopTimeoutSeconds = 10;
    private const int LogTailLines = 12;
    private const long LargestLog = 4 << 20;
    private const long SpaceForNewCluster = 256L << 20;

    public PostmasterPid? Postmaster => PostmasterPid.Read(folder.ClusterFolder);

    private string LogFile => InCluster("server.log");
    private string SettingsFile => InCluster(SettingsName);

    /// <summary>Makes the cluster under another name first, so that an interrupted start leaves none that looks whole.</summary>
    public async Task CreateClusterAsync(string password, CancellationToken cancellationToken)
    {
        var target = folder.NewClusterFolder;
        var passwordFile = target + ".password";
        try
        {
            RequireSpace(Path.GetDirectoryName(target)!);
            if (Directory.Exists(target))
                Directory.Delete(target, recursive: true);
            Directory.CreateDirectory(target);
            await account.OwnAsync(target, cancellationToken);
            PostgresFolder.WritePrivate(passwordFile, password);
            await account.OwnAsync(passwordFile, cancellationToken);

            var result = await Command.RunAsync(account.Wrap(InitDbCommand(target, passwordFile)), cancellationToken);
            if (!result.Succeeded)
                throw new EmbeddedInfrastructureException($"PostgreSQL's initdb could not make a cluster in {target}: {result.Output}");

            await File.AppendAllTextAsync(Path.Combine(target, "postgresql.conf"), $"\ninclude = '{SettingsName}'\n", cancellationToken);
            Directory.Move(target, folder.ClusterFolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw PostgresFolder.Unwritable(folder.Path, e);
        }
        finally
        {
            File.Delete(passwordFile);
        }
    }

    /// <summary>Starts the server and waits until it answers. Not cancellable, but bounded: a killed pg_ctl would leave the server behind.</summary>
    /// <returns>Null, or why the server did not start.</returns>
    public async Task<string?> StartAsync(int port)
    {
        long logStart;
        try
        {
            await File.WriteAllTextAsync(SettingsFile, Settings(port), CancellationToken.None);
            await account.OwnAsync(SettingsFile, CancellationToken.None);
            logStart = PrepareLog();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }

        var result = await Command.RunAsync(
            PgCtl("start", "-s", "-w", "-t", Invariant(StartTimeoutSeconds), "-l", LogFile), CancellationToken.None);
        return result.Succeeded ? null : $"{result.Output}\n{LogTail(logStart)}".Trim();
    }

    /// <summary>Ends all sessions and stops the server; one that does not obey in time is stopped without a checkpoint.</summary>
    public async Task StopAsync()
    {
        if (Postmaster is null)
            return;

        var result = await Command.RunAsync(StopCommand("fast", FastStopTimeoutSeconds), CancellationToken.None);
        if (!result.Succeeded && Postmaster is not null)
            result = await Command.RunAsync(StopCommand("immediate", ImmediateStopTimeoutSeconds), CancellationToken.None);

        if (!result.Succeeded && Postmaster is { } left)
            throw new EmbeddedInfrastructureException($"PostgreSQL (process {left.ProcessId}) did not stop: {result.Output}");
    }

    /// <summary>The last resort of a process that ends without having stopped its server.</summary>
    public void StopNow()
    {
        if (Postmaster is not null)
            Command.RunAndWait(StopCommand("fast", FastStopTimeoutSeconds), TimeSpan.FromSeconds(FastStopTimeoutSeconds));
    }

    /// <summary>SIGKILL to the postmaster and its children.</summary>
    public void Kill()
    {
        if (Postmaster is not { } left || !IsRunning(left))
            return;
        using (var postmaster = Process.GetProcessById(left.ProcessId))
            postmaster.Kill(entireProcessTree: true);
        // Not by waiting for the process: nobody may have taken note of the end of one that is not our child.
        SpinWait.SpinUntil(() => !IsRunning(left), TimeSpan.FromSeconds(ImmediateStopTimeoutSeconds));
    }

    public bool IsRunning(PostmasterPid postmaster) => postmaster.IsServerOf(folder.ClusterFolder);

    public bool HasSettings(int port) => File.Exists(SettingsFile) && File.ReadAllText(SettingsFile) == Settings(port);

    public void ForgetPostmaster() => PostmasterPid.Forget(folder.ClusterFolder);

    private string Settings(int port) => string.Create(CultureInfo.InvariantCulture, $"""
        # Written at every start of the server.
        listen_addresses = '127.0.0.1'
        port = {port}
        unix_socket_directories = ''
        password_encryption = 'scram-sha-256'
        max_connections = {options.MaxConnections}
        shared_buffers = '128MB'
        max_wal_size = '512MB'
        jit = off
        timezone = 'UTC'
        log_timezone = 'UTC'
        log_checkpoints = off
        fsync = {OnOff(options.Durable)}
        synchronous_commit = {OnOff(options.Durable)}
        full_page_writes = {OnOff(options.Durable)}

        """);

    private List<string> InitDbCommand(string target, string passwordFile)
    {
        List<string> command =
        [
            installation.InitDb, "-D", target, "-U", SuperUser, "-A", "scram-sha-256", $"--pwfile={passwordFile}", "-E", "UTF8", "--locale=C",
        ];
        // Bytewise order as in C, but upper and lower case of all of Unicode, where the server or the C library brings that.
        if (installation.MajorVersion >= 17)
            command.AddRange(["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]);
        else if (OperatingSystem.IsLinux())
            command.Add("--lc-ctype=C.UTF-8");

        if (!options.Durable)
            command.Add("--no-sync");
        return command;
    }

    private static void RequireSpace(string parent)
    {
        var free = new DriveInfo(parent).AvailableFreeSpace;
        if (free < SpaceForNewCluster)
        {
            throw new EmbeddedInfrastructureException(
                $"The disk of {parent} has only {free >> 20} MB free; a new database needs {SpaceForNewCluster >> 20} MB. "
                + "Free some, or choose another folder with --data.");
        }
    }

    /// <returns>Where in the log the next start begins.</returns>
    private long PrepareLog()
    {
        var log = new FileInfo(LogFile);
        if (!log.Exists)
            return 0;

        if (log.Length <= LargestLog)
            return log.Length;

        log.Delete();
        return 0;
    }

    private string LogTail(long from)
    {
        if (!File.Exists(LogFile))
            return "";

        using var stream = new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = Math.Min(from, stream.Length);
        using var reader = new StreamReader(stream);
        return string.Join('\n', reader.ReadToEnd().TrimEnd().Split('\n').TakeLast(LogTailLines));
    }

    private IReadOnlyList<string> StopCommand(string mode, int seconds) => PgCtl("stop", "-s", "-w", "-m", mode, "-t", Invariant(seconds));

    private IReadOnlyList<string> PgCtl(params ReadOnlySpan<string> arguments) =>
        account.Wrap([installation.PgCtl, .. arguments, "-D", folder.ClusterFolder]);

    private string InCluster(string name) => Path.Combine(folder.ClusterFolder, name);

    private static string OnOff(bool value) => value ? "on" : "off";

    private static string Invariant(int value) => value.ToString(CultureInfo.InvariantCulture);
}
