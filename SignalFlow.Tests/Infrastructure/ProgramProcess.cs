using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace SignalFlow.Tests.Infrastructure;

/// <summary>A program of this repository, or a script, as a child process: what it says, how it ends. It does not outlive the test.</summary>
internal sealed class ProgramProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Process _process;

    private ProgramProcess(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.StandardOutputEncoding = Encoding.UTF8;
        start.StandardErrorEncoding = Encoding.UTF8;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output => Text(_output);

    public string Errors => Text(_errors);

    public bool HasExited => _process.HasExited;

    /// <summary>Starts the build of <paramref name="project"/> that lies beside the tests' own: <c>artifacts/bin/PROJECT/CONFIGURATION/</c>.</summary>
    /// <param name="project">The name of the project.</param>
    /// <param name="arguments">Of the command line.</param>
    /// <param name="environment">Added to that of the tests, from which credentials are taken.</param>
    /// <param name="workingDirectory">Not the checkout, as a rule: a program must find its files by itself.</param>
    public static ProgramProcess Start(
        string project, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? workingDirectory = null)
    {
        var tests = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.Combine(tests.Parent!.Parent!.FullName, project, tests.Name, project + ".dll");
        // A shell lets what it runs in the background ignore SIGINT, and so would every child: the program must hear it all the same.
        var start = OperatingSystem.IsLinux()
            ? new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", program, .. arguments])
            : new ProcessStartInfo("dotnet", [program, .. arguments]);
        start.WorkingDirectory = workingDirectory ?? Path.GetTempPath();
        // Credentials of whoever runs the tests would turn the simulation off.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("REDDIT_", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        return Start(start, environment);
    }

    /// <summary>Starts a command that is on the path.</summary>
    public static ProgramProcess StartCommand(string command, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        Start(new(command, arguments), environment);

    public void Signal(PosixSignal signal)
    {
        var number = signal switch
        {
            PosixSignal.SIGINT => 2,
            PosixSignal.SIGTERM => 15,
            _ => throw new ArgumentOutOfRangeException(nameof(signal)),
        };
        if (Kill(_process.Id, number) != 0)
            throw new InvalidOperationException($"kill({_process.Id}, {number}) failed: error {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>As an OOM killer or a power cut ends it: no code of the program runs any more.</summary>
    public void Kill() => _process.Kill();

    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private static ProgramProcess Start(ProcessStartInfo start, IReadOnlyDictionary<string, string>? environment)
    {
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return new(start);
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

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
