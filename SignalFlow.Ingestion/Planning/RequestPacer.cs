using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Ingestion.Planning;

/// <summary>
/// When the next request may be sent: evenly spread, never more than the quota in any minute, slower when Reddit's headers say that
/// less is left, not at all while a pause lasts.
/// </summary>
/// <param name="spacing">Between two requests, when the whole quota is ours.</param>
internal sealed class RequestPacer(TimeSpan spacing)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Queue<DateTimeOffset> _lastMinute = new();
    private TimeSpan _wider;
    private DateTimeOffset _widerUntil = DateTimeOffset.MinValue;
    private DateTimeOffset _lastSent = DateTimeOffset.MinValue;

    public DateTimeOffset PausedUntil { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>What Reddit's last answer said of the window; null: nothing yet.</summary>
    public RateLimit? Limit { get; private set; }

    /// <summary>When the window that <see cref="Limit"/> tells of ends.</summary>
    public DateTimeOffset LimitResetAt { get; private set; }

    /// <summary>No request may be sent before.</summary>
    public DateTimeOffset NextSlot(DateTimeOffset now)
    {
        var slot = _lastSent == DateTimeOffset.MinValue ? now : _lastSent + Spacing(now);
        return slot > PausedUntil ? slot : PausedUntil;
    }

    /// <summary>The clock was set back.</summary>
    public void StepBack(TimeSpan by)
    {
        (_lastSent, PausedUntil) = (_lastSent.Back(by), PausedUntil.Back(by));
        (_widerUntil, LimitResetAt) = (_widerUntil.Back(by), LimitResetAt.Back(by));
        for (var sent = _lastMinute.Count; sent > 0; sent--)
            _lastMinute.Enqueue(_lastMinute.Dequeue().Back(by));
    }

    public bool IsPaused(DateTimeOffset now) => now < PausedUntil;

    /// <summary>Less is left of Reddit's window than our share of it: nothing that can wait should be asked for.</summary>
    public bool IsTight(DateTimeOffset now) => Spacing(now) > spacing;

    public double RequestsPerHour(DateTimeOffset now) => TimeSpan.FromHours(1) / Spacing(now);

    public int SentInLastMinute(DateTimeOffset now)
    {
        while (_lastMinute.TryPeek(out var sent) && sent <= now - Minute)
            _lastMinute.Dequeue();
        return _lastMinute.Count;
    }

    public void Sent(DateTimeOffset now)
    {
        _lastSent = now;
        SentInLastMinute(now);
        _lastMinute.Enqueue(now);
    }

    public void PauseUntil(DateTimeOffset until)
    {
        if (until > PausedUntil)
            PausedUntil = until;
    }

    /// <summary>Takes the rest of Reddit's window into account: another user of the same application may have spent most of it.</summary>
    public void Observe(RateLimit limit, DateTimeOffset now)
    {
        (Limit, LimitResetAt) = (limit, now + limit.Reset);
        if (limit.Remaining < 1)
        {
            PauseUntil(now + limit.Reset);
            return;
        }

        var even = limit.Reset / limit.Remaining;
        _wider = even > spacing ? even : spacing;
        _widerUntil = now + limit.Reset;
    }

    private TimeSpan Spacing(DateTimeOffset now) => now < _widerUntil ? _wider : spacing;
}
