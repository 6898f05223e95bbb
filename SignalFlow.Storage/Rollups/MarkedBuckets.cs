using Npgsql;

namespace SignalFlow.Storage.Rollups;

/// <summary>Marked spans of time that are to be counted, and the database's time before the count begins.</summary>
internal sealed record MarkedBuckets(string Source, DateTime[] Buckets, DateTime Began)
{
    /// <summary>Infinity to PostgreSQL: later than every instant.</summary>
    public static readonly DateTime Never = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc);

    /// <summary>Those that were never counted first, then those whose count is oldest; of the same age the newest.</summary>
    /// <param name="connection">Open.</param>
    /// <param name="source">Of <c>rollup_marks</c>.</param>
    /// <param name="before">End of the last span to take.</param>
    /// <param name="countedBefore">Spans that were counted since are not due again.</param>
    /// <param name="most">Bounds the work.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public static Task<MarkedBuckets> DueAsync(
        NpgsqlConnection connection, string source, DateTime before, DateTime countedBefore, int most, CancellationToken cancellationToken) =>
        FindAsync(
            connection, source, "bucket < $3 AND (counted_at IS NULL OR counted_at < $4)",
            [Typed(before), Typed(countedBefore)], most, cancellationToken);

    /// <summary>
    /// In the same order, but a span that takes long to count is due less often: counting takes a few microseconds a row, and it rests for a
    /// millisecond a row beyond the first ten thousand, so that it never takes more of the database than that, however much comes in an hour.
    /// </summary>
    /// <param name="connection">Open.</param>
    /// <param name="source">Of <c>rollup_marks</c>.</param>
    /// <param name="rows">Statement for the number of rows of <c>mark.bucket</c>, as they were counted last.</param>
    /// <param name="most">Bounds the work.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public static Task<MarkedBuckets> DueBySizeAsync(NpgsqlConnection connection, string source, string rows, int most, CancellationToken cancellationToken) =>
        FindAsync(
            connection, source,
            $"(counted_at IS NULL OR counted_at < now() - greatest(0, coalesce(({rows}), 0) - 10000) * interval '1 millisecond')",
            [], most, cancellationToken);

    private static async Task<MarkedBuckets> FindAsync(
        NpgsqlConnection connection, string source, string condition, NpgsqlParameter[] parameters, int most, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"""
            SELECT now(), array(
              SELECT bucket FROM rollup_marks AS mark
              WHERE source = $1 AND {condition}
              ORDER BY counted_at NULLS FIRST, bucket DESC
              LIMIT $2)
            """, connection)
        {
            Parameters = { Typed(source), Typed(most) },
        };
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(source, reader.GetFieldValue<DateTime[]>(1), reader.GetDateTime(0));
    }

    /// <param name="sql">Takes the start of the hour and that of the next.</param>
    /// <param name="hour">Its start.</param>
    public static NpgsqlBatchCommand ForHour(string sql, DateTime hour) => new(sql)
    {
        Parameters = { Typed(hour), Typed(hour.AddHours(1)) },
    };

    /// <summary>
    /// Remembers the count, and drops the marks that it settles. A statement of its own after the count: while it counts, writers must be
    /// able to mark. If it is lost, the spans are counted once more.
    /// </summary>
    public async Task SetCountedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        // In the order of the writers, so that neither waits for the other in a circle.
        batch.BatchCommands.Add(new("SELECT FROM rollup_marks WHERE source = $1 AND bucket = ANY ($2) ORDER BY bucket FOR UPDATE")
        {
            Parameters = { Typed(Source), Typed(Buckets) },
        });
        batch.BatchCommands.Add(new("DELETE FROM rollup_marks WHERE source = $1 AND bucket = ANY ($2) AND touched_at < $3")
        {
            Parameters = { Typed(Source), Typed(Buckets), Typed(Began - RollupMarks.Slack) },
        });
        batch.BatchCommands.Add(new("UPDATE rollup_marks SET counted_at = $3 WHERE source = $1 AND bucket = ANY ($2)")
        {
            Parameters = { Typed(Source), Typed(Buckets), Typed(Began) },
        });
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter<T> Typed<T>(T value) => new() { TypedValue = value };
}
