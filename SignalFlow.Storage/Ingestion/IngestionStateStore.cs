using Npgsql;
using NpgsqlTypes;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Storage.Ingestion;

/// <summary>Reads what ingestion needs to go on after a restart, and keeps what it tells operators.</summary>
public sealed class IngestionStateStore(NpgsqlDataSource dataSource)
{
    // The three answers of one round trip: posts still to be refreshed, all subreddits there have ever been, the sweep's progress.
    private const string Load = $"{SelectPosts} WHERE post.created_utc > $1";

    private const string SelectPosts = """
        SELECT post.id, subreddit.name, post.created_utc, post.first_seen_at, post.last_polled_at, post.current_score, post.current_comments,
          post.prev_polled_at IS NOT NULL AND post.prev_comments = post.current_comments
            AND abs(post.prev_score - post.current_score) <= 1 AS is_quiet,
          post.purged_at IS NOT NULL AS is_purged
        FROM posts post JOIN subreddits subreddit ON subreddit.id = post.subreddit_id
        """;

    private const string LoadSubreddits = """
        SELECT DISTINCT ON (lower(subreddit.name))
          subreddit.name, state.covered_at, state.backfilled_at, coalesce(state.backfilled_posts, 0), coalesce(state.gaps, 0), state.last_gap_at
        FROM subreddits subreddit LEFT JOIN subreddit_state state ON state.name = lower(subreddit.name)
        """;

