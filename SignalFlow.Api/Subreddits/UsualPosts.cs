using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Subreddits;

/// <summary>
/// How many posts an hour of a subreddit usually brings: the middle of the same hour of the seven days before it, and of these seven the
/// middle half. Days before the subreddit's first post tell nothing.
/// </summary>
internal sealed class UsualPosts(IReadOnlyDictionary<DateTime, long> posts, DateTime? first)
{
    public const int Days = 7;

    /// <summary>With less there is nothing that could be called usual.</summary>
    private const int FewestDays = 2;

    /// <param name="hours">Of one subreddit, from <see cref="Days"/> before the first hour that is asked for.</param>
    /// <param name="firstDay">Of its first post ever.</param>
    public static UsualPosts Of(IEnumerable<HourlyPostStats> hours, DateTime? firstDay) =>
        new(hours.ToDictionary(hour => hour.Bucket, hour => hour.Posts), firstDay);

    /// <returns>Null: too few days are known.</returns>
    public (double Median, double Low, double High)? At(DateTime hour)
    {
        var before = new List<double>(Days);
        for (var day = 1; day <= Days; day++)
        {
            var same = hour.AddDays(-day);
            if (same >= first)
                before.Add(posts.GetValueOrDefault(same));
        }

        if (before.Count < FewestDays)
            return null;
        before.Sort();
        return (Quantile(before, 0.5), Quantile(before, 0.25), Quantile(before, 0.75));
    }

    /// <summary>Over the hours of a window as far as it is over; null where an hour is not known.</summary>
    public double? Over(DateTime start, DateTime end, DateTime now)
    {
        var sum = 0.0;
        for (var hour = start; hour < end && hour < now; hour = hour.AddHours(1))
        {
            if (At(hour) is not { Median: var median })
                return null;
            sum += median * Math.Min(1, (now - hour).TotalHours);
        }

        return sum;
    }

    private static double Quantile(List<double> sorted, double share)
    {
        var place = share * (sorted.Count - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
    }
}
