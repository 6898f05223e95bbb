namespace SignalFlow.RedditSimulator.World;

/// <summary>
/// Simulated time: what has passed since the world's start, a piecewise linear function of real time. Each run of the process adds
/// one segment; between segments the world stands still.
/// </summary>
/// <remarks>
/// With a <see cref="ClockFile"/> the world runs on a lease: it never passes an instant that is not on disk yet, and the next run
/// begins where the last lease ended. So a process killed at any moment has served nothing that the next one does not have.
/// Invariant: segments ascend in simulated time, and each begins where the one before it ends.
/// </remarks>
internal sealed class WorldClock
{
    /// <summary>How far ahead of now a lease reaches.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    /// <summary>A real clock that went back further than this was set back: the lease of the last run is not waited for.</summary>
    private static readonly TimeSpan ClockWasSetBack = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly ClockFile? _file;
    private readonly Lock _lock = new();
    private ClockSegment[] _segments;
    private long _latest = long.MinValue;
    private bool _begun;

    /// <param name="time">The real time.</param>
    /// <param name="speed">Simulated seconds per real second.</param>
    /// <param name="file">What is kept of earlier runs, and of this one.</param>
    /// <param name="whenLookedAt">
    /// The world stands still until <see cref="Begin"/>, so that no post is created while whoever is to find it still starts.
    /// </param>
    public WorldClock(TimeProvider time, double speed, ClockFile? file = null, bool whenLookedAt = false)
    {
        _time = time;
        _file = file;
        var past = file?.Segments ?? [];
        var start = StartAfter(past);
        _segments = [.. past, new ClockSegment(start, start, past is [.., var last] ? last.SimulatedEnd : TimeSpan.Zero, speed)];
        if (!whenLookedAt)
            Begin();
    }

    /// <summary>Lets the world go on, from now or from the end of the last run's lease; later calls do nothing.</summary>
    public void Begin()
    {
        if (Volatile.Read(ref _begun))
            return;
        lock (_lock)
        {
            if (_begun)
                return;
            var segments = _segments.ToArray();
            var start = StartAfter(segments[..^1]);
            segments[^1] = segments[^1] with { RealStart = start, RealEnd = _file is null ? DateTimeOffset.MaxValue : start };
            Volatile.Write(ref _segments, segments);
            Volatile.Write(ref _begun, true);
        }

        ExtendLease();
    }

    /// <summary>Whether the world runs on a lease.</summary>
    public bool IsKept => _file is not null;

    /// <summary>Simulated time since the world's start; never goes back.</summary>
    public TimeSpan Now
    {
        get
        {
            var simulated = SimulatedAt(_time.GetUtcNow()).Ticks;
            for (var latest = Interlocked.Read(ref _latest); ;)
            {
                if (simulated <= latest)
                    return TimeSpan.FromTicks(latest);

                var seen = Interlocked.CompareExchange(ref _latest, simulated, latest);
                if (seen == latest)
                    return TimeSpan.FromTicks(simulated);

                latest = seen;
            }
        }
    }

    /// <summary>The real time at which a simulated instant was or will be reached; before the world's start at the first run's speed.</summary>
    public DateTimeOffset RealTimeOf(TimeSpan simulated)
    {
        var segments = Volatile.Read(ref _segments);
        var i = segments.Length - 1;
        while (i > 0 && segments[i].SimulatedStart >= simulated)
            i--;

        return segments[i].RealAt(simulated);
    }

    /// <summary>Moves the end of the world's lease to now + <see cref="Lease"/>: on disk first, then in effect.</summary>
    public void ExtendLease() => EndLeaseAt(_time.GetUtcNow() + Lease);

    /// <summary>Ends the lease now: the next run begins at this instant. For an orderly stop.</summary>
    public void ReleaseLease() => EndLeaseAt(_time.GetUtcNow());

    private DateTimeOffset StartAfter(IReadOnlyList<ClockSegment> past)
    {
        var now = _time.GetUtcNow();
        return past is [.., var last] && last.RealEnd > now && last.RealEnd - now < ClockWasSetBack ? last.RealEnd : now;
    }

    private void EndLeaseAt(DateTimeOffset end)
    {
        if (_file is null || !Volatile.Read(ref _begun))
            return;

        lock (_lock)
        {
            var current = _segments[^1];
            // What was served stays within the lease even when the real clock goes back.
            var served = current.RealAt(TimeSpan.FromTicks(Math.Max(current.SimulatedStart.Ticks, Interlocked.Read(ref _latest))));
            var extended = _segments.ToArray();
            extended[^1] = current with { RealEnd = end > served ? end : served };
            _file.Write(extended);
            Volatile.Write(ref _segments, extended);
        }
    }

    private TimeSpan SimulatedAt(DateTimeOffset real)
    {
        var segments = Volatile.Read(ref _segments);
        var i = segments.Length - 1;
        // Just after a quick restart the last lease still runs: the current segment begins only where it ends.
        while (i > 0 && segments[i].RealStart > real)
            i--;

        return segments[i].SimulatedAt(real);
    }
}