    /// <param name="shardId">Whose sweep to go on with.</param>
    /// <param name="createdAfter">Older posts are not refreshed any more.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<IngestionState> LoadAsync(int shardId, DateTimeOffset createdAfter, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();
        batch.BatchCommands.Add(new(Load) { Parameters = { new() { Value = createdAfter.UtcDateTime } } });
        batch.BatchCommands.Add(new(LoadSubreddits));
        batch.BatchCommands.Add(new("""
            SELECT sweep_created_utc, sweep_post_id, sweep_started_at, sweep_covered_at FROM ingestion_shards WHERE shard_id = $1
            """)
        {
            Parameters = { new() { Value = shardId } },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var posts = await ReadPostsAsync(reader, cancellationToken);

        await reader.NextResultAsync(cancellationToken);
        var subreddits = new List<StoredSubreddit>();
        while (await reader.ReadAsync(cancellationToken))
            subreddits.Add(new(reader.GetString(0), Time(reader, 1), Time(reader, 2), reader.GetInt32(3), reader.GetInt32(4), Time(reader, 5)));

        await reader.NextResultAsync(cancellationToken);
        var sweep = await reader.ReadAsync(cancellationToken)
            ? new SweepProgress(Time(reader, 0) is { } created ? new(created, reader.GetString(1)) : null, Time(reader, 2), Time(reader, 3))
            : IngestionState.Empty.Sweep;
        return new(posts, subreddits, sweep);
    }

    /// <summary>Those of <paramref name="ids"/> that are in the database, however old.</summary>
    public async Task<IReadOnlySet<string>> FindKnownAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT id FROM posts WHERE id = ANY ($1)");
        command.Parameters.Add(new() { Value = ids.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var known = new HashSet<string>();
        while (await reader.ReadAsync(cancellationToken))
            known.Add(reader.GetString(0));
        return known;
    }

    /// <summary>The next posts with content in the order from new to old.</summary>
    /// <param name="after">The last one that was read; null: from the newest.</param>
    /// <param name="createdBefore">Younger ones are left out.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<IReadOnlyList<TrackedPost>> LoadOldAsync(
        SweepCursor? after, DateTimeOffset createdBefore, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"""
            {SelectPosts}
            WHERE (post.created_utc, post.id) < ($1, $2) AND post.purged_at IS NULL
            ORDER BY post.created_utc DESC, post.id DESC
            LIMIT $3
            """);
        command.Parameters.Add(new() { Value = (after?.CreatedUtc ?? createdBefore).UtcDateTime });
        // Smaller than every id, so that a post created at that very instant is left out.
        command.Parameters.Add(new() { Value = after?.Id ?? "" });
        command.Parameters.Add(new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await ReadPostsAsync(reader, cancellationToken);
    }

    /// <summary>Writes what operators see, in one round trip.</summary>
    public async Task SaveAsync(
        int shardId, ShardState shard, IReadOnlyList<SubredditState> subreddits, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();
        batch.BatchCommands.Add(Shard(shardId, shard));
        batch.BatchCommands.Add(Subreddits(shardId, subreddits));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<List<TrackedPost>> ReadPostsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var posts = new List<TrackedPost>();
        while (await reader.ReadAsync(cancellationToken))
        {
            posts.Add(new(
                reader.GetString(0),
                reader.GetString(1),
                reader.GetFieldValue<DateTimeOffset>(2),
                reader.GetFieldValue<DateTimeOffset>(3),
                reader.GetFieldValue<DateTimeOffset>(4),
                reader.GetInt32(5),
                reader.GetInt32(6),
                reader.GetBoolean(7),
                reader.GetBoolean(8)));
        }

        return posts;
    }

    private static NpgsqlBatchCommand Shard(int shardId, ShardState shard) => new("""
        UPDATE ingestion_shards SET
          requests_limit = $2, requests_last_minute = $3, ratelimit_remaining = $4, ratelimit_reset_at = $5, paused_until = $6,
          refresh_preset = $7, refresh_stretch = $8, posts_tracked = $9, refresh_overdue = $10,
          sweep_created_utc = $11, sweep_post_id = $12, sweep_started_at = $13, sweep_covered_at = $14
        WHERE shard_id = $1
        """)
    {
        Parameters =
        {
            new() { Value = shardId },
            new() { Value = shard.RequestsLimit },
            new() { Value = shard.RequestsLastMinute },
            new() { Value = (object?)shard.RatelimitRemaining ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Double },
            Timestamp(shard.RatelimitResetAt),
            Timestamp(shard.PausedUntil),
            new() { Value = shard.RefreshPreset },
            new() { Value = shard.RefreshStretch },
            new() { Value = shard.PostsTracked },
            new() { Value = shard.RefreshOverdue },
            Timestamp(shard.Sweep.Position?.CreatedUtc),
            new() { Value = (object?)shard.Sweep.Position?.Id ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            Timestamp(shard.Sweep.StartedAt),
            Timestamp(shard.Sweep.CoveredAt),
        },
    };

    private static NpgsqlBatchCommand Subreddits(int shardId, IReadOnlyList<SubredditState> rows)
    {
        var command = new NpgsqlBatchCommand("""
            INSERT INTO subreddit_state (
              name, shard_id, status, detail, status_since, last_poll_at, last_success_at, next_poll_at, covered_at, newest_post_at,
              posts_per_hour, requests_per_hour, gaps, last_gap_at, backfilled_at, backfilled_posts, updated_at)
            SELECT lower(name), $16, status, detail, status_since, last_poll_at, last_success_at, next_poll_at, covered_at, newest_post_at,
              posts_per_hour, requests_per_hour, gaps, last_gap_at, backfilled_at, backfilled_posts, now()
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS given (
              name, status, detail, status_since, last_poll_at, last_success_at, next_poll_at, covered_at, newest_post_at,
              posts_per_hour, requests_per_hour, gaps, last_gap_at, backfilled_at, backfilled_posts)
            ORDER BY name
            ON CONFLICT (name) DO UPDATE SET
              shard_id = excluded.shard_id, status = excluded.status, detail = excluded.detail, status_since = excluded.status_since,
              last_poll_at = excluded.last_poll_at, last_success_at = excluded.last_success_at, next_poll_at = excluded.next_poll_at,
              covered_at = excluded.covered_at,
              newest_post_at = excluded.newest_post_at, posts_per_hour = excluded.posts_per_hour,
              requests_per_hour = excluded.requests_per_hour, gaps = excluded.gaps, last_gap_at = excluded.last_gap_at,
              backfilled_at = excluded.backfilled_at, backfilled_posts = excluded.backfilled_posts, updated_at = excluded.updated_at
            """);
        Add(row => row.Name);
        Add(row => row.Status);
        Add(row => row.Detail);
        Add(row => row.StatusSince.UtcDateTime);
        Add(row => row.LastPollAt?.UtcDateTime);
        Add(row => row.LastSuccessAt?.UtcDateTime);
        Add(row => row.NextPollAt?.UtcDateTime);
        Add(row => row.CoveredAt?.UtcDateTime);
        Add(row => row.NewestPostAt?.UtcDateTime);
        Add(row => row.PostsPerHour);
        Add(row => row.RequestsPerHour);
        Add(row => row.Gaps);
        Add(row => row.LastGapAt?.UtcDateTime);
        Add(row => row.BackfilledAt?.UtcDateTime);
        Add(row => row.BackfilledPosts);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = shardId });
        return command;

        void Add<T>(Func<SubredditState, T> column) =>
            command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. rows.Select(column)] });
    }

    private static NpgsqlParameter Timestamp(DateTimeOffset? time) =>
        new() { Value = (object?)time?.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
