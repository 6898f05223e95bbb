using NpgsqlTypes;

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
    public string? Flair { get; init; }
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

    /// <summary>The step that the score stands on; see <see cref="ScoreTiers"/>.</summary>
    public short ScoreTier { get; init; }

    /// <summary>1 from a trending score of 0.4, else 0.</summary>
    public short TrendingTier { get; init; }

    public PostNlp? Nlp { get; init; }

    public PostSurge? Surge { get; init; }
}

/// <summary>A row of <c>post_surge</c>, as far as anybody reads it.</summary>
public sealed class PostSurge
{
    public required string PostId { get; init; }

    /// <summary>The number of a phase: new, emerging, trending, peaked, faded.</summary>
    public short Phase { get; init; }

    public DateTime? PhaseSince { get; init; }

    /// <summary>0 to 100.</summary>
    public double Surge { get; init; }

    public double TimesTypical { get; init; }

    public int Gain { get; init; }

    public double WindowMinutes { get; init; }

    public double AgeMinutes { get; init; }

    /// <summary>Points at a day of age: 10 % quantile; null with the other two.</summary>
    public double? ForecastLow { get; init; }

    public double? Forecast { get; init; }

    public double? ForecastHigh { get; init; }

    public double? Chance { get; init; }

    public double PeakVelocity { get; init; }

    public int BaselinePosts { get; init; }
}

/// <summary>
/// Steps of the score, which indexes can name: a counter changes with every refresh and must not be indexed. The limits are those of the
/// table's <c>score_tier</c>.
/// </summary>
public static class ScoreTiers
{
    public const int High = 1_000;
    public const int Highest = 10_000;
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
    public bool SentimentReliable { get; init; }

    /// <summary>The post's creation. NULL in rows from before this column, which <c>DateTime</c> cannot say: no list reads those.</summary>
    public DateTime CreatedUtc { get; init; }

    /// <summary>What a search finds the post by.</summary>
    public NpgsqlTsVector? Document { get; init; }
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
