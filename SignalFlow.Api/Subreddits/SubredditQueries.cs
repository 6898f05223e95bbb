using Microsoft.EntityFrameworkCore;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Subreddits;

/// <summary>Reads the hourly rollups of posts and observations, side by side.</summary>
internal sealed class SubredditQueries(SignalFlowDbContext database, TimeProvider time)
{
    /// <param name="hours">The present one included.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public async Task<SubredditOverviewList> OverviewAsync(int hours, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var end = new DateTime(now.Ticks - now.Ticks % TimeSpan.TicksPerHour, DateTimeKind.Utc).AddHours(1);
        var start = end.AddHours(-hours);
        var posts = await database.HourlyPostStats
            .Where(hour => hour.Bucket >= start && hour.Bucket < end)
            .TagWith("subreddits: posts")
            .ToListAsync(cancellationToken);
        var observations = await database.HourlyMetrics
            .Where(hour => hour.Bucket >= start && hour.Bucket < end)
            .Select(hour => new { hour.Bucket, hour.SubredditId, hour.Observations })
            .TagWith("subreddits: observations")
            .ToListAsync(cancellationToken);
        var postsOf = posts.ToLookup(hour => hour.SubredditId);
        var observationsOf = observations.ToLookup(hour => hour.SubredditId, hour => (hour.Bucket, hour.Observations));
        var ids = postsOf.Select(group => group.Key).Union(observationsOf.Select(group => group.Key)).ToArray();
        var names = await database.Subreddits.Where(subreddit => ids.Contains(subreddit.Id)).TagWith("subreddits: names").ToListAsync(cancellationToken);
        return new()
        {
            Start = start,
            End = end,
            Results =
            [
                .. names
                    .Select(subreddit => Overview(subreddit.Name, start, hours, postsOf[subreddit.Id], observationsOf[subreddit.Id]))
                    .OrderByDescending(overview => overview.Posts).ThenByDescending(overview => overview.Observations)
                    .ThenBy(overview => overview.Subreddit, StringComparer.Ordinal),
            ],
        };
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
            Observations = observed,
            Series = series,
        };

        int At(DateTime bucket) => (int)(bucket - start).TotalHours;
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
