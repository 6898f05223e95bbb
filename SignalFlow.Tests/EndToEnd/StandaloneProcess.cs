using System.Globalization;
using System.Runtime.InteropServices;
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
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private readonly List<PosixSignalRegistration> _endOfTests;
    private ProgramProcess? _process;
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
    public string Output => _process!.Output;

    public string Errors => _process!.Errors;

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
        await LaunchAsync(arguments.Contains("--port") ? arguments : ["--port", "0", .. arguments]);
        var process = _process!;
        await Eventually.TrueAsync(() => Task.FromResult(Address().IsMatch(Output) || process.HasExited), Patience);
        if (Address().Match(Output) is not { Success: true } address)
            throw new InvalidOperationException($"Standalone ended with code {await process.WaitForExitAsync()} before its banner:\n{Output}\n{Errors}");

        StartedAt = TimeProvider.System.GetUtcNow();
        _client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(address.Value) };
    }

    /// <summary>Starts the program with these arguments and waits until it gives up.</summary>
    public async Task<int> RunToEndAsync(params string[] arguments)
    {
        await LaunchAsync(arguments);
        return await WaitForExitAsync();
    }

    public async Task<int> StopAsync(PosixSignal signal = PosixSignal.SIGTERM)
    {
        _process!.Signal(signal);
        return await WaitForExitAsync();
    }

    /// <summary>As an OOM killer or a power cut ends it: no code of the program runs any more.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await WaitForExitAsync();
    }

    public async Task<string> AdminPasswordAsync() => (await File.ReadAllTextAsync(Path.Combine(DataFolder, "admin-password"))).Trim();

    public Task<int> WaitForExitAsync() => _process!.WaitForExitAsync();

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
            await _process.DisposeAsync();
            // Stops the server that a killed program leaves behind.
            if (Directory.Exists(DataFolder))
                await EmbeddedPostgres.DeleteAsync(new() { DataFolder = Path.Combine(DataFolder, "postgres") });
        }

        _folder.Dispose();
    }

    private async Task LaunchAsync(IReadOnlyList<string> arguments)
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _client?.Dispose();
        _client = null;
        _process = ProgramProcess.Start("SignalFlow.Standalone", ["--data", DataFolder, .. arguments], Variables, _folder.Path);
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
            _process.Signal(PosixSignal.SIGTERM);
    }

    [GeneratedRegex(@"http://localhost:\d+")]
    private static partial Regex Address();
}
