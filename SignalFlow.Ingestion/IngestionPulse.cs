namespace SignalFlow.Ingestion;

/// <summary>What health checks ask: whether the loop of requests turns, and whether this instance polls at all.</summary>
internal sealed class IngestionPulse
{
    private long _lastTurnTicks;
    private volatile string? _holder;

    /// <summary>How often a loop that may not ask looks whether it may again.</summary>
    public TimeSpan StandbyCheck { get; } = TimeSpan.FromSeconds(1);

    /// <summary>When the loop last turned; null: it has not started, or stands by.</summary>
    public DateTimeOffset? LastTurnAt =>
        Volatile.Read(ref _lastTurnTicks) is var ticks and > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>The instance that polls this shard instead; null: this one does.</summary>
    public string? Holder => _holder;

    public void Beat(DateTimeOffset now) => Volatile.Write(ref _lastTurnTicks, now.UtcTicks);

    public void StandBy(string holder)
    {
        _holder = holder;
        Volatile.Write(ref _lastTurnTicks, 0);
    }

    public void Begin() => _holder = null;
}
