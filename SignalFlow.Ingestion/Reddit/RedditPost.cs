namespace SignalFlow.Ingestion.Reddit;

/// <summary>A post as an API answer describes it. Only what the pipeline uses; Reddit sends over a hundred fields.</summary>
internal sealed record RedditPost
{
    /// <summary>Without the kind's prefix: <c>xyz789</c>, not <c>t3_xyz789</c>.</summary>
    public required string Id { get; init; }

    public required string Title { get; init; }
    public required string Subreddit { get; init; }

    /// <summary>Unix seconds.</summary>
    public required double CreatedUtc { get; init; }

    public required int Score { get; init; }
    public required int NumComments { get; init; }
    public string? Selftext { get; init; }
    public string? Author { get; init; }
    public double? UpvoteRatio { get; init; }
    public bool Over18 { get; init; }
    public string? Url { get; init; }
    public string? Permalink { get; init; }
    public string? Flair { get; init; }

    /// <summary>
    /// Why Reddit shows the post no longer: its category, or <see cref="Contracts.PostRemoval.Deleted"/> where only the texts say so.
    /// Null: it is there.
    /// </summary>
    public string? RemovedBy { get; init; }

    public DateTimeOffset CreatedAt => DateTimeOffset.FromUnixTimeMilliseconds((long)(CreatedUtc * 1000));
}

/// <summary>The posts of one answer.</summary>
/// <param name="Posts">In the answer's order, which is neither that of creation nor that of ids.</param>
/// <param name="After">The anchor of the next page, null on the last one.</param>
/// <param name="Malformed">Posts left out because a field that every observation needs was missing or of the wrong kind.</param>
internal sealed record RedditListing(IReadOnlyList<RedditPost> Posts, string? After, int Malformed);
