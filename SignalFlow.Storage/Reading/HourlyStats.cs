namespace SignalFlow.Storage.Reading;

/// <summary>A row of <c>post_stats_hourly</c>: the posts that were created in an hour, by subreddit.</summary>
public sealed class HourlyPostStats
{
    public DateTime Bucket { get; init; }
    public int SubredditId { get; init; }
    public long Posts { get; init; }
    public long ScoreSum { get; init; }
    public long CommentsSum { get; init; }
    public long Trending { get; init; }
    public long SentimentPosts { get; init; }
    public double SentimentSum { get; init; }
}

/// <summary>A row of <c>post_stats_daily</c>: the posts that were created on a day (UTC), by subreddit.</summary>
public sealed class DailyPostStats
{
    public DateOnly Day { get; init; }
    public int SubredditId { get; init; }
    public long Posts { get; init; }
    public long ScoreSum { get; init; }
    public long CommentsSum { get; init; }
    public long Trending { get; init; }
    public long SentimentPosts { get; init; }
    public double SentimentSum { get; init; }
    public string? MostScoredId { get; init; }
    public int? MostScored { get; init; }
    public string? MostDiscussedId { get; init; }
    public int? MostDiscussed { get; init; }
}

/// <summary>A row of <c>post_metrics_hourly</c>: the observations of an hour, by subreddit. The same in every storage mode.</summary>
public sealed class HourlyMetrics
{
    public DateTime Bucket { get; init; }
    public int SubredditId { get; init; }
    public long Observations { get; init; }
    public long ScoreSum { get; init; }
    public long CommentsSum { get; init; }
    public double AvgScore { get; init; }
    public double AvgComments { get; init; }
    public int MaxScore { get; init; }
    public int MaxComments { get; init; }
}
