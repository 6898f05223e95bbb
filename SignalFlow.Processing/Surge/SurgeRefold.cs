using Npgsql;
using SignalFlow.Processing.Velocity;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Surge;

/// <summary>
/// Finds the signals of marked posts anew, from all their observations. Any number of processes may do it at once, beside the pipeline: the row of a
/// signal is locked before the history is read, so what the pipeline adds meanwhile either is in that history or finds a state that it has not
/// continued, and marks the post again.
/// </summary>
internal sealed class SurgeRefold(NpgsqlDataSource dataSource, SurgeAnalysis analysis, SurgeBaselines baselines, VelocityCache cache)
{
    private const int MostPosts = 200;

    /// <returns>How many posts were folded.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var marks = await MarksAsync(cancellationToken);
        if (marks.Count == 0)
            return 0;
        await FoldAsync([.. marks.Keys], cancellationToken);
        cache.Forget([.. marks.Keys]);
        // Not in the same transaction: the pipeline locks signals before marks. A mark that was set again meanwhile stays.
        await using var done = dataSource.CreateCommand(
            "DELETE FROM surge_refolds USING unnest($1, $2) AS folded (post_id, marked_at) WHERE surge_refolds.post_id = folded.post_id AND surge_refolds.marked_at = folded.marked_at");
        done.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. marks.Keys] });
        done.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. marks.Values] });
        await done.ExecuteNonQueryAsync(cancellationToken);
        return marks.Count;
    }

    private async Task<Dictionary<string, DateTime>> MarksAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT post_id, marked_at FROM surge_refolds ORDER BY marked_at LIMIT $1");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MostPosts });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var marks = new Dictionary<string, DateTime>();
        while (await reader.ReadAsync(cancellationToken))
            marks.Add(reader.GetString(0), reader.GetDateTime(1));
        return marks;
    }

    private async Task FoldAsync(string[] ids, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var locked = new NpgsqlCommand("SELECT FROM post_surge WHERE post_id = ANY ($1) ORDER BY post_id FOR UPDATE", connection))
        {
            locked.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = ids });
            await locked.ExecuteNonQueryAsync(cancellationToken);
        }

        var posts = await ReadAsync(connection, ids, cancellationToken);
        await baselines.EnsureAsync(posts.SelectMany(post => post.History).Select(observation => observation.At), cancellationToken);
        var changes = posts.ConvertAll(post => analysis.Fold(post.Id, post.Subreddit, post.CreatedAt, post.History)!);
        if (changes.Count > 0)
        {
            await using var batch = new NpgsqlBatch(connection, transaction);
            batch.BatchCommands.Add(SurgeStatements.Replace(changes));
            if (SurgeStatements.Events(changes) is { } events)
                batch.BatchCommands.Add(events);
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<List<StoredPost>> ReadAsync(NpgsqlConnection connection, string[] ids, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            SELECT post.id, subreddit.name, post.created_utc, history.captured_at, history.score, history.num_comments, history.upvote_ratio
            FROM unnest($1) AS given (id)
            CROSS JOIN LATERAL (SELECT * FROM posts WHERE posts.id = given.id AND purged_at IS NULL LIMIT 1) AS post
            JOIN subreddits subreddit ON subreddit.id = post.subreddit_id
            CROSS JOIN LATERAL (
              SELECT captured_at, score, num_comments, upvote_ratio FROM post_metrics_history
              WHERE post_id = post.id AND post_metrics_history.subreddit_id = post.subreddit_id AND captured_at >= post.created_utc - interval '1 day') AS history
            ORDER BY post.id, history.captured_at
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = ids });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var posts = new List<StoredPost>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (posts is not [.., { } last] || last.Id != reader.GetString(0))
                posts.Add(new(reader.GetString(0), reader.GetString(1), Microseconds(reader.GetDateTime(2)), []));
            posts[^1].History.Add(new(
                Microseconds(reader.GetDateTime(3)), reader.GetInt32(4), reader.GetInt32(5), reader.IsDBNull(6) ? float.NaN : (float)reader.GetDouble(6)));
        }

        return posts;
    }

    private static long Microseconds(DateTime time) => (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private sealed record StoredPost(string Id, string Subreddit, long CreatedAt, List<SurgeObservation> History);
}
