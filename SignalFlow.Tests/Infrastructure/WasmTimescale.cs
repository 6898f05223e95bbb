using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace SignalFlow.Tests.Infrastructure;

/// <summary>TimescaleDB without an installation: the Node program in <c>Timescale/</c>, started by the first test that asks for it.</summary>
internal sealed class WasmTimescale : IAsyncDisposable
{
    /// <summary>Every database is a server of its own in memory, of some 200 MB.</summary>
    private const int MostDatabases = 4;

    private static readonly string Folder = Path.Combine(Checkout.Folder, "SignalFlow.Tests", "Timescale");

    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _requests = new();
    private readonly SemaphoreSlim _places = new(MostDatabases);
    private readonly Lazy<Process?> _program;
    private int _databases;

    public WasmTimescale() => _program = new Lazy<Process?>(Start);

    /// <param name="license">The value of <c>timescaledb.license</c>.</param>
    public async Task<StorageDatabase> CreateDatabaseAsync(string license)
    {
        var installed = Directory.Exists(Path.Combine(Folder, "node_modules"));
        Assert.SkipUnless(installed && _program.Value is not null,
            "TimescaleDB for tests needs Node.js 20 and its package: apt-get install nodejs npm && npm ci --prefix SignalFlow.Tests/Timescale");

        await _places.WaitAsync(TestContext.Current.CancellationToken);
        var id = $"{Interlocked.Increment(ref _databases)}";
        try
        {
            var port = await AskAsync("create", id, license);
            return new StorageDatabase(ConnectionString(port), () => DropAsync(id));
        }
        catch
        {
            _places.Release();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        if (_program is { IsValueCreated: true, Value: { } process })
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
        }

        _places.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string ConnectionString(string port) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = int.Parse(port, CultureInfo.InvariantCulture),
        Database = "template1",
        Username = "postgres",
        Password = "postgres",
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
        MaxPoolSize = 1,
        // It shares one thread with the other servers, and the processor with the other tests.
        Timeout = 120,
        CommandTimeout = 120,
    }.ConnectionString;

    private async ValueTask DropAsync(string id)
    {
        try
        {
            await AskAsync("drop", id);
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<string> AskAsync(string verb, string id, string rest = "")
    {
        var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests[id] = answer;
        lock (_requests)
        {
            _program.Value!.StandardInput.WriteLine($"{verb} {id} {rest}");
            _program.Value.StandardInput.Flush();
        }

        return await answer.Task.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
    }

    private Process? Start()
    {
        var start = new ProcessStartInfo("node", "serve.mjs")
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        try
        {
            var process = Process.Start(start)!;
            process.OutputDataReceived += (_, line) => Take(line.Data);
            process.BeginOutputReadLine();
            return process;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>"created 7 33445", "dropped 7", "failed 7 why"; null when the program has ended.</summary>
    private void Take(string? line)
    {
        if (line is null)
        {
            foreach (var open in _requests.Values)
                open.TrySetException(new InvalidOperationException($"{Folder}/serve.mjs has ended."));
            return;
        }

        var words = line.Split(' ', 3);
        if (words.Length < 2 || !_requests.TryRemove(words[1], out var request))
            return;
        if (words[0] == "failed")
            request.TrySetException(new InvalidOperationException(words[2]));
        else
            request.TrySetResult(words.Length > 2 ? words[2] : "");
    }
}
