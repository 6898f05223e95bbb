using Microsoft.EntityFrameworkCore;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Analytics;

/// <summary>Reads posts by hour or day from the rollups; what these do not have, <see cref="CountedPosts"/> counts.</summary>
internal sealed class TimelineQueries(SignalFlowDbContext database, CountedPosts counted, TimeProvider time)
{
    public async Task<TimelineView> GetAsync(TimelineRange range, CancellationToken cancellationToken)
    {
        var sums = await SumsAsync(range, cancellationToken);
        var step = range.Bucket.Step;
        var buckets = new Sums[(int)((range.End - range.Start) / step)];
        var cells = new Sums[7 * 24];
        var subreddits = new Dictionary<string, Sums>(StringComparer.Ordinal);
        var all = new Sums();
        foreach (var (bucket, subreddit, row) in sums)
        {
            buckets[(int)((bucket - range.Start) / step)] += row;
            cells[(int)bucket.DayOfWeek * 24 + bucket.Hour] += row;
            subreddits[subreddit] = subreddits.GetValueOrDefault(subreddit) + row;
            all += row;
        }

        var observed = await ObservedAsync(range, buckets, cancellationToken);
        var now = time.GetUtcNow().UtcDateTime;
        return new()
        {
            Start = range.Start,
            End = range.End,
            Bucket = range.Bucket.Name,
            Results =
            [
                .. buckets.Select((bucket, index) =>
                    Bucket(bucket, range.Start + index * step, step, now) with { Observed = bucket.Posts > 0 || observed(range.Start + index * step) })
            ],
            BySubreddit =
            [
                .. subreddits.OrderByDescending(subreddit => subreddit.Value.Posts).ThenBy(subreddit => subreddit.Key, StringComparer.Ordinal)
                    .Select(subreddit => new TimelineShare(
                        subreddit.Key, subreddit.Value.Posts, (double)subreddit.Value.Posts / Math.Max(1, all.Posts), subreddit.Value.AvgSentiment)),
            ],
            ByWeekHour = range.Bucket == BucketWidth.Hour ? [.. WeekHours(cells)] : null,
        };
    }

    private async Task<List<(DateTime Bucket, string Subreddit, Sums Sums)>> SumsAsync(TimelineRange range, CancellationToken cancellationToken)
    {
        if (range.Keyword is not null || !range.Bucket.IsRolledUp)
        {
            return (await counted.GetAsync(range, cancellationToken)).ConvertAll(row => (row.Bucket, row.Subreddit, new Sums(
                row.Posts, row.ScoreSum, row.CommentsSum, row.Trending, row.SentimentPosts, row.SentimentSum)));
        }

        var names = Names(range);
        return range.Bucket == BucketWidth.Day ? await DaysAsync(range, names, cancellationToken) : await HoursAsync(range, names, cancellationToken);
    }

    private IQueryable<Subreddit> Names(TimelineRange range)
    {
        var all = range.Subreddits.Length == 0;
        return database.Subreddits.Where(subreddit => all || range.Subreddits.Contains(SignalFlowDbContext.Lower(subreddit.Name)));
    }

    /// <summary>Tells whether anybody has looked in the hours of a bucket without posts; of the others it is clear.</summary>
    private async Task<Func<DateTime, bool>> ObservedAsync(TimelineRange range, Sums[] buckets, CancellationToken cancellationToken)
    {
        var step = range.Bucket.Step;
        var (first, last) = (Array.FindIndex(buckets, IsEmpty), Array.FindLastIndex(buckets, IsEmpty));
        if (first < 0)
            return _ => true;
        var width = step > TimeSpan.FromHours(1) ? step : TimeSpan.FromHours(1);
        var (start, end) = (Floor(range.Start + first * step), range.Start + (last + 1) * step);
        var hours = await database.HourlyMetrics
            .Where(hour => hour.Bucket >= start && hour.Bucket < end && Names(range).Any(subreddit => subreddit.Id == hour.SubredditId))
            .Select(hour => hour.Bucket)
            .Distinct()
            .TagWith("timeline: observed hours")
            .ToListAsync(cancellationToken);
        var observed = hours.ConvertAll(Floor).ToHashSet();
        return bucket => observed.Contains(Floor(bucket));

        static bool IsEmpty(Sums sums) => sums.Posts == 0;

        DateTime Floor(DateTime at) => new(at.Ticks - at.Ticks % width.Ticks, DateTimeKind.Utc);
    }

    private async Task<List<(DateTime, string, Sums)>> HoursAsync(TimelineRange range, IQueryable<Subreddit> names, CancellationToken cancellationToken)
    {
        var rows = await database.HourlyPostStats
            .Where(hour => hour.Bucket >= range.Start && hour.Bucket < range.End)
            .Join(names, hour => hour.SubredditId, subreddit => subreddit.Id, (hour, subreddit) => new { hour, subreddit.Name })
            .TagWith("timeline: hours")
            .ToListAsync(cancellationToken);
        return rows.ConvertAll(row => (row.hour.Bucket, row.Name, new Sums(
            row.hour.Posts, row.hour.ScoreSum, row.hour.CommentsSum, row.hour.Trending, row.hour.SentimentPosts, row.hour.SentimentSum)));
    }

    private async Task<List<(DateTime, string, Sums)>> DaysAsync(TimelineRange range, IQueryable<Subreddit> names, CancellationToken cancellationToken)
    {
        var (first, end) = (DateOnly.FromDateTime(range.Start), DateOnly.FromDateTime(range.End));
        var rows = await database.DailyPostStats
            .Where(day => day.Day >= first && day.Day < end)
            .Join(names, day => day.SubredditId, subreddit => subreddit.Id, (day, subreddit) => new { day, subreddit.Name })
            .TagWith("timeline: days")
            .ToListAsync(cancellationToken);
        return rows.ConvertAll(row => (row.day.Day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc), row.Name, new Sums(
            row.day.Posts, row.day.ScoreSum, row.day.CommentsSum, row.day.Trending, row.day.SentimentPosts, row.day.SentimentSum)));
    }

    private static TimelineBucket Bucket(Sums sums, DateTime start, TimeSpan step, DateTime now) => new(
        start, sums.Posts, sums.AvgScore, sums.AvgComments, sums.AvgSentiment, sums.SentimentPosts, sums.Trending, start + step > now);

    private static IEnumerable<TimelineWeekHour> WeekHours(Sums[] cells)
    {
        for (var weekday = 1; weekday <= 7; weekday++)
        {
            for (var hour = 0; hour < 24; hour++)
            {
                var cell = cells[weekday % 7 * 24 + hour];
                yield return new(weekday, hour, cell.Posts, cell.AvgScore, cell.AvgSentiment);
            }
        }
    }

    private readonly record struct Sums(long Posts, long Score, long Comments, long Trending, long SentimentPosts, double Sentiment)
    {
        public double? AvgScore => Posts == 0 ? null : (double)Score / Posts;
        public double? AvgComments => Posts == 0 ? null : (double)Comments / Posts;
        public double? AvgSentiment => SentimentPosts == 0 ? null : Sentiment / SentimentPosts;

        public static Sums operator +(Sums one, Sums other) => new(
            one.Posts + other.Posts, one.Score + other.Score, one.Comments + other.Comments, one.Trending + other.Trending,
            one.SentimentPosts + other.SentimentPosts, one.Sentiment + other.Sentiment);
    }
}
