namespace SignalFlow.Ingestion.Planning;

/// <summary>Exponential back-off with equal jitter: half of the delay is certain, half is drawn.</summary>
/// <param name="First">The longest delay after the first failure.</param>
/// <param name="Longest">No delay exceeds this.</param>
internal readonly record struct Backoff(TimeSpan First, TimeSpan Longest)
{
    /// <param name="failures">Failures in a row, at least 1.</param>
    /// <param name="jitter">Drawn from [0, 1).</param>
    public TimeSpan Delay(int failures, double jitter)
    {
        // Beyond 2^30 every delay is the longest one; more would overflow.
        var ceiling = Math.Min(Longest.Ticks, First.Ticks * Math.Pow(2, Math.Clamp(failures - 1, 0, 30)));
        return TimeSpan.FromTicks((long)(ceiling * (0.5 + jitter / 2)));
    }
}
