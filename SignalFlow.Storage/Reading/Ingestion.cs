namespace SignalFlow.Storage.Reading;

/// <summary>A row of <c>ingestion_shards</c>.</summary>
public sealed class IngestionShard
{
    public int ShardId { get; init; }
    public int ShardCount { get; init; }
    public required string Instance { get; init; }
    public DateTime AcquiredAt { get; init; }
    public DateTime HeartbeatAt { get; init; }
    public int? RequestsLimit { get; init; }
    public int? RequestsLastMinute { get; init; }
    public double? RatelimitRemaining { get; init; }
    public DateTime? RatelimitResetAt { get; init; }
    public DateTime? PausedUntil { get; init; }
    public string? RefreshPreset { get; init; }
    public double? RefreshStretch { get; init; }
    public int? PostsTracked { get; init; }
    public int? RefreshOverdue { get; init; }
    public DateTime? SweepCreatedUtc { get; init; }
    public DateTime? SweepStartedAt { get; init; }
    public DateTime? SweepCoveredAt { get; init; }
}

/// <summary>A subreddit that is to be polled or has been: <c>subreddit_config</c> and <c>subreddit_state</c> side by side.</summary>
public sealed class PolledSubreddit
{
    // State alone is left of a subreddit that was taken out of the configuration.
    internal const string Query = """
        SELECT
          coalesce(config.name, state.name) AS name, config.priority AS tier, config.interval_seconds, coalesce(config.is_active, false) AS is_active,
          state.shard_id, coalesce(state.status, 'pending') AS status, state.detail, state.status_since, state.last_poll_at, state.last_success_at,
          state.next_poll_at, state.newest_post_at, state.posts_per_hour, state.requests_per_hour, coalesce(state.gaps, 0) AS gaps,
          state.last_gap_at, state.backfilled_at, state.backfilled_posts
        FROM subreddit_config config FULL JOIN subreddit_state state ON state.name = lower(config.name)
        WHERE config.is_active OR state.name IS NOT NULL
        """;

    public required string Name { get; init; }
    public string? Tier { get; init; }
    public int? IntervalSeconds { get; init; }
    public bool IsActive { get; init; }
    public int? ShardId { get; init; }
    public required string Status { get; init; }
    public string? Detail { get; init; }
    public DateTime? StatusSince { get; init; }
    public DateTime? LastPollAt { get; init; }
    public DateTime? LastSuccessAt { get; init; }
    public DateTime? NextPollAt { get; init; }
    public DateTime? NewestPostAt { get; init; }
    public double? PostsPerHour { get; init; }
    public double? RequestsPerHour { get; init; }
    public int Gaps { get; init; }
    public DateTime? LastGapAt { get; init; }
    public DateTime? BackfilledAt { get; init; }
    public int? BackfilledPosts { get; init; }
}

/// <summary>A row of <c>subreddit_config</c> with what ingestion knows of it.</summary>
public sealed class ConfiguredSubredditRow
{
    // The version is PostgreSQL's own: the transaction that has written the row.
    internal const string Query = """
        SELECT
          config.name, lower(config.name) AS sort_name, config.priority AS tier, config.interval_seconds, config.is_active, config.added_by,
          config.created_at, config.updated_at, config.xmin::text::bigint AS version,
          coalesce(state.status, 'pending') AS status, state.detail, state.status_since, state.last_poll_at, state.last_success_at, state.next_poll_at,
          state.newest_post_at, state.posts_per_hour, coalesce(state.gaps, 0) AS gaps
        FROM subreddit_config config LEFT JOIN subreddit_state state ON state.name = lower(config.name)
        """;

    public required string Name { get; init; }
    public required string SortName { get; init; }
    public required string Tier { get; init; }
    public int? IntervalSeconds { get; init; }
    public bool IsActive { get; init; }
    public required string AddedBy { get; init; }
    public DateTime CreatedAt { get; init; }
    public DateTime UpdatedAt { get; init; }
    public long Version { get; init; }
    public required string Status { get; init; }
    public string? Detail { get; init; }
    public DateTime? StatusSince { get; init; }
    public DateTime? LastPollAt { get; init; }
    public DateTime? LastSuccessAt { get; init; }
    public DateTime? NextPollAt { get; init; }
    public DateTime? NewestPostAt { get; init; }
    public double? PostsPerHour { get; init; }
    public int Gaps { get; init; }
}
