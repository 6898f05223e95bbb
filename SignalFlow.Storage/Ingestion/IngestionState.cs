using SignalFlow.Storage.Posts;

namespace SignalFlow.Storage.Ingestion;

/// <summary>What an earlier run of ingestion has left, and a new one begins with.</summary>
public sealed record IngestionState(
    IReadOnlyList<TrackedPost> Posts, IReadOnlyList<StoredSubreddit> Subreddits, SweepProgress Sweep)
{
    public static IngestionState Empty { get; } = new([], [], new SweepProgress(null, null, null));
}

/// <summary>A subreddit of which there is any post.</summary>
/// <param name="CoveredAt">A round that began then was read to its end, and another one after it; null: unknown.</param>
public sealed record StoredSubreddit(
    string Name, DateTimeOffset? CoveredAt, DateTimeOffset? BackfilledAt, int BackfilledPosts, int Gaps, DateTimeOffset? LastGapAt);

/// <summary>How far the sweep of old posts has come.</summary>
/// <param name="Position">The last post that was looked at; null: none in this pass.</param>
/// <param name="StartedAt">When the pass began; null: none is under way.</param>
/// <param name="CoveredAt">When the last finished pass began: every older post has been looked at since.</param>
public sealed record SweepProgress(SweepCursor? Position, DateTimeOffset? StartedAt, DateTimeOffset? CoveredAt);

/// <summary>A place in the order of posts from new to old.</summary>
public sealed record SweepCursor(DateTimeOffset CreatedUtc, string Id);

/// <summary>A row of <c>subreddit_state</c>.</summary>
public sealed record SubredditState
{
    public required string Name { get; init; }
    public required string Status { get; init; }
    public string? Detail { get; init; }
    public required DateTimeOffset StatusSince { get; init; }
    public DateTimeOffset? LastPollAt { get; init; }
    public DateTimeOffset? LastSuccessAt { get; init; }
    public DateTimeOffset? NextPollAt { get; init; }
    public DateTimeOffset? CoveredAt { get; init; }
    public DateTimeOffset? NewestPostAt { get; init; }
    public double PostsPerHour { get; init; }
    public double RequestsPerHour { get; init; }
    public int Gaps { get; init; }
    public DateTimeOffset? LastGapAt { get; init; }
    public DateTimeOffset? BackfilledAt { get; init; }
    public int BackfilledPosts { get; init; }
}

/// <summary>The columns of <c>ingestion_shards</c> that tell of the work, not of who does it.</summary>
public sealed record ShardState
{
    public required int RequestsLimit { get; init; }
    public required int RequestsLastMinute { get; init; }
    public double? RatelimitRemaining { get; init; }
    public DateTimeOffset? RatelimitResetAt { get; init; }
    public DateTimeOffset? PausedUntil { get; init; }
    public required string RefreshPreset { get; init; }
    public required double RefreshStretch { get; init; }
    public required int PostsTracked { get; init; }
    public required int RefreshOverdue { get; init; }
    public required SweepProgress Sweep { get; init; }
}
