using Microsoft.EntityFrameworkCore;
using SignalFlow.Api.Ingestion;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Subreddits;

/// <summary>Reads the hourly rollups of posts and observations, side by side.</summary>
internal sealed class SubredditQueries(SignalFlowDbContext database, IngestionQueries ingestion, TimeProvider time)
{
    private const int Day = 24;

    /// <param name="hours">The present one included.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public async Task<SubredditOverviewList> OverviewAsync(int hours, CancellationToken cancellationToken)
    {
        var (start, end) = Window(hours);
        var before = start.AddDays(-UsualPosts.Days);
        var posts = await database.HourlyPostStats
            .Where(hour => hour.Bucket >= before && hour.Bucket < end)
            .TagWith("subreddits: posts")
            .ToListAsync(cancellationToken);
        var observations = await database.HourlyMetrics
            .Where(hour => hour.Bucket >= start && hour.Bucket < end)
            .Select(hour => new { hour.Bucket, hour.SubredditId, hour.Observations })
            .TagWith("subreddits: observations")
            .ToListAsync(cancellationToken);
        var allPostsOf = posts.ToLookup(hour => hour.SubredditId);
        var postsOf = posts.Where(hour => hour.Bucket >= start).ToLookup(hour => hour.SubredditId);
        var observationsOf = observations.ToLookup(hour => hour.SubredditId, hour => (hour.Bucket, hour.Observations));
        var ids = postsOf.Select(group => group.Key).Union(observationsOf.Select(group => group.Key)).ToArray();
        var names = await database.Database.SqlQuery<Seen>($"""
            SELECT subreddit.id AS "Id", subreddit.name AS "Name",
              (SELECT min(day) FROM post_stats_daily days WHERE days.subreddit_id = subreddit.id) AS "FirstDay",
              (SELECT max(created_utc) FROM posts WHERE posts.subreddit_id = subreddit.id) AS "LastPostAt"
            FROM subreddits subreddit WHERE subreddit.id = ANY ({ids})
            """).TagWith("subreddits: names").ToListAsync(cancellationToken);
        var now = time.GetUtcNow().UtcDateTime;
        return new()
        {
            Start = start,
            End = end,
            Results =
            [
                .. names
                    .Select(subreddit => Overview(subreddit.Name, start, hours, postsOf[subreddit.Id], observationsOf[subreddit.Id]) with
                    {
                        UsualPosts = UsualPosts.Of(allPostsOf[subreddit.Id], subreddit.First).Over(start, end, now),
                        LastPostAt = subreddit.LastPostAt,
                    })
                    .OrderByDescending(overview => overview.Posts).ThenByDescending(overview => overview.Observations)
                    .ThenBy(overview => overview.Subreddit, StringComparer.Ordinal),
            ],
        };
    }

