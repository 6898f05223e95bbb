using System.Diagnostics;
using System.Globalization;

namespace SignalFlow.Benchmarks.Crash;

/// <summary>What a processing service needs to be told.</summary>
internal sealed record ProcessingSettings
{
    public required string Kafka { get; init; }
    public required string Redis { get; init; }
    public required string Database { get; init; }
    public required int Consumers { get; init; }
    public required int BatchSize { get; init; }

    /// <summary>The broker keeps a dead member's partitions that long.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(3);

    public IEnumerable<(string Key, string Value)> Values =>
    [
        ("ConnectionStrings:kafka", Kafka),
        ("ConnectionStrings:redis", Redis),
        ("ConnectionStrings:signalflow", Database),
        ("Processing:Consumers", Consumers.ToString(CultureInfo.InvariantCulture)),
        ("Processing:BatchSize", BatchSize.ToString(CultureInfo.InvariantCulture)),
        ("Kafka:SessionTimeout", SessionTimeout.ToString("c", CultureInfo.InvariantCulture)),
    ];
}

/// <summary>The service itself, in a process of its own, so that it can be killed.</summary>
internal sealed class ProcessingProcess : IDisposable
{
    private const int KeptLines = 200;

    private readonly Process _process;
    private readonly Queue<string> _output = [];

    private ProcessingProcess(Process process) => _process = process;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>The last lines of its log.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return string.Join(Environment.NewLine, _output);
        }
    }

    public static ProcessingProcess Start(ProcessingSettings settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "SignalFlow.Processing.dll")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
                ["Logging__LogLevel__Default"] = "Warning",
            },
        };
        foreach (var (key, value) in settings.Values)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        var process = new ProcessingProcess(Process.Start(start)!);
        process._process.OutputDataReceived += (_, line) => process.Keep(line.Data);
        process._process.ErrorDataReceived += (_, line) => process.Keep(line.Data);
        process._process.BeginOutputReadLine();
        process._process.BeginErrorReadLine();
        return process;
    }

    /// <summary>SIGKILL: nothing of the process runs after it.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_output)
        {
            _output.Enqueue(line);
            if (_output.Count > KeptLines)
                _output.Dequeue();
        }
    }
}
