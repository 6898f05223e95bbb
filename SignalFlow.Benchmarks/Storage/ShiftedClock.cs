using System.Diagnostics;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>Goes on from an instant: data that was made yesterday is as fresh as on its first day.</summary>
internal sealed class ShiftedClock(DateTime start) : TimeProvider
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(start) + Stopwatch.GetElapsedTime(_started);
}
