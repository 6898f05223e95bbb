namespace SignalFlow.Processing.Discovery;

/// <summary>
/// Whole hours, in UTC. An hour closes ten minutes after its end: listings are polled every minute or two, and what comes later (approved late,
/// imported) changes no hour any more, whenever it is evaluated.
/// </summary>
internal static class HourClock
{
    public static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    public static DateTimeOffset ClosesAt(DateTimeOffset hour) => hour + Hour + Grace;
}
