namespace SignalFlow.RedditSimulator.World;

/// <summary>
/// How busy Reddit is by hour of day. Turns simulated time into "busy hours" (the integral of the hourly weights, mean 1) and back,
/// both in constant time, so that the arrival time of the n-th post is known without walking through the posts before it.
/// </summary>
internal static class DailyRhythm
{
    /// <summary>The earliest instant of any world: busy hours are counted from here. Bounds <c>Simulator:BackfillHours</c>.</summary>
    public static readonly TimeSpan Origin = TimeSpan.FromHours(-168);

    /// <summary>A world starts in a busy hour of the simulated day (UTC), whatever the real time is: the same seed gives the same posts.</summary>
    private const double HourAtStart = 14;

    /// <summary>Relative arrivals by UTC hour: low in the American night, high in its afternoon.</summary>
    private static readonly double[] Weights =
    [
        0.95, 0.90, 0.85, 0.78, 0.68, 0.58, 0.50, 0.48, 0.52, 0.60, 0.72, 0.88,
        1.06, 1.22, 1.36, 1.45, 1.50, 1.48, 1.44, 1.38, 1.32, 1.24, 1.12, 1.02,
    ];

    private static readonly double[] Cumulated = Cumulate();

    private static readonly double BusyAtOrigin = BusySinceMidnight(HourAtStart);

    /// <summary>Busy hours between <see cref="Origin"/> and the given simulated instant.</summary>
    public static double BusyHours(TimeSpan at) => BusySinceMidnight((at - Origin).TotalHours + HourAtStart) - BusyAtOrigin;

    /// <summary>The inverse of <see cref="BusyHours"/>.</summary>
    public static TimeSpan At(double busyHours)
    {
        var busy = busyHours + BusyAtOrigin;
        var days = Math.Floor(busy / 24);
        var rest = busy - days * 24;
        var hour = 0;
        while (hour < 23 && Cumulated[hour + 1] <= rest)
            hour++;

        var hours = days * 24 + hour + (rest - Cumulated[hour]) / (Cumulated[hour + 1] - Cumulated[hour]);
        return Origin + TimeSpan.FromTicks((long)((hours - HourAtStart) * TimeSpan.TicksPerHour));
    }

    private static double BusySinceMidnight(double hours)
    {
        var days = Math.Floor(hours / 24);
        var rest = hours - days * 24;
        var hour = Math.Min((int)rest, 23);
        return days * 24 + Cumulated[hour] + (rest - hour) * (Cumulated[hour + 1] - Cumulated[hour]);
    }

    private static double[] Cumulate()
    {
        var cumulated = new double[25];
        for (var hour = 0; hour < 24; hour++)
            cumulated[hour + 1] = cumulated[hour] + Weights[hour] * 24 / Weights.Sum();

        return cumulated;
    }
}
