using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>A service as a process that can be started again, stopped, halted and killed. Its log goes to a file.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private const int Term = 15;
    private const int Cont = 18;
    private const int Halt = 19;
    private const int MetricsAttempts = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly string _program;
    private readonly Dictionary<string, string> _environment;
    private readonly StreamWriter _log;
    private readonly HttpClient _http;
    private readonly Lock _lock = new();
    private Process? _process;
    private bool _isWanted;

    /// <param name="project">Whose build beside this one's is run.</param>
    /// <param name="environment">Added to that of this process.</param>
    /// <param name="address">Where it answers.</param>
    /// <param name="log">A file.</param>
    public ServiceProcess(string project, Dictionary<string, string> environment, Uri address, string log)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        _program = Path.Combine(own.Parent!.Parent!.FullName, project, own.Name, project + ".dll");
        _environment = environment;
        Address = address;
        _log = new(log, append: true) { AutoFlush = true };
        _http = new(new SocketsHttpHandler()) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(5) };
    }

    public Uri Address { get; }

    /// <summary>How often it did not end when it was told to, and was killed.</summary>
    public int ForcedStops { get; private set; }

    public long WorkingSet
    {
        get
        {
            lock (_lock)
            {
                if (_process is not { HasExited: false } process)
                    return 0;
                process.Refresh();
                return process.WorkingSet64;
            }
        }
    }

    /// <summary>Open files and sockets; 0 where that cannot be asked.</summary>
    public int Handles
    {
        get
        {
            lock (_lock)
            {
                return _process is { HasExited: false } process && Directory.Exists($"/proc/{process.Id}/fd")
                    ? Directory.EnumerateFileSystemEntries($"/proc/{process.Id}/fd").Count()
                    : 0;
            }
        }
    }

    public void Start()
    {
        lock (_lock)
        {
            _isWanted = true;
            StartProcess();
        }
    }

    /// <returns>The exit code of a process that nobody has ended; null: it runs, or is not wanted.</returns>
    public int? RestartIfEnded()
    {
        lock (_lock)
        {
            if (!_isWanted || _process is not { HasExited: true } ended)
                return null;
            var code = ended.ExitCode;
            ended.Dispose();
            StartProcess();
            return code;
        }
    }

    /// <summary>SIGKILL: nothing of the process runs after it.</summary>
    public Task KillAsync() => EndAsync(process => process.Kill());

    /// <summary>SIGTERM, and waits for its orderly end.</summary>
    public Task StopAsync() => EndAsync(process => Signal(process, Term));

    public void Freeze() => Signal(Halt);

    public void Thaw() => Signal(Cont);

    /// <exception cref="TimeoutException">It does not become healthy.</exception>
    public async Task HealthyAsync(CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        while (!await AnswersAsync("health", cancellationToken))
        {
            if (Stopwatch.GetElapsedTime(since) > Patience)
                throw new TimeoutException($"{Path.GetFileNameWithoutExtension(_program)} does not become healthy; its log is {((FileStream)_log.BaseStream).Name}.");
            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>Whether it answers a path with success.</summary>
    public async Task<bool> AnswersAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException
            || exception is TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>What it tells Prometheus. Asks again where a busy machine keeps it from answering: hours of a run may hang on it.</summary>
    /// <exception cref="HttpRequestException">It does not answer.</exception>
    public async Task<string> MetricsAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await _http.GetStringAsync(new Uri("metrics", UriKind.Relative), cancellationToken);
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException
                && attempt < MetricsAttempts && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(100, cancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _http.Dispose();
        await _log.DisposeAsync();
    }

    private async Task EndAsync(Action<Process> end)
    {
        Process? process;
        lock (_lock)
        {
            _isWanted = false;
            process = _process;
        }

        if (process is null)
            return;
        if (!process.HasExited)
        {
            end(process);
            using var limit = new CancellationTokenSource(Patience);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!process.HasExited)
            {
                ForcedStops++;
                process.Kill();
            }
        }

        lock (_lock)
        {
            process.Dispose();
            _process = null;
        }
    }

    private void StartProcess()
    {
        var start = new ProcessStartInfo("dotnet", [_program])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(_program),
        };
        foreach (var (key, value) in _environment)
            start.Environment[key] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_log)
            _log.WriteLine(line);
    }

    private void Signal(int number)
    {
        lock (_lock)
        {
            if (_process is { HasExited: false } process)
                Signal(process, number);
        }
    }

    private static void Signal(Process process, int number)
    {
        if (Kill(process.Id, number) != 0)
            throw new InvalidOperationException($"kill({process.Id}, {number}) failed: error {Marshal.GetLastPInvokeError()}.");
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
