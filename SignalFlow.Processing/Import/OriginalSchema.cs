using Npgsql;

namespace SignalFlow.Processing.Import;

/// <summary>
/// The tables of the original system as one of its databases has them: its versions, and its migrations after its first schema, differ in the types of
/// times.
/// </summary>
internal sealed class OriginalSchema
{
    private static readonly string[] Timestamps = ["timestamp without time zone", "timestamp with time zone"];
    private static readonly string[] Numbers = ["double precision", "real", "numeric", "bigint", "integer"];
    private static readonly string[] Times = [.. Timestamps, .. Numbers];
    private static readonly string[] Texts = ["text", "character varying"];
    private static readonly string[] Counts = ["integer", "bigint", "smallint"];
    private static readonly string[] Json = ["jsonb", "json"];

    private static readonly (string Table, string Column, string[] Types)[] Required =
    [
        ("subreddits", "id", Counts), ("subreddits", "name", Texts),
        ("posts", "id", Texts), ("posts", "subreddit_id", Counts), ("posts", "title", Texts), ("posts", "author", Texts),
        ("posts", "created_utc", Times), ("posts", "first_seen_at", Times), ("posts", "last_polled_at", Times),
        ("posts", "current_score", Counts), ("posts", "current_comments", Counts), ("posts", "current_ratio", Numbers), ("posts", "poll_priority", Texts),
        ("post_metrics_history", "post_id", Texts), ("post_metrics_history", "captured_at", Times), ("post_metrics_history", "score", Counts),
        ("post_metrics_history", "num_comments", Counts), ("post_metrics_history", "upvote_ratio", Numbers),
        ("post_nlp_features", "post_id", Texts), ("post_nlp_features", "sentiment_score", Numbers), ("post_nlp_features", "keywords", Json),
        ("subreddit_config", "name", Texts), ("subreddit_config", "interval_seconds", Counts), ("subreddit_config", "priority", Texts),
        ("subreddit_config", "is_active", ["boolean"]), ("subreddit_config", "added_by", Texts), ("subreddit_config", "updated_at", Times),
    ];

    private readonly Dictionary<(string Table, string Column), string> _types;

    private OriginalSchema(Dictionary<(string Table, string Column), string> types) => _types = types;

    /// <exception cref="ImportException">It is not a database of the original system; the message names what is missing.</exception>
    public static async Task<OriginalSchema> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Not information_schema: that hides what the user may not read, and a missing right is not a missing table.
        await using var command = new NpgsqlCommand("""
            SELECT relname::text, attname::text, format_type(atttypid, NULL)
            FROM unnest($1) AS given (name)
            JOIN pg_class ON pg_class.oid = to_regclass(given.name)
            JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
            """, connection);
        command.Parameters.Add(new() { Value = Required.Select(column => column.Table).Distinct().Append("schema_migrations").ToArray() });
        var types = new Dictionary<(string, string), string>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                types.Add((reader.GetString(0), reader.GetString(1)), reader.GetString(2));
        }

        if (types.ContainsKey(("schema_migrations", "checksum")))
            throw new ImportException("The source is a database of this program, not of the original system.");
        if (Missing(types) is { Count: > 0 } missing)
            throw new ImportException($"The source does not look like the original system's database. Missing: {string.Join(", ", missing)}.");
        return new(types);
    }

    /// <summary>SQL for microseconds since the Unix epoch; NULL for no time and for an infinite one.</summary>
    /// <remarks>A time without zone means what it meant when it was written: one in the time zone that a session of this database has.</remarks>
    public string Time(string table, string column) => Timestamps.Contains(_types[(table, column)])
        ? $"CASE WHEN isfinite({table}.{column}) THEN round(extract(epoch FROM {table}.{column}::timestamptz) * 1000000)::bigint END"
        // Seconds. NaN sorts above all numbers.
        : $"CASE WHEN {table}.{column} BETWEEN -1e11 AND 1e12 THEN round({table}.{column}::double precision * 1000000)::bigint END";

    private static List<string> Missing(Dictionary<(string Table, string Column), string> types)
    {
        var missing = new List<string>();
        foreach (var table in Required.GroupBy(column => column.Table))
        {
            if (!types.Keys.Any(found => found.Table == table.Key))
                missing.Add($"table {table.Key}");
            else
                missing.AddRange(table.Select(column => Missing(types, column)).OfType<string>());
        }

        return missing;
    }

    private static string? Missing(Dictionary<(string Table, string Column), string> types, (string Table, string Column, string[] Types) column)
    {
        if (!types.TryGetValue((column.Table, column.Column), out var type))
            return $"column {column.Table}.{column.Column}";
        return column.Types.Contains(type) ? null : $"column {column.Table}.{column.Column} as {column.Types[0]} (it is {type})";
    }
}
