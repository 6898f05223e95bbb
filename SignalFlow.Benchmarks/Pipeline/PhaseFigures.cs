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

/// <summary>Of durations in seconds, told in milliseconds.</summary>
internal sealed class Percentiles(IEnumerable<double> seconds)
{
    private readonly double[] _sorted = [.. seconds.Order()];

    public double P50 => At(0.50);
    public double P95 => At(0.95);
    public double P99 => At(0.99);

    private double At(double share) => _sorted.Length == 0 ? 0 : _sorted[Math.Min(_sorted.Length - 1, (int)(share * _sorted.Length))] * 1e3;
}
