namespace SignalFlow.Ingestion.Planning;

internal abstract record PlannedRequest
{
    /// <summary>The newest posts of a subreddit, or the page after <paramref name="After"/> of them.</summary>
    public sealed record Poll(string Subreddit, string? After) : PlannedRequest;

    /// <summary>The current state of known posts.</summary>
    public sealed record Refresh(IReadOnlyList<string> Ids) : PlannedRequest;
}

/// <param name="Request">What to send now; null: nothing yet.</param>
/// <param name="At">Without a request: when to ask again, unless something happens before.</param>
internal readonly record struct Plan(PlannedRequest? Request, DateTimeOffset At);

/// <summary>A page of new posts, compared with what is known.</summary>
/// <param name="Unseen">Posts to publish for the first time. They are claimed until the poll is completed.</param>
/// <param name="MeetsKnown">The page reaches back to posts of earlier rounds, so nothing is missing between them.</param>
internal sealed record PageReview(IReadOnlyList<Reddit.RedditPost> Unseen, bool MeetsKnown);

/// <summary>What a request's failure means.</summary>
/// <param name="Delay">Until the same is asked again.</param>
/// <param name="News">The failure differs from the last one, so it is worth a line in the log.</param>
internal readonly record struct Setback(TimeSpan Delay, bool News);

/// <summary>What a completed page of a poll leads to.</summary>
/// <param name="Recovered">The subreddit had been failing.</param>
/// <param name="Gap">Posts between the oldest fetched and the newest known ones are out of the API's reach.</param>
internal readonly record struct PollResult(bool Recovered, PollGap? Gap);

/// <param name="Posts">How many posts the round fetched before the listing ended.</param>
/// <param name="From">The round before this one.</param>
/// <param name="To">The creation of the oldest post fetched.</param>
internal sealed record PollGap(int Posts, DateTimeOffset From, DateTimeOffset To);
