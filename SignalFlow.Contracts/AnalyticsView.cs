namespace SignalFlow.Contracts;

/// <summary>Posts by the minute, hour or day of their creation.</summary>
public sealed record TimelineView
{
    /// <summary>Start of the first bucket.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>End of the last one.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary><c>minute</c>, <c>5min</c>, <c>15min</c>, <c>hour</c> or <c>day</c> (UTC).</summary>
    public required string Bucket { get; init; }

    /// <summary>Every bucket, oldest first, also those without a post.</summary>
    public required IReadOnlyList<TimelineBucket> Results { get; init; }

    /// <summary>Over all buckets, most posts first.</summary>
    public required IReadOnlyList<TimelineShare> BySubreddit { get; init; }

    /// <summary>Over all buckets, by weekday and hour; null unless buckets are hours.</summary>
    public IReadOnlyList<TimelineWeekHour>? ByWeekHour { get; init; }
}

/// <param name="Start">Of the bucket.</param>
/// <param name="Posts">Created in it.</param>
/// <param name="AvgScore">Of these posts; null without posts, as the other means.</param>
/// <param name="AvgComments">Of these posts.</param>
/// <param name="AvgSentiment">Of those of them that have a sentiment.</param>
/// <param name="SentimentPosts">How many have.</param>
/// <param name="TrendingPosts">How many trend now.</param>
/// <param name="Partial">The bucket is not over.</param>
/// <param name="Observed">False: nobody has looked in its hours, so that no posts says nothing.</param>
public sealed record TimelineBucket(
    DateTimeOffset Start, long Posts, double? AvgScore, double? AvgComments, double? AvgSentiment, long SentimentPosts, long TrendingPosts, bool Partial,
    bool Observed = true);

/// <param name="Subreddit">Name.</param>
/// <param name="Posts">Created in the range.</param>
/// <param name="Share">Of all posts of the answer, 0 to 1.</param>
/// <param name="AvgSentiment">Null where no post has one.</param>
public sealed record TimelineShare(string Subreddit, long Posts, double Share, double? AvgSentiment);

/// <param name="Weekday">1 Monday to 7 Sunday, UTC.</param>
/// <param name="Hour">0 to 23, UTC.</param>
/// <param name="Posts">Created in such hours.</param>
/// <param name="AvgScore">Null without posts.</param>
/// <param name="AvgSentiment">Null where no post has one.</param>
public sealed record TimelineWeekHour(int Weekday, int Hour, long Posts, double? AvgScore, double? AvgSentiment);

/// <summary>The keywords that most posts of the last hours have.</summary>
public sealed record KeywordList
{
    public required DateTimeOffset Start { get; init; }
    public required DateTimeOffset End { get; init; }

    /// <summary>Posts of the window that have keywords.</summary>
    public required long Posts { get; init; }

    public required IReadOnlyList<KeywordCount> Results { get; init; }
}

public sealed record KeywordCount(string Keyword, long Posts, double AvgSentiment);

/// <summary>Stories that more than one post of the window tells, most posts first.</summary>
public sealed record TopicList
{
    public required DateTimeOffset Start { get; init; }
    public required DateTimeOffset End { get; init; }
    public required IReadOnlyList<TopicCount> Results { get; init; }
}

public sealed record TopicCount
{
    /// <summary>The posts' <c>topic_cluster</c>.</summary>
    public required int Topic { get; init; }

    /// <summary>The post with the highest score.</summary>
    public required string PostId { get; init; }

    /// <summary>Of that post.</summary>
    public required string Title { get; init; }

    public required long Posts { get; init; }

    /// <summary>Of all its posts.</summary>
    public required long TotalScore { get; init; }

    /// <summary>By name, at most five.</summary>
    public required IReadOnlyList<string> Subreddits { get; init; }

    /// <summary>How many there are in all.</summary>
    public required int SubredditCount { get; init; }

    public required double AvgSentiment { get; init; }

    /// <summary>Creation of its first post in the window.</summary>
    public required DateTimeOffset FirstAt { get; init; }

    /// <summary>Creation of its last one.</summary>
    public required DateTimeOffset LastAt { get; init; }
}

/// <summary>Posts that stand out, the highest surge first; by the rule: posts that trend, the highest trending score first.</summary>
public sealed record TrendingList
{
    public required TrendingValues Thresholds { get; init; }
    public required IReadOnlyList<TrendingPost> Results { get; init; }
}

public sealed record TrendingPost(PostView Post, TrendingParts Parts);

/// <summary>What each part of the rule adds for the newest state of a post.</summary>
public sealed record TrendingParts(double Velocity, double Sentiment, double Comments);

/// <summary>One subreddit: what it has brought in all and in the last day, and how ingestion gets on with it.</summary>
public sealed record SubredditDetail
{
    public required string Subreddit { get; init; }
    public required long TotalPosts { get; init; }

    /// <summary>Day of the first post; null without posts.</summary>
    public DateOnly? FirstDay { get; init; }

    public required SubredditOverview LastDay { get; init; }

    /// <summary>Null: it is not and was never polled.</summary>
    public SubredditStatusView? Ingestion { get; init; }
}

/// <summary>The hours of one subreddit, oldest first.</summary>
public sealed record SubredditSeries
{
    public required string Subreddit { get; init; }
    public required DateTimeOffset Start { get; init; }
    public required DateTimeOffset End { get; init; }
    public required IReadOnlyList<SubredditPoint> Results { get; init; }
}

/// <param name="Start">Of the hour.</param>
/// <param name="Posts">Created in it.</param>
/// <param name="AvgScore">Of these posts; null without posts, as the other means.</param>
/// <param name="AvgComments">Of these posts.</param>
/// <param name="AvgSentiment">Of those of them that have a sentiment.</param>
/// <param name="SentimentPosts">How many have.</param>
/// <param name="Observations">Of any post, made in it.</param>
/// <param name="Partial">The hour is not over.</param>
/// <param name="UsualPosts">Median of the same hour of the seven days before; null where less than two of these days are known.</param>
/// <param name="UsualLow">A quarter of these days lies below.</param>
/// <param name="UsualHigh">A quarter of these days lies above.</param>
public sealed record SubredditPoint(
    DateTimeOffset Start, long Posts, double? AvgScore, double? AvgComments, double? AvgSentiment, long SentimentPosts, long Observations, bool Partial,
    double? UsualPosts = null, double? UsualLow = null, double? UsualHigh = null);
