namespace SignalFlow.Contracts;

/// <summary>What ingestion is doing, shard by shard.</summary>
public sealed record IngestionView
{
    public required IReadOnlyList<IngestionShardView> Shards { get; init; }
}

/// <summary>One part of the subreddits and who polls it. Nulls: not known yet.</summary>
public sealed record IngestionShardView
{
    public required int ShardId { get; init; }
    public required int ShardCount { get; init; }

    /// <summary>The process that holds the shard, or held it last.</summary>
    public required string Instance { get; init; }

    public required DateTimeOffset AcquiredAt { get; init; }
    public required DateTimeOffset HeartbeatAt { get; init; }
    public required double HeartbeatAgeSeconds { get; init; }

    /// <summary>Requests a minute that it may spend.</summary>
    public int? RequestsLimit { get; init; }

    public int? RequestsLastMinute { get; init; }

    /// <summary>Requests left in Reddit's window, which ends at <see cref="RatelimitResetAt"/>.</summary>
    public double? RatelimitRemaining { get; init; }

    public DateTimeOffset? RatelimitResetAt { get; init; }
    public DateTimeOffset? PausedUntil { get; init; }
    public string? RefreshPreset { get; init; }

    /// <summary>Factor on the interval of the most stretched class of posts; 1: every refresh fits into the quota.</summary>
    public double? RefreshStretch { get; init; }

    public int? PostsTracked { get; init; }
    public int? RefreshOverdue { get; init; }

    /// <summary>How far the pass under way has come, from new to old posts.</summary>
    public DateTimeOffset? SweepCreatedUtc { get; init; }

    public DateTimeOffset? SweepStartedAt { get; init; }

    /// <summary>When the last finished pass began: every older post has been looked at since.</summary>
    public DateTimeOffset? SweepCoveredAt { get; init; }

    /// <summary>Now minus <see cref="SweepCoveredAt"/>: a post that Reddit has removed is shown for this long at most.</summary>
    public double? SweepAgeSeconds { get; init; }
}

public sealed record SubredditStatusList
{
    public required IReadOnlyList<SubredditStatusView> Results { get; init; }
}

/// <summary>A subreddit that is to be polled or has been.</summary>
public sealed record SubredditStatusView
{
    /// <summary>To be polled, but not yet polled.</summary>
    public const string Pending = "pending";

    public required string Name { get; init; }

    /// <summary><c>fast</c>, <c>medium</c> or <c>slow</c>; null when it is configured no longer.</summary>
    public string? Tier { get; init; }

    /// <summary>Null: the interval of the tier.</summary>
    public int? IntervalSeconds { get; init; }

    public required bool IsActive { get; init; }
    public int? ShardId { get; init; }

    /// <summary><c>ok</c>, <c>new</c>, <see cref="Pending"/>, or why it cannot be polled.</summary>
    public required string Status { get; init; }

    public string? Detail { get; init; }
    public DateTimeOffset? StatusSince { get; init; }
    public DateTimeOffset? LastPollAt { get; init; }
    public DateTimeOffset? LastSuccessAt { get; init; }
    public DateTimeOffset? NextPollAt { get; init; }
    public DateTimeOffset? NewestPostAt { get; init; }
    public double? PostsPerHour { get; init; }

    /// <summary>Its share of the quota.</summary>
    public double? RequestsPerHour { get; init; }

    /// <summary>Posts known to be missing.</summary>
    public required int Gaps { get; init; }

    public DateTimeOffset? LastGapAt { get; init; }
    public DateTimeOffset? BackfilledAt { get; init; }
    public int? BackfilledPosts { get; init; }
}

/// <summary>The posts whose content was purged, newest purge first, and how many there are. <see cref="PostPage"/> has the paging.</summary>
public sealed record PurgePage
{
    public string? Next { get; init; }
    public string? Previous { get; init; }
    public required PurgeSummary Summary { get; init; }
    public required IReadOnlyList<PurgeView> Results { get; init; }
}

public sealed record PurgeSummary
{
    public required long Total { get; init; }
    public required long LastDay { get; init; }

    /// <summary>The most frequent first.</summary>
    public required IReadOnlyList<PurgeReasonCount> Reasons { get; init; }
}

/// <param name="LastDay">Of these, in the last 24 hours.</param>
public sealed record PurgeReasonCount(string Reason, long Total, long LastDay);

/// <summary>That a post was purged; nothing of its content.</summary>
public sealed record PurgeView
{
    public required string Id { get; init; }
    public required string Subreddit { get; init; }
    public required string Reason { get; init; }
    public required DateTimeOffset PurgedAt { get; init; }
    public required DateTimeOffset CreatedUtc { get; init; }
    public required DateTimeOffset FirstSeenAt { get; init; }
}
