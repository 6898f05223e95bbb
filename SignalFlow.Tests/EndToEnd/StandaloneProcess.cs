using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using SignalFlow.Embedded;
using SignalFlow.Embedded.Postgres;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.EndToEnd;

/// <summary>
/// The real program as a child process on a data folder of its own, started, stopped, killed and started again. However a test ends,
/// neither it nor its PostgreSQL outlives it.
/// </summary>
internal sealed partial class StandaloneProcess : IAsyncDisposable
{
    private const int SigInt = 2;
    private const int SigTerm = 15;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly List<PosixSignalRegistration> _endOfTests;
    private Process? _process;
    private HttpClient? _client;

    public StandaloneProcess()
    {
        DataFolder = Path.Combine(_folder.Path, "data");
        // The end of the tests by a signal runs neither Dispose nor ProcessExit.
        _endOfTests = [.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGHUP }
            .Select(signal => PosixSignalRegistration.Create(signal, _ => StopWithTests()))];
    }

    /// <summary>Set it before the start to try a folder that cannot be one.</summary>
    public string DataFolder { get; set; }

    /// <summary>Set it before the start to give the program variables of its environment.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    public Uri BaseAddress => HttpClient.BaseAddress!;

    public HttpClient HttpClient => _client ?? throw new InvalidOperationException("The program has not printed its address yet.");

    /// <summary>What the present process has written to its standard output.</summary>
    public string Output => Text(_output);

    public string Errors => Text(_errors);

    /// <summary>When the banner of the present process was read.</summary>
    public DateTimeOffset StartedAt { get; private set; }

    /// <summary>The PostgreSQL of the data folder, running or dead; null after an orderly stop.</summary>
    public PostmasterPid? Postmaster => PostmasterPid.Read(ClusterFolder);

    private string ClusterFolder => Path.Combine(DataFolder, "postgres", "cluster");

    /// <summary>Whether the server is up and works on this data folder.</summary>
    public bool IsRunning(PostmasterPid postmaster) => postmaster.IsServerOf(ClusterFolder);

    /// <summary>A file beside the data folder.</summary>
    public string WriteFile(string name, IEnumerable<string> lines)
    {
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllLines(path, lines);
        return path;
    }

    /// <summary>Starts the program and waits for its banner.</summary>
    public async Task StartAsync(params string[] arguments)
    {
        Launch(["--port", "0", .. arguments]);
        var process = _process!;
        await Eventually.TrueAsync(() => Task.FromResult(Address().IsMatch(Output) || process.HasExited), Patience);
        if (Address().Match(Output) is not { Success: true } address)
            throw new InvalidOperationException($"Standalone ended with code {process.ExitCode} before its banner:\n{Output}\n{Errors}");

        StartedAt = TimeProvider.System.GetUtcNow();
        _client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(address.Value) };
    }

    /// <summary>Starts the program with these arguments and waits until it gives up.</summary>
    public async Task<int> RunToEndAsync(params string[] arguments)
    {
        Launch(arguments);
        return await WaitForExitAsync();
    }

    public async Task<int> StopAsync(PosixSignal signal = PosixSignal.SIGTERM)
    {
        Send(signal switch
        {
            PosixSignal.SIGTERM => SigTerm,
            PosixSignal.SIGINT => SigInt,
            _ => throw new ArgumentOutOfRangeException(nameof(signal)),
        });
        return await WaitForExitAsync();
    }

    /// <summary>As an OOM killer or a power cut ends it: no code of the program runs any more.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await WaitForExitAsync();
    }

    public async Task<int> WaitForExitAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        await _process!.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, Func<NpgsqlDataReader, T> row, params object[] parameters)
    {
        await using var connection = new NpgsqlConnection(await ConnectionStringAsync());
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(new() { Value = parameter });
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            rows.Add(row(reader));
        return rows;
    }

    public async Task<long> CountAsync(string sql, params object[] parameters) =>
        (await QueryAsync(sql, reader => reader.GetInt64(0), parameters))[0];

    public async ValueTask DisposeAsync()
    {
        _endOfTests.ForEach(registration => registration.Dispose());
        _client?.Dispose();
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
            _process.Dispose();
            // Stops the server that a killed program leaves behind.
            if (Directory.Exists(DataFolder))
                await EmbeddedPostgres.DeleteAsync(new() { DataFolder = Path.Combine(DataFolder, "postgres") });
        }

        _folder.Dispose();
    }

    private void Launch(IReadOnlyList<string> arguments)
    {
        _process?.Dispose();
        _client?.Dispose();
        _client = null;
        Clear(_output);
        Clear(_errors);
        var start = new ProcessStartInfo("dotnet", [ProgramFile(), "--data", DataFolder, .. arguments])
        {
            // Not the checkout: the program must find its files by itself.
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        // Credentials of whoever runs the tests would turn the simulation off.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("REDDIT_", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in Variables)
            start.Environment[name] = value;

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Send(int signal)
    {
        if (Kill(_process!.Id, signal) != 0)
            throw new InvalidOperationException($"kill({_process.Id}, {signal}) failed: error {Marshal.GetLastPInvokeError()}.");
    }

    private async Task<string> ConnectionStringAsync()
    {
        var folder = Path.Combine(DataFolder, "postgres");
        return new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = int.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "port")), CultureInfo.InvariantCulture),
            Username = "signalflow",
            Password = (await File.ReadAllTextAsync(Path.Combine(folder, "password"))).Trim(),
            Database = "signalflow",
            Pooling = false,
        }.ConnectionString;
    }

    // Asked to stop rather than killed: nobody is left to stop its PostgreSQL.
    private void StopWithTests()
    {
        if (_process is { HasExited: false })
            Send(SigTerm);
    }

    /// <summary>The build of the same configuration beside the tests' own: <c>artifacts/bin/PROJECT/CONFIGURATION/</c>.</summary>
    private static string ProgramFile()
    {
        var tests = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(tests.Parent!.Parent!.FullName, "SignalFlow.Standalone", tests.Name, "SignalFlow.Standalone.dll");
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null)
            return;
        lock (text)
            text.Append(line).Append('\n');
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }

    private static void Clear(StringBuilder text)
    {
        lock (text)
            text.Clear();
    }

    [GeneratedRegex(@"http://localhost:\d+")]
    private static partial Regex Address();

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
