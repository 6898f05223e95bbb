namespace SignalFlow.Benchmarks.Pipeline;

internal sealed record PhaseFigures
{
    public required double MessagesPerSecond { get; init; }
    public required Percentiles Flushes { get; init; }

    /// <summary>Microseconds of the measured process.</summary>
    public double CpuPerMessage { get; init; }

    /// <summary>Bytes.</summary>
    public double AllocatedPerMessage { get; init; }

    /// <summary>Bytes.</summary>
    public long PeakRss { get; init; }
}

/// <summary>Milliseconds.</summary>
internal sealed record Percentiles(double P50, double P95, double P99)
{
    public static Percentiles Of(IEnumerable<double> seconds)
    {
        double[] sorted = [.. seconds.Order()];
        return new(At(0.50), At(0.95), At(0.99));

        double At(double share) => sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))] * 1e3;
    }
}
