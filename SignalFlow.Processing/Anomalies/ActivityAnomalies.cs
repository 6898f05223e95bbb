namespace SignalFlow.Processing.Anomalies;

/// <summary>
/// Judges the last hour of a subreddit against the same hours of the week, by median and MAD as in S-H-ESD (Hochenbaum, Vallis and Kejariwal, 2017) but
/// without its decomposition. The spread is never taken below Poisson's, nor below a tenth of the median: a MAD of a few equal counts is 0. An anomaly
/// begins at four robust standard deviations and lasts while there are more than two. Silence is also judged over 3, 6, 12 and 24 hours, because
/// a small subreddit has empty hours.
/// </summary>
internal static class ActivityAnomalies
{
    public const double Begins = 4;
    public const double Ends = 2;

    /// <summary>A few posts are never loud.</summary>
    public const int LeastLoud = 5;

    public const double LeastLoudRatio = 2;
    public const double MostQuietRatio = 0.25;

    /// <summary>Makes a MAD a standard deviation, where values are normal.</summary>
    private const double NormalMad = 1.4826;

    private const double LeastSpread = 0.1;
    private const int LeastSamples = 3;

    private static readonly int[] Windows = [1, 3, 6, 12, 24];

    /// <param name="count">Of the hour <see cref="ActivityHistory.End"/>.</param>
    /// <param name="before">What was found in the hour before; null where nothing is known of it.</param>
    public static ActivityAnomaly Judge(string key, int count, ActivityHistory history, ActivityAnomaly? before = null)
    {
        ActivityAnomaly? found = null;
        foreach (var hours in Windows)
        {
            var judged = Judge(key, count, history, hours, before);
            found ??= judged;
            // Whatever comes ends a silence, though the sum of a day will be low for hours.
            if ((judged.Level == ActivityLevel.Quiet && (hours == 1 || count == 0)) || (judged.Level == ActivityLevel.Loud && hours == 1))
                return judged;
        }

        return found!;
    }

    private static ActivityAnomaly Judge(string key, int count, ActivityHistory history, int hours, ActivityAnomaly? before)
    {
        var samples = history.Comparable(hours);
        var sum = count + history.Before(hours);
        if (samples.Count < LeastSamples)
            return new(key, history.End, hours, sum, 0, 0, samples.Count, history.Baseline, ActivityLevel.Unknown);

        var median = Median(samples.ConvertAll(sample => (double)sample));
        var mad = Median(samples.ConvertAll(sample => Math.Abs(sample - median)));
        var spread = Math.Max(NormalMad * mad, Math.Max(Math.Sqrt(Math.Max(median, 1)), LeastSpread * median));
        var deviations = (sum - median) / spread;
        return new(key, history.End, hours, sum, median, deviations, samples.Count, history.Baseline, LevelOf(sum, median, deviations, before?.Level));
    }

    private static ActivityLevel LevelOf(int count, double median, double deviations, ActivityLevel? before)
    {
        var isLoud = deviations >= (before == ActivityLevel.Loud ? Ends : Begins);
        if (isLoud && count >= LeastLoud && (before == ActivityLevel.Loud || count >= LeastLoudRatio * median))
            return ActivityLevel.Loud;
        var isQuiet = deviations <= -(before == ActivityLevel.Quiet ? Ends : Begins);
        if (isQuiet && (before == ActivityLevel.Quiet || count <= MostQuietRatio * median))
            return ActivityLevel.Quiet;
        return ActivityLevel.Usual;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        var middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
