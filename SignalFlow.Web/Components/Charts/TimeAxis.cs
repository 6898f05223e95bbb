using System.Globalization;

namespace SignalFlow.Web.Components.Charts;

/// <param name="At">On the axis.</param>
/// <param name="Label">A time of day, or a day where one begins.</param>
public readonly record struct TimeTick(DateTimeOffset At, string Label);

/// <summary>An axis of time whose ticks are round times of day, days or months, all UTC.</summary>
public sealed record TimeAxis
{
    private static readonly TimeSpan[] RoundSteps =
    [
        .. new[] { 1, 2, 5, 10, 15, 30 }.Select(minutes => TimeSpan.FromMinutes(minutes)),
        .. new[] { 1, 2, 3, 6, 12 }.Select(hours => TimeSpan.FromHours(hours)),
        .. new[] { 1, 2, 7, 14 }.Select(days => TimeSpan.FromDays(days)),
    ];

    private static readonly int[] RoundMonths = [1, 2, 3, 6, 12];

    public TimeAxis(DateTimeOffset start, DateTimeOffset end) =>
        (Start, End) = (start.ToUniversalTime(), end > start ? end.ToUniversalTime() : start.ToUniversalTime().AddMinutes(1));

    public DateTimeOffset Start { get; }
    public DateTimeOffset End { get; }

    /// <summary>0 at the start, 1 at the end.</summary>
    public double Position(DateTimeOffset at) => (at - Start) / (End - Start);

    /// <param name="most">Not more than so many intervals.</param>
    public IReadOnlyList<TimeTick> Ticks(int most = 7)
    {
        var rough = (End - Start) / most;
        var step = Array.Find(RoundSteps, round => round >= rough);
        return [.. step == TimeSpan.Zero ? Months(rough) : Steps(step)];
    }

    /// <summary>"Sat 28 Nov, 14:00 UTC"; of a day without the time.</summary>
    public static string Name(DateTimeOffset at, TimeSpan? step = null) =>
        at.UtcDateTime.ToString(step >= TimeSpan.FromDays(1) ? "ddd d MMM" : "ddd d MMM, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    // Ticks of DateTime begin at midnight of a Monday, so weeks do.
    private IEnumerable<TimeTick> Steps(TimeSpan step)
    {
        var first = Start.UtcTicks + (step.Ticks - Start.UtcTicks % step.Ticks) % step.Ticks;
        for (var ticks = first; ticks <= End.UtcTicks; ticks += step.Ticks)
        {
            var at = new DateTimeOffset(ticks, TimeSpan.Zero);
            yield return new(at, at.ToString(at.TimeOfDay == TimeSpan.Zero ? "d MMM" : "HH:mm", CultureInfo.InvariantCulture));
        }
    }

    private IEnumerable<TimeTick> Months(TimeSpan rough)
    {
        var months = Array.Find(RoundMonths, round => round * 28 >= rough.TotalDays) is var found and > 0 ? found : 12;
        for (var at = new DateTimeOffset(Start.Year, 1, 1, 0, 0, 0, TimeSpan.Zero); at <= End; at = at.AddMonths(months))
        {
            if (at >= Start)
                yield return new(at, at.ToString(at.Month == 1 ? "yyyy" : "MMM", CultureInfo.InvariantCulture));
        }
    }
}
