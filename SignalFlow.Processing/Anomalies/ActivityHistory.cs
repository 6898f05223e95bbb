namespace SignalFlow.Processing.Anomalies;

/// <summary>
/// Hourly counts of one subreddit over at most four weeks before an hour: an hour that is not given had none. A pure function of stored counts.
/// </summary>
internal sealed class ActivityHistory
{
    /// <summary>Four weeks.</summary>
    public const int MaxHours = 28 * 24;

    private readonly int[] _counts;

    /// <param name="start">Since when the subreddit is read; what is before says nothing.</param>
    /// <param name="end">The hour that is judged; it and what is after it are no history.</param>
    public ActivityHistory(DateTimeOffset start, DateTimeOffset end, IEnumerable<(DateTimeOffset Hour, int Count)> counts)
    {
        End = end;
        _counts = new int[Math.Clamp((int)((end - start).Ticks / TimeSpan.TicksPerHour), 0, MaxHours)];
        foreach (var (hour, count) in counts)
        {
            var age = Age(hour);
            if (age >= 1 && age <= _counts.Length)
                _counts[age - 1] = count;
        }
    }

    public DateTimeOffset End { get; }

    public int Hours => _counts.Length;

    public ActivityBaselineKind Baseline => Hours switch
    {
        >= 14 * 24 => ActivityBaselineKind.HourOfWeek,
        >= 2 * 24 => ActivityBaselineKind.HourOfDay,
        _ => ActivityBaselineKind.None,
    };

    /// <summary>Sums over the last hours.</summary>
    /// <param name="hours">The hour that is judged included, so none of history where it is 1.</param>
    public int Before(int hours) => _counts.AsSpan(0, Math.Min(hours - 1, _counts.Length)).Sum();

    /// <summary>
    /// The sums of as many hours that ended at the same time of other weeks or days, or an hour earlier or later, because a single hour has few samples.
    /// </summary>
    public List<int> Comparable(int hours)
    {
        var period = Baseline switch
        {
            ActivityBaselineKind.HourOfWeek => 168,
            ActivityBaselineKind.HourOfDay => 24,
            _ => int.MaxValue,
        };
        var sums = new List<int>();
        for (long age = period; age - 1 <= Hours; age += period)
        {
            for (var shift = -1; shift <= 1; shift++)
            {
                var newest = age + shift;
                if (newest >= hours && newest + hours - 1 <= Hours)
                    sums.Add(_counts.AsSpan((int)newest - 1, hours).Sum());
            }
        }

        return sums;
    }

    private int Age(DateTimeOffset hour) => (int)((End - hour).Ticks / TimeSpan.TicksPerHour);
}

file static class Sums
{
    public static int Sum(this Span<int> counts)
    {
        var sum = 0;
        foreach (var count in counts)
            sum += count;
        return sum;
    }
}
