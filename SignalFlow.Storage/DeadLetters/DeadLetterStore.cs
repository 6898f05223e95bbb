using Npgsql;
using NpgsqlTypes;

namespace SignalFlow.Storage.DeadLetters;

/// <summary>Writes <c>dlq_events</c>. Storing a letter again changes nothing; another letter about the same record is another attempt.</summary>
public sealed class DeadLetterStore(NpgsqlDataSource dataSource)
{
    // The instant of the failure tells letters about one record apart: a repeated letter has the same, a record that failed again a later
    // one. The offset of the letter would not do, as a topic that was made anew begins at 0 again.
    private const string Sql = """
        INSERT INTO dlq_events AS event (
          source_topic, source_partition, source_offset, key, payload, headers, post_ids, error_class, error_message, failed_at, attempt,
          dlq_partition, dlq_offset, record_print, purged_at)
        SELECT
          $1, $2, $3, $4, CASE WHEN gone THEN NULL ELSE $5 END, CASE WHEN gone THEN '[]' ELSE $6 END, $7, $8, CASE WHEN gone THEN '' ELSE $9 END,
          $10, $11, $12, $13, $14, CASE WHEN gone THEN now() END
        FROM (SELECT EXISTS (SELECT FROM posts WHERE id = ANY ($7) AND purged_at IS NOT NULL)) AS purged (gone)
        ON CONFLICT (source_topic, source_partition, source_offset, record_print) DO UPDATE SET
          payload = excluded.payload,
          headers = excluded.headers,
          post_ids = excluded.post_ids,
          error_class = excluded.error_class,
          error_message = excluded.error_message,
          failed_at = excluded.failed_at,
          attempt = greatest(event.attempt + 1, excluded.attempt),
          dlq_partition = excluded.dlq_partition,
          dlq_offset = excluded.dlq_offset,
          purged_at = excluded.purged_at,
          updated_at = now()
        WHERE excluded.failed_at > event.failed_at
        RETURNING attempt
        """;

    /// <returns>The attempts of its record so far; null when the letter was known.</returns>
    public async Task<int?> StoreAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        // A batch is one implicit transaction.
        await using var batch = new NpgsqlBatch(connection);
        // A purge that is under way is waited for, and then seen; one that comes later sees this letter.
        batch.BatchCommands.Add(new(DeadLetterPurge.KeepPurgesAway));
        batch.BatchCommands.Add(Insert(letter));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        int? attempt = null;
        do
        {
            while (await reader.ReadAsync(cancellationToken))
                attempt = reader.GetInt32(0);
        }
        while (await reader.NextResultAsync(cancellationToken));
        return attempt;
    }

    /// <summary>The number of letters of each of <see cref="DeadLetterStates.All"/>.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CountByStateAsync(CancellationToken cancellationToken)
    {
        var counts = DeadLetterStates.All.ToDictionary(state => state, _ => 0L);
        await using var command = dataSource.CreateCommand("SELECT state, count(*) FROM dlq_events GROUP BY state");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            counts[reader.GetString(0)] = reader.GetInt64(1);
        return counts;
    }

    private static NpgsqlBatchCommand Insert(DeadLetter letter) => new(Sql)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = letter.SourceTopic },
            new NpgsqlParameter<int> { TypedValue = letter.SourcePartition },
            new NpgsqlParameter<long> { TypedValue = letter.SourceOffset },
            Bytes(letter.Key),
            Bytes(letter.Payload),
            new NpgsqlParameter<string> { TypedValue = letter.Headers, NpgsqlDbType = NpgsqlDbType.Jsonb },
            new NpgsqlParameter<string[]> { TypedValue = letter.PostIds },
            new NpgsqlParameter<string> { TypedValue = letter.ErrorClass },
            new NpgsqlParameter<string> { TypedValue = letter.ErrorMessage },
            new NpgsqlParameter<DateTime> { TypedValue = letter.FailedAt, NpgsqlDbType = NpgsqlDbType.TimestampTz },
            new NpgsqlParameter<int> { TypedValue = letter.Attempt },
            new NpgsqlParameter<int> { TypedValue = letter.DlqPartition },
            new NpgsqlParameter<long> { TypedValue = letter.DlqOffset },
            new NpgsqlParameter<long> { TypedValue = letter.RecordPrint },
        },
    };

    private static NpgsqlParameter Bytes(byte[]? bytes) => new() { Value = (object?)bytes ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea };
}
