using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Ingestion.Planning;

internal abstract record PlannedRequest
{
    /// <summary>Label of the metrics.</summary>
    public abstract string Kind { get; }

    /// <summary>The newest posts of some subreddits, or the page after <paramref name="After"/> of them.</summary>
    /// <param name="Delay">How much later than due the round began; null for a later page of it.</param>
    public sealed record Poll(ListingGroup Group, IReadOnlyList<string> Subreddits, string? After, TimeSpan? Delay) : PlannedRequest
    {
        /// <summary>fast, medium or slow.</summary>
        public string Tier { get; } = Group.Members[0].Config.Priority;

        public override string Kind => "poll";
    }

    /// <summary>The current state of known posts.</summary>
    public sealed record Refresh(IReadOnlyList<string> Ids) : PlannedRequest
    {
        public override string Kind => "refresh";
    }

    /// <summary>A page of the posts that a subreddit had before it was added.</summary>
    public sealed record Backfill(PolledSubreddit Subreddit, string? After) : PlannedRequest
    {
        public override string Kind => "backfill";
    }

    /// <summary>Whether old posts are still there.</summary>
    public sealed record Sweep(IReadOnlyList<OldPost> Posts) : PlannedRequest
    {
        public override string Kind => "sweep";
    }
}

/// <param name="Request">What to send now; null: nothing yet.</param>
/// <param name="At">Without a request: when to ask again, unless something happens before.</param>
internal readonly record struct Plan(PlannedRequest? Request, DateTimeOffset At);

/// <summary>A page of a listing, compared with what is known.</summary>
/// <param name="Unseen">Posts to publish for the first time. They are claimed until the page is settled.</param>
/// <param name="Seen">Posts that are followed: the page is an observation of them.</param>
/// <param name="Removed">Posts that are followed and that Reddit has removed.</param>
/// <param name="Known">All posts on it that had been published before, in its order.</param>
internal sealed record PageReview(
    IReadOnlyList<RedditPost> Unseen, IReadOnlyList<RedditPost> Seen, IReadOnlyList<PostGone> Removed, IReadOnlyList<KnownPost> Known);

/// <summary>A post that had been published before.</summary>
/// <param name="CreatedAt">When Reddit says it was created.</param>
/// <param name="FirstSeen">When it was first seen here.</param>
/// <param name="IsProven">A listing has been read from it down to what was known: nothing below it is unseen.</param>
internal readonly record struct KnownPost(DateTimeOffset CreatedAt, DateTimeOffset FirstSeen, bool IsProven);

/// <summary>An answer to a refresh or a sweep, compared with what is known.</summary>
/// <param name="Observed">Posts as they are now.</param>
/// <param name="Removed">Posts whose content must be purged.</param>
internal sealed record InfoReview(IReadOnlyList<RedditPost> Observed, IReadOnlyList<PostGone> Removed);

/// <summary>A post that Reddit has removed, or no longer knows.</summary>
/// <param name="Reason">Reddit's <c>removed_by_category</c>, or <see cref="Contracts.PostRemoval"/>'s words for what it does not say.</param>
/// <param name="Score">Of the answer that said so, or the last known one.</param>
/// <param name="Comments">Likewise.</param>
internal sealed record PostGone(string Id, string Subreddit, DateTimeOffset CreatedAt, int Score, int Comments, string Reason);

/// <summary>What a request's failure means.</summary>
/// <param name="Delay">Until the same is asked again.</param>
/// <param name="News">The failure differs from the last one, so it is worth a line in the log.</param>
/// <param name="Split">The listing was refused as a whole: its subreddits are asked for in smaller parts.</param>
internal readonly record struct Setback(TimeSpan Delay, bool News, bool Split = false);

/// <summary>What a completed page of a poll leads to.</summary>
/// <param name="Recovered">Subreddits that had been failing.</param>
/// <param name="Gaps">Posts between the oldest fetched and the newest known ones are out of the API's reach.</param>
internal sealed record PollResult(IReadOnlyList<string> Recovered, IReadOnlyList<PollGap> Gaps)
{
    public static PollResult Nothing { get; } = new([], []);
}

/// <param name="Subreddit">Whose posts may be missing.</param>
/// <param name="Posts">How many posts the round fetched before the listing ended.</param>
/// <param name="From">The round before this one.</param>
/// <param name="To">The creation of the oldest post fetched.</param>
internal sealed record PollGap(string Subreddit, int Posts, DateTimeOffset From, DateTimeOffset To);
