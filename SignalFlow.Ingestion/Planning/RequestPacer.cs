using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Ingestion.Planning;

/// <summary>
/// When the next request may be sent: evenly spread, never more than the quota in any minute, slower when Reddit's headers say that
/// less is left, not at all while a pause lasts.
/// </summary>
/// <param name="spacing">Between two requests, when the whole quota is ours.</param>
internal sealed class RequestPacer(TimeSpan spacing)
{
    private TimeSpan _wider;
    private DateTimeOffset _widerUntil = DateTimeOffset.MinValue;
    private DateTimeOffset _lastSent = DateTimeOffset.MinValue;
    private DateTimeOffset _pausedUntil = DateTimeOffset.MinValue;

    /// <summary>No request may be sent before.</summary>
    public DateTimeOffset NextSlot(DateTimeOffset now)
    {
        var slot = _lastSent == DateTimeOffset.MinValue ? now : _lastSent + (now < _widerUntil ? _wider : spacing);
        return slot > _pausedUntil ? slot : _pausedUntil;
    }

    public bool IsPaused(DateTimeOffset now) => now < _pausedUntil;

    public void Sent(DateTimeOffset now) => _lastSent = now;

    public void PauseUntil(DateTimeOffset until)
    {
        if (until > _pausedUntil)
            _pausedUntil = until;
    }

    /// <summary>Takes the rest of Reddit's window into account: another user of the same application may have spent most of it.</summary>
    public void Observe(RateLimit limit, DateTimeOffset now)
    {
        if (limit.Remaining < 1)
        {
            PauseUntil(now + limit.Reset);
            return;
        }

        var even = limit.Reset / limit.Remaining;
        _wider = even > spacing ? even : spacing;
        _widerUntil = now + limit.Reset;
    }
}
