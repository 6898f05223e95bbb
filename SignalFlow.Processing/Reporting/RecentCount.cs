namespace SignalFlow.Processing.Reporting;

/// <summary>How many there were lately. Written by the consumers' threads, read by the reporter.</summary>
/// <param name="bucket">How exactly the end of "lately" is kept.</param>
/// <param name="buckets">How many of them are lately.</param>
/// <param name="time">The clock.</param>
internal sealed class RecentCount(TimeSpan bucket, int buckets, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[buckets];
    private readonly long _started = time.GetTimestamp();
    private long _newest;

    /// <summary>A minute, by seconds.</summary>
    public static RecentCount OfMinute(TimeProvider time) => new(TimeSpan.FromSeconds(1), 60, time);

    /// <summary>An hour, by minutes.</summary>
    public static RecentCount OfHour(TimeProvider time) => new(TimeSpan.FromMinutes(1), 60, time);

    public long Sum
    {
        get
        {
            lock (_lock)
            {
                Advance();
                return _counts.Sum();
            }
        }
    }

    /// <summary>Over all the buckets, or since the beginning where that is less; at least a second, lest the first records look like thousands.</summary>
    public double PerSecond
    {
        get
        {
            var covered = Math.Clamp(time.GetElapsedTime(_started).TotalSeconds, 1, (bucket * buckets).TotalSeconds);
            return Sum / covered;
        }
    }

    public void Add(long count)
    {
        lock (_lock)
        {
            Advance();
            _counts[_newest % buckets] += count;
        }
    }

    private void Advance()
    {
        var now = (long)(time.GetElapsedTime(_started) / bucket);
        if (now - _newest >= buckets)
            Array.Clear(_counts);
        for (var passed = Math.Max(_newest + 1, now - buckets + 1); passed <= now; passed++)
            _counts[passed % buckets] = 0;
        _newest = now;
    }
}
