using System.Runtime.InteropServices;

namespace SignalFlow.Processing;

/// <summary>Ctrl+C and SIGTERM as a token, for commands that end by themselves.</summary>
internal sealed class StopRequest : IDisposable
{
    /// <summary>The exit code of a command that was told to stop.</summary>
    public const int ExitCode = 130;

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _signals;

    public StopRequest() => _signals = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }
        .Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            // The first one asks; a second one ends the process at once.
            context.Cancel = !_stop.IsCancellationRequested;
            _stop.Cancel();
        }))];

    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
        _stop.Dispose();
    }
}
