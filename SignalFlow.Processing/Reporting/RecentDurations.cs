using SignalFlow.Storage.Pipeline;

namespace SignalFlow.Processing.Reporting;

/// <summary>The times of the last minute, for their quantiles.</summary>
internal sealed class RecentDurations(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // More than 68 a second: the newest tell enough.
    private const int Most = 4_096;

    private readonly Lock _lock = new();
    private readonly Queue<(long At, double Milliseconds)> _recent = new();

    public void Add(TimeSpan elapsed)
    {
        lock (_lock)
        {
            _recent.Enqueue((time.GetTimestamp(), elapsed.TotalMilliseconds));
            if (_recent.Count > Most)
                _recent.Dequeue();
        }
    }

    /// <returns>Null: there was none.</returns>
    public FlushTimes? Quantiles()
    {
        double[] sorted;
        lock (_lock)
        {
            while (_recent.TryPeek(out var oldest) && time.GetElapsedTime(oldest.At) > Window)
                _recent.Dequeue();
            sorted = [.. _recent.Select(duration => duration.Milliseconds)];
        }

        if (sorted.Length == 0)
            return null;
        Array.Sort(sorted);
        return new(Rank(sorted, 0.5), Rank(sorted, 0.95), Rank(sorted, 0.99));
    }

    /// <summary>The nearest rank: a time that was measured, not one between two.</summary>
    private static double Rank(double[] sorted, double quantile) => sorted[(int)Math.Ceiling(quantile * sorted.Length) - 1];
}
