using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Import;

/// <summary>
/// A row of the original's <c>posts</c> with what belongs to it. Times are microseconds since the Unix epoch; null: no time, or an infinite one.
/// </summary>
internal sealed record OriginalPost(
    string Id,
    string? Subreddit,
    string? Title,
    string? Author,
    long? CreatedUtc,
    long? FirstSeenAt,
    long? LastPolledAt,
    long? Score,
    long? Comments,
    double? Ratio,
    string? PollPriority,
    OriginalFeatures? Features);

/// <summary>A row of <c>post_nlp_features</c>.</summary>
/// <param name="Sentiment">VADER's compound score of the title.</param>
/// <param name="Keywords">JSON, as a rule an array of texts.</param>
internal sealed record OriginalFeatures(double? Sentiment, string? Keywords);

/// <summary>A row of <c>post_metrics_history</c>.</summary>
internal readonly record struct OriginalHistoryRow(string PostId, long? CapturedAt, long? Score, long? Comments, double? Ratio);

/// <summary>One look at a post that can be stored.</summary>
internal readonly record struct OriginalObservation(Sample Sample, double? Ratio);
