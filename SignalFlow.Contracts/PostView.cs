using System.Text.Json.Serialization;

namespace SignalFlow.Contracts;

/// <summary>A post as REST and the live stream show it.</summary>
public sealed record PostView
{
    public required string Id { get; init; }
    public required string Title { get; init; }
    public required string Subreddit { get; init; }
    public string? Author { get; init; }
    public string? Url { get; init; }
    public string? Permalink { get; init; }
    public required DateTimeOffset CreatedUtc { get; init; }
    public required DateTimeOffset FirstSeenAt { get; init; }
    public required DateTimeOffset LastPolledAt { get; init; }
    public required int CurrentScore { get; init; }
    public required int CurrentComments { get; init; }
    public double? CurrentRatio { get; init; }
    public string? PollPriority { get; init; }

    /// <summary>Points per second between the two newest observations; 0 with one observation.</summary>
    public required double ScoreVelocity { get; init; }

    /// <summary>Comments per second between the two newest observations; 0 with one observation.</summary>
    public required double CommentVelocity { get; init; }

    /// <summary>0 to 1.</summary>
    public required double TrendingScore { get; init; }

    public required bool IsTrending { get; init; }

    /// <summary>Score plus twice the comments.</summary>
    public required long EngagementScore { get; init; }

    /// <summary>Minutes since the post was created.</summary>
    public required double AgeMinutes { get; init; }

    /// <summary>Engagement per minute of age, the age counted from one minute.</summary>
    public required double Momentum { get; init; }

    [JsonPropertyName("over_18")]
    public bool Over18 { get; init; }

    public NlpView? Nlp { get; init; }

    /// <summary>Null while nothing is known, and of purged posts.</summary>
    public SurgeView? Surge { get; init; }

    /// <summary><see cref="SurgeView.Reason"/>.</summary>
    public string? SurgeReason => Surge?.Reason(Subreddit);

    /// <summary>
    /// Reddit has removed the post: title <see cref="PostRemoval.Placeholder"/>; no author, addresses or text features; it does not trend.
    /// Final: whoever holds the post drops its content and takes no older or newer state of it with content. This field and the two below
    /// are written of purged posts only.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Purged { get; init; }

    /// <summary>When Reddit's answer without the post arrived.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? PurgedAt { get; init; }

    /// <summary>Reddit's <c>removed_by_category</c>, or a value of <see cref="PostRemoval"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PurgeReason { get; init; }
}

/// <summary>What the text of a post's title says.</summary>
public sealed record NlpView
{
    /// <summary>VADER's compound score, -1 to 1.</summary>
    public required double SentimentScore { get; init; }

    /// <summary><c>positive</c> from 0.05, <c>negative</c> to -0.05, else <c>neutral</c>.</summary>
    public required string SentimentLabel { get; init; }

    /// <summary>False: the title is not English, so the score says little.</summary>
    public bool SentimentReliable { get; init; } = true;

    public required IReadOnlyList<string> Keywords { get; init; }
    public int? TopicCluster { get; init; }
}

/// <summary>One page of a keyset-paged list. <see cref="Next"/> and <see cref="Previous"/> are addresses, null at the ends.</summary>
public sealed record PostPage
{
    public string? Next { get; init; }
    public string? Previous { get; init; }
    public required IReadOnlyList<PostView> Results { get; init; }
}

/// <summary>One stored observation of a post.</summary>
public sealed record PostHistoryPoint
{
    public required DateTimeOffset ObservedAt { get; init; }
    public required int Score { get; init; }
    public required int NumComments { get; init; }
    public double? UpvoteRatio { get; init; }
}

/// <summary>One point of a trail.</summary>
public sealed record TrailPoint(DateTimeOffset ObservedAt, int Score);

/// <summary>The newest observations of a post, oldest first: enough for a sparkline.</summary>
public sealed record PostTrail(string Id, IReadOnlyList<TrailPoint> Points);

public sealed record PostTrails(IReadOnlyList<PostTrail> Results);

/// <summary>The observations of one post, oldest first.</summary>
public sealed record PostHistory
{
    public required string Id { get; init; }
    public required IReadOnlyList<PostHistoryPoint> Results { get; init; }
}