    /// <returns>Null: no post of it was ever seen.</returns>
    public async Task<SubredditDetail?> DetailAsync(string name, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, cancellationToken) is not { } subreddit)
            return null;
        var (start, _) = Window(Day);
        var (posts, observations) = await HoursAsync(subreddit.Id, Day, cancellationToken);
        var all = await database.DailyPostStats
            .Where(day => day.SubredditId == subreddit.Id)
            .GroupBy(day => day.SubredditId)
            .Select(days => new { Posts = days.Sum(day => day.Posts), First = days.Min(day => day.Day) })
            .TagWith("subreddit: all days")
            .FirstOrDefaultAsync(cancellationToken);
        return new()
        {
            Subreddit = subreddit.Name,
            TotalPosts = all?.Posts ?? 0,
            FirstDay = all?.First,
            LastDay = Overview(subreddit.Name, start, Day, posts, observations.Select(hour => (hour.Bucket, hour.Observations))),
            Ingestion = await ingestion.SubredditAsync(name, cancellationToken),
        };
    }

    /// <inheritdoc cref="DetailAsync"/>
    /// <param name="hours">The present one included.</param>
    public async Task<SubredditSeries?> SeriesAsync(string name, int hours, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, cancellationToken) is not { } subreddit)
            return null;
        var (start, end) = Window(hours);
        var (posts, observations) = await HoursAsync(subreddit.Id, hours + UsualPosts.Days * Day, cancellationToken);
        var firstDay = await database.DailyPostStats
            .Where(day => day.SubredditId == subreddit.Id)
            .OrderBy(day => day.Day)
            .Select(day => (DateOnly?)day.Day)
            .TagWith("subreddit: first day")
            .FirstOrDefaultAsync(cancellationToken);
        var usual = UsualPosts.Of(posts, firstDay?.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));
        var postsAt = posts.ToDictionary(hour => hour.Bucket);
        var observationsAt = observations.ToDictionary(hour => hour.Bucket, hour => hour.Observations);
        return new()
        {
            Subreddit = subreddit.Name,
            Start = start,
            End = end,
            Results = [.. Enumerable.Range(0, hours).Select(hour => Point(start.AddHours(hour)))],
        };

        SubredditPoint Point(DateTime at)
        {
            var point = new SubredditPoint(at, 0, null, null, null, 0, observationsAt.GetValueOrDefault(at), at.AddHours(1) == end);
            if (usual.At(at) is var (median, low, high))
                point = point with { UsualPosts = median, UsualLow = low, UsualHigh = high };
            return postsAt.TryGetValue(at, out var hour)
                ? point with
                {
                    Posts = hour.Posts,
                    AvgScore = (double)hour.ScoreSum / hour.Posts,
                    AvgComments = (double)hour.CommentsSum / hour.Posts,
                    AvgSentiment = hour.SentimentPosts == 0 ? null : hour.SentimentSum / hour.SentimentPosts,
                    SentimentPosts = hour.SentimentPosts,
                }
                : point;
        }
    }

    public Task<Subreddit?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var lower = name.ToLowerInvariant();
        return database.Subreddits
            .Where(subreddit => SignalFlowDbContext.Lower(subreddit.Name) == lower)
            .OrderBy(subreddit => subreddit.Id)
            .TagWith("subreddit: one")
            .FirstOrDefaultAsync(cancellationToken);
    }

    private async Task<(List<HourlyPostStats> Posts, List<HourlyMetrics> Observations)> HoursAsync(int id, int hours, CancellationToken cancellationToken)
    {
        var (start, end) = Window(hours);
        return (
            await database.HourlyPostStats
                .Where(hour => hour.SubredditId == id && hour.Bucket >= start && hour.Bucket < end)
                .TagWith("subreddit: posts")
                .ToListAsync(cancellationToken),
            await database.HourlyMetrics
                .Where(hour => hour.SubredditId == id && hour.Bucket >= start && hour.Bucket < end)
                .TagWith("subreddit: observations")
                .ToListAsync(cancellationToken));
    }

    private (DateTime Start, DateTime End) Window(int hours)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var end = new DateTime(now.Ticks - now.Ticks % TimeSpan.TicksPerHour, DateTimeKind.Utc).AddHours(1);
        return (end.AddHours(-hours), end);
    }

    private static SubredditOverview Overview(
        string name, DateTime start, int hours, IEnumerable<HourlyPostStats> posts, IEnumerable<(DateTime Bucket, long Observations)> observations)
    {
        var series = new SubredditHour[hours];
        for (var hour = 0; hour < hours; hour++)
            series[hour] = new(start.AddHours(hour), 0, null, 0);
        var sums = new HourlySums();
        foreach (var hour in posts)
        {
            sums.Add(hour);
            ref var point = ref series[At(hour.Bucket)];
            point = point with { Posts = hour.Posts, AvgSentiment = hour.SentimentPosts == 0 ? null : hour.SentimentSum / hour.SentimentPosts };
        }

        var observed = 0L;
        foreach (var (bucket, count) in observations)
        {
            observed += count;
            ref var point = ref series[At(bucket)];
            point = point with { Observations = count };
        }

        return new()
        {
            Subreddit = name,
            Posts = sums.Posts,
            TrendingPosts = sums.Trending,
            AvgScore = sums.Posts == 0 ? 0 : (double)sums.Score / sums.Posts,
            AvgComments = sums.Posts == 0 ? 0 : (double)sums.Comments / sums.Posts,
            AvgSentiment = sums.SentimentPosts == 0 ? null : sums.Sentiment / sums.SentimentPosts,
            SentimentPosts = sums.SentimentPosts,
            Observations = observed,
            Series = series,
        };

        int At(DateTime bucket) => (int)(bucket - start).TotalHours;
    }

    private sealed record Seen(int Id, string Name, DateOnly? FirstDay, DateTime? LastPostAt)
    {
        public DateTime? First => FirstDay?.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
    }

    private struct HourlySums
    {
        public long Posts, Score, Comments, Trending, SentimentPosts;
        public double Sentiment;

        public void Add(HourlyPostStats hour)
        {
            Posts += hour.Posts;
            Score += hour.ScoreSum;
            Comments += hour.CommentsSum;
            Trending += hour.Trending;
            SentimentPosts += hour.SentimentPosts;
            Sentiment += hour.SentimentSum;
        }
    }
}
