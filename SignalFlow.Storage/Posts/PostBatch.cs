using SignalFlow.Contracts;

namespace SignalFlow.Storage.Posts;

/// <summary>What one processed batch changes: at most one <see cref="PostChange"/> per post, any number of observations.</summary>
public sealed record PostBatch(IReadOnlyList<PostChange> Posts, IReadOnlyList<HistoryEntry> History);

/// <summary>The new row of a post.</summary>
public sealed record PostChange
{
    /// <summary>Where the texts come from when the post is new, and the columns that may change when it is not.</summary>
    public required PostObservation Newest { get; init; }

    public required PostState State { get; init; }
    public required double TrendingScore { get; init; }
    public required bool IsTrending { get; init; }

    /// <summary>Stored once: titles do not change.</summary>
    public required NlpFeatures Nlp { get; init; }
}

/// <summary>What the text analysis says of a post.</summary>
public sealed record NlpFeatures(double SentimentScore, string SentimentLabel, string[] Keywords);

/// <summary>One observation for <c>post_metrics_history</c>.</summary>
public readonly record struct HistoryEntry(string PostId, string Subreddit, Sample Sample, double? UpvoteRatio);
