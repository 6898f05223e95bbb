namespace SignalFlow.Contracts;

/// <summary>Stories with posts in a window, those of most posts first.</summary>
public sealed record StoryList
{
    public required DateTimeOffset Start { get; init; }
    public required DateTimeOffset End { get; init; }
    public required IReadOnlyList<StoryView> Results { get; init; }
}

/// <summary>Posts that tell the same: one link, nearly one title, or the same words. Removed posts are left out.</summary>
public record StoryView
{
    /// <summary>For <c>/api/stories/{id}/</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The keywords that most of its posts have.</summary>
    public required IReadOnlyList<string> Label { get; init; }

    /// <summary>Its best post.</summary>
    public required string PostId { get; init; }

    /// <summary>Of that post.</summary>
    public required string Title { get; init; }

    public required long Posts { get; init; }

    public required long TotalScore { get; init; }

    public required long TotalComments { get; init; }

    public required int SubredditCount { get; init; }

    public double? AvgSentiment { get; init; }

    /// <summary>Creation of its first post.</summary>
    public required DateTimeOffset FirstAt { get; init; }

    /// <summary>Creation of its last one.</summary>
    public required DateTimeOffset LastAt { get; init; }
}

/// <summary>A story with its spread.</summary>
public sealed record StoryDetail : StoryView
{
    /// <summary>By subreddit, in the order in which it came there.</summary>
    public required IReadOnlyList<StorySpreadView> Spread { get; init; }

    /// <summary>At most 200, the oldest first.</summary>
    public required IReadOnlyList<StoryPostView> Results { get; init; }
}

/// <param name="Subreddit">Name.</param>
/// <param name="FirstAt">Creation of the first post there.</param>
/// <param name="LagMinutes">After the story's first post.</param>
/// <param name="Posts">How many there.</param>
/// <param name="TotalScore">Of these.</param>
public sealed record StorySpreadView(string Subreddit, DateTimeOffset FirstAt, double LagMinutes, int Posts, long TotalScore);

/// <param name="Post">Its newest state.</param>
/// <param name="Evidence">Why it belongs: <c>first</c>, <c>link</c>, <c>title</c> or <c>words</c>.</param>
/// <param name="Similarity">Of titles or words, 0 to 1.</param>
public sealed record StoryPostView(PostView Post, string Evidence, double Similarity);

/// <summary>Words and phrases that more people use than usual, the most remarkable first.</summary>
public sealed record TermBurstList
{
    public required DateTimeOffset Start { get; init; }
    public required DateTimeOffset End { get; init; }

    /// <summary>Since when terms are counted; null: they are not yet. Less than a week says what is compared with.</summary>
    public DateTimeOffset? LearningSince { get; init; }

    public required IReadOnlyList<RankedTermBurst> Results { get; init; }
}

/// <param name="Burst">The strongest of the term in the window.</param>
/// <param name="Score">(authors - expected)² / expected, halved every four hours.</param>
/// <param name="Reason">In words.</param>
public sealed record RankedTermBurst(TermBurstView Burst, double Score, string Reason);
