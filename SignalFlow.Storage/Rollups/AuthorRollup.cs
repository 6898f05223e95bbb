using Npgsql;

namespace SignalFlow.Storage.Rollups;

/// <summary>
/// Counts <c>post_author_days</c>: the posts of the marked days by author, all of them again; rows that stay the same are not written.
/// Safe to run at any time and twice.
/// </summary>
internal static class AuthorRollup
{
    private const string Authors = "authors";
    private const int MostDays = 8;

    private const string Count = """
        WITH counted AS (
          SELECT author, count(*) AS posts, sum(current_score) AS score_sum
          FROM posts
          WHERE created_utc >= $1 AND created_utc < $1 + interval '24 hours' AND purged_at IS NULL AND author IS NOT NULL AND author <> '[deleted]'
          GROUP BY author
        ), gone AS (
          DELETE FROM post_author_days stored
          WHERE day = $2 AND NOT EXISTS (SELECT FROM counted WHERE counted.author = stored.author)
        )
        INSERT INTO post_author_days AS stored (day, author, posts, score_sum)
        SELECT $2, author, posts, score_sum FROM counted ORDER BY author
        ON CONFLICT (author, day) DO UPDATE SET posts = excluded.posts, score_sum = excluded.score_sum
        WHERE (stored.posts, stored.score_sum) IS DISTINCT FROM (excluded.posts, excluded.score_sum)
        """;

    /// <returns>The number of days that were counted.</returns>
    public static async Task<long> RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var days = new List<(DateTime Day, DateTime TouchedAt)>();
        await using (var due = new NpgsqlCommand(
            "SELECT bucket, touched_at FROM rollup_marks WHERE source = $1 ORDER BY touched_at, bucket DESC LIMIT $2", connection)
        {
            Parameters = { new() { Value = Authors }, new() { Value = MostDays } },
        })
        {
            await using var reader = await due.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                days.Add((reader.GetDateTime(0), reader.GetDateTime(1)));
        }

        foreach (var (day, touchedAt) in days)
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(new(Count)
            {
                Parameters = { new() { Value = day }, new NpgsqlParameter<DateOnly> { TypedValue = DateOnly.FromDateTime(day) } },
            });
            // Unless the hours were counted meanwhile: then it is due again.
            batch.BatchCommands.Add(new("DELETE FROM rollup_marks WHERE source = $1 AND bucket = $2 AND touched_at = $3")
            {
                Parameters = { new() { Value = Authors }, new() { Value = day }, new() { Value = touchedAt } },
            });
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        return days.Count;
    }
}
