using System.Data;
using System.Globalization;
using Npgsql;

namespace SignalFlow.Benchmarks.Crash;

/// <summary>
/// Everything that a database holds of a stream, row by row and in an order of its own, without what the clock or a sequence has given:
/// two databases that have seen the same messages hold the same.
/// </summary>
internal static class StoredRows
{
    public const string Posts = "posts";
    public const string History = "post_metrics_history";
    public const string Features = "post_nlp_features";
    public const string DeadLetters = "dlq_events";

    // Key, then the whole row. Subreddits are numbered as they come, so their names stand for them.
    private static readonly (string Table, string Sql)[] Queries =
    [
        (Posts, """
            SELECT post.id, concat_ws('|', subreddit.name, (to_jsonb(post) - 'subreddit_id')::text)
            FROM posts post JOIN subreddits subreddit ON subreddit.id = post.subreddit_id
            ORDER BY post.id COLLATE "C"
            """),
        (History, """
            SELECT history.post_id || '@' || history.captured_at, concat_ws('|', subreddit.name, (to_jsonb(history) - 'subreddit_id')::text)
            FROM post_metrics_history history JOIN subreddits subreddit ON subreddit.id = history.subreddit_id
            ORDER BY history.post_id COLLATE "C", history.captured_at
            """),
        // Which transaction has written a text is a sequence's as well.
        (Features, """
            SELECT post_id, (to_jsonb(features) - 'written_in')::text FROM post_nlp_features features ORDER BY post_id COLLATE "C"
            """),
        // A letter may be sent again, which counts as another attempt and has another place in the dead-letter topic.
        (DeadLetters, """
            SELECT source_topic || '/' || source_partition || '@' || source_offset,
              (to_jsonb(event) - '{id,failed_at,attempt,dlq_partition,dlq_offset,created_at,updated_at}'::text[]
                || jsonb_build_object('purged_at', purged_at IS NOT NULL))::text
            FROM dlq_events event ORDER BY source_topic, source_partition, source_offset
            """),
    ];

    /// <summary>All rows by table and key.</summary>
    public static async Task<IReadOnlyDictionary<string, SortedDictionary<string, string>>> ReadAsync(
        NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var tables = new Dictionary<string, SortedDictionary<string, string>>();
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        // One snapshot, and times as they are in UTC.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await using (var zone = new NpgsqlCommand("SET LOCAL TimeZone = 'UTC'", connection))
            await zone.ExecuteNonQueryAsync(cancellationToken);
        foreach (var (table, sql) in Queries)
        {
            var rows = new SortedDictionary<string, string>(StringComparer.Ordinal);
            await using var command = new NpgsqlCommand(sql, connection);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                rows.Add(reader.GetString(0), reader.GetString(1));
            tables.Add(table, rows);
        }

        return tables;
    }

    /// <summary>One line for each row that is missing, too many or different; none if the databases hold the same.</summary>
    public static IReadOnlyList<string> Differences(
        IReadOnlyDictionary<string, SortedDictionary<string, string>> expected, IReadOnlyDictionary<string, SortedDictionary<string, string>> actual)
    {
        var differences = new List<string>();
        foreach (var (table, rows) in expected)
        {
            foreach (var (key, row) in rows)
            {
                if (!actual[table].TryGetValue(key, out var other))
                    differences.Add(string.Create(CultureInfo.InvariantCulture, $"{table} {key}: missing: {row}"));
                else if (other != row)
                    differences.Add(string.Create(CultureInfo.InvariantCulture, $"{table} {key}: expected: {row}\n  found: {other}"));
            }

            foreach (var (key, row) in actual[table])
            {
                if (!rows.ContainsKey(key))
                    differences.Add(string.Create(CultureInfo.InvariantCulture, $"{table} {key}: not expected: {row}"));
            }
        }

        return differences;
    }
}
