namespace SignalFlow.Storage.Alerts.Rules;

/// <summary>Hours of every day in which nothing is sent, as the clocks of a place show them.</summary>
/// <param name="From">Belongs to them.</param>
/// <param name="To">Does not; earlier than <paramref name="From"/>: of the next day.</param>
/// <param name="TimeZone">IANA: <c>Europe/Berlin</c>.</param>
public sealed record QuietTime(TimeOnly From, TimeOnly To, string TimeZone)
{
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);

    public static bool IsTimeZone(string name) => name.Length is > 0 and <= 100 && TimeZoneInfo.TryFindSystemTimeZoneById(name, out _);

    public bool Includes(DateTimeOffset instant)
    {
        var local = TimeOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, Zone).DateTime);
        return From < To ? local >= From && local < To : local >= From || local < To;
    }

    /// <summary>The first whole minute from <paramref name="instant"/> on that is not quiet; the instant itself where it is not.</summary>
    public DateTimeOffset EndOf(DateTimeOffset instant)
    {
        if (!Includes(instant))
            return instant;
        // A minute at a time: whatever the clocks of the place do, the end is right. They have no hour that lasts two days.
        var end = new DateTimeOffset(instant.UtcTicks - instant.UtcTicks % Step.Ticks, TimeSpan.Zero);
        do
        {
            end += Step;
        }
        while (Includes(end));
        return end;
    }

    // A zone that another machine knows and this one does not is taken for UTC rather than keeping alerts back.
    private TimeZoneInfo Zone => TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) ? zone : TimeZoneInfo.Utc;
}
