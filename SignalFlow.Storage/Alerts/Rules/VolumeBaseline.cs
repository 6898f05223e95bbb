namespace SignalFlow.Storage.Alerts.Rules;

/// <summary>
/// What an hour usually brings: median and median absolute deviation of the same hour of the week in the weeks before, or, where these are too
/// few, of the same hour of the days before.
/// </summary>
/// <param name="Expected">Posts.</param>
/// <param name="Deviation">Never less than chance alone brings about: the root of what is expected, and one.</param>
public readonly record struct VolumeBaseline(double Expected, double Deviation)
{
    public const int Weeks = 4;
    public const int Days = 7;
    private const int LeastSamples = 3;

    // Of a normal distribution: its standard deviation in median absolute deviations.
    private const double NormalScale = 1.4826;

    /// <summary>How far before an hour its samples reach.</summary>
    public static TimeSpan Reach => TimeSpan.FromDays(7 * Weeks);

    /// <summary>The hours that are looked at for <paramref name="hour"/>.</summary>
    public static IEnumerable<DateTime> Samples(DateTime hour) =>
        Enumerable.Range(1, Weeks).Select(week => hour.AddDays(-7 * week)).Concat(Enumerable.Range(1, Days - 1).Select(day => hour.AddDays(-day)));

    /// <param name="hour">Begin of the hour.</param>
    /// <param name="countAt">Posts of an hour; null: nothing at all was stored then, so nobody knows.</param>
    /// <returns>Null: too little is known.</returns>
    public static VolumeBaseline? Of(DateTime hour, Func<DateTime, long?> countAt)
    {
        var samples = Known(Enumerable.Range(1, Weeks).Select(week => hour.AddDays(-7 * week)));
        if (samples.Length < LeastSamples)
            samples = Known(Enumerable.Range(1, Days).Select(day => hour.AddDays(-day)));
        if (samples.Length < LeastSamples)
            return null;
        var expected = Median(samples);
        var spread = Median(Array.ConvertAll(samples, sample => Math.Abs(sample - expected)));
        return new(expected, Math.Max(Math.Max(NormalScale * spread, Math.Sqrt(expected)), 1));

        double[] Known(IEnumerable<DateTime> hours) => [.. hours.Select(countAt).OfType<long>().Select(count => (double)count)];
    }

    /// <summary>In deviations.</summary>
    public double StrengthOf(long count) => (count - Expected) / Deviation;

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
