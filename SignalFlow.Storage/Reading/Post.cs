namespace SignalFlow.Storage.Reading;

/// <summary>A row of <c>posts</c>.</summary>
public sealed class Post
{
    public required string Id { get; init; }
    public int SubredditId { get; init; }
    public required Subreddit Subreddit { get; init; }
    public required string Title { get; init; }
    public string? Author { get; init; }
    public string? Url { get; init; }
    public string? Permalink { get; init; }
    public bool Over18 { get; init; }
    public DateTime CreatedUtc { get; init; }
    public DateTime FirstSeenAt { get; init; }
    public DateTime LastPolledAt { get; init; }
    public int CurrentScore { get; init; }
    public int CurrentComments { get; init; }
    public double? CurrentRatio { get; init; }
    public string? PollPriority { get; init; }
    public double ScoreVelocity { get; init; }
    public double CommentVelocity { get; init; }
    public double TrendingScore { get; init; }
    public bool IsTrending { get; init; }
    public DateTime? PurgedAt { get; init; }
    public string? PurgeReason { get; init; }
    public PostNlp? Nlp { get; init; }
}

/// <summary>A row of <c>subreddits</c>.</summary>
public sealed class Subreddit
{
    public int Id { get; init; }
    public required string Name { get; init; }
}

/// <summary>A row of <c>post_nlp_features</c>.</summary>
public sealed class PostNlp
{
    public required string PostId { get; init; }
    public double SentimentScore { get; init; }
    public required string SentimentLabel { get; init; }
    public required string[] Keywords { get; init; }
    public int? TopicCluster { get; init; }
}

/// <summary>A row of <c>post_metrics_history</c>.</summary>
public sealed class HistoryPoint
{
    public required string PostId { get; init; }
    public DateTime CapturedAt { get; init; }
    public int SubredditId { get; init; }
    public int Score { get; init; }
    public int NumComments { get; init; }
    public double? UpvoteRatio { get; init; }
}
