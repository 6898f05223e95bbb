using System.Globalization;

namespace SignalFlow.Benchmarks.Soak;

/// <summary>The histogram of flushes, as the processes report it.</summary>
internal sealed class FlushTimes
{
    private const string Bucket = "reddit_processor_batch_flush_seconds_bucket{";

    // Upper bound in seconds, flushes up to there.
    private readonly SortedDictionary<double, double> _counts = [];

    /// <summary>Adds what one process says on <c>/metrics</c>.</summary>
    public void Add(string metrics)
    {
        foreach (var line in metrics.Split('\n'))
        {
            if (!line.StartsWith(Bucket, StringComparison.Ordinal))
                continue;
            var from = line.IndexOf("le=\"", StringComparison.Ordinal) + 4;
            var bound = line[from..line.IndexOf('"', from)];
            var parts = line[(line.IndexOf('}', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var upTo = bound == "+Inf" ? double.PositiveInfinity : double.Parse(bound, CultureInfo.InvariantCulture);
            _counts[upTo] = _counts.GetValueOrDefault(upTo) + double.Parse(parts[0], CultureInfo.InvariantCulture);
        }
    }

    /// <summary>A quantile of the flushes since <paramref name="before"/>, as Prometheus computes it: linear within a bucket. Seconds.</summary>
    public double Quantile(double quantile, FlushTimes before)
    {
        var (lower, below) = (0.0, 0.0);
        var all = _counts.Count == 0 ? 0 : _counts.Last().Value - before._counts.GetValueOrDefault(double.PositiveInfinity);
        foreach (var (bound, count) in _counts)
        {
            var here = count - before._counts.GetValueOrDefault(bound);
            if (here >= quantile * all && here > below)
                return double.IsInfinity(bound) ? lower : lower + (bound - lower) * (quantile * all - below) / (here - below);
            (lower, below) = (bound, here);
        }

        return double.NaN;
    }
}
