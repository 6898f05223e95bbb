using Npgsql;
using NpgsqlTypes;

namespace SignalFlow.Storage.DeadLetters;

/// <summary>Writes what processing knows of dead letters. Being told anything again changes nothing.</summary>
public sealed class DeadLetterStore(NpgsqlDataSource dataSource)
{
    // A letter about the same record is no other failure: a crash came between the letter and the offset of its record. The later one
    // counts, because the failure may have another reason by now. The offset of the letter would not tell which is later, as a topic that
    // was made anew begins at 0 again.
    private const string InsertLetter = """
        INSERT INTO dlq_events AS event (
          source_topic, source_partition, source_offset, key, payload, headers, post_ids, error_class, error_message, failed_at, attempt,
          dlq_partition, dlq_offset, record_print, is_truncated, purged_at)
        SELECT
          $1, $2, $3, $4, CASE WHEN gone THEN NULL ELSE $5 END, CASE WHEN gone THEN '[]' ELSE $6 END, $7, $8, CASE WHEN gone THEN '' ELSE $9 END,
          $10, $11, $12, $13, $14, $15, CASE WHEN gone THEN now() END
        FROM (SELECT EXISTS (SELECT FROM posts WHERE id = ANY ($7) AND purged_at IS NOT NULL)) AS purged (gone)
        ON CONFLICT (source_topic, source_partition, source_offset, record_print) DO UPDATE SET
          payload = excluded.payload,
          headers = excluded.headers,
          post_ids = excluded.post_ids,
          error_class = excluded.error_class,
          error_message = excluded.error_message,
          failed_at = excluded.failed_at,
          attempt = greatest(event.attempt, excluded.attempt),
          dlq_partition = excluded.dlq_partition,
          dlq_offset = excluded.dlq_offset,
          is_truncated = excluded.is_truncated,
          purged_at = excluded.purged_at,
          updated_at = now()
        WHERE excluded.failed_at > event.failed_at
        RETURNING attempt, state
        """;

    // A replay counts as failed once, however often it is told. One that is not the newest may have been given up too early; then the
    // newest one's outcome decides. What is settled stays settled: the record was stored once, or nobody wants it. An update that finds
    // its row locked by a purge sees the emptied one, so no reason comes back.
    private const string FailReplay = """
        UPDATE dlq_events AS event SET
          failed_replays = event.failed_replays || $2,
          attempt = event.attempt + 1,
          state = CASE
            WHEN event.state IN ('resolved', 'discarded') OR event.state = 'replaying' AND event.replay > $2 THEN event.state
            WHEN cardinality(event.failed_replays) + 1 >= $10 THEN 'parked'
            ELSE 'failed_again' END,
          error_class = $4,
          error_message = CASE WHEN event.purged_at IS NULL THEN $5 ELSE '' END,
          failed_at = greatest(event.failed_at, $6),
          dlq_partition = $7,
          dlq_offset = $8,
          updated_at = now()
        WHERE event.id = $1 AND (event.record_print IN ($3, 0) OR $9) AND NOT $2 = ANY (event.failed_replays)
        RETURNING attempt, state
        """;

    private const string Resolve = """
        UPDATE dlq_events AS event SET state = 'resolved', resolved_at = now(), updated_at = now()
        FROM (SELECT DISTINCT id, print FROM unnest($1, $2) AS given (id, print)) AS given
        WHERE event.id = given.id AND event.record_print IN (given.print, 0) AND event.state NOT IN ('resolved', 'discarded')
        """;

    /// <returns>What is known of its record now; null when the letter was known.</returns>
    public async Task<DeadLetterOutcome?> StoreAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        if (letter.Replay is { } replay && await FindAsync(replay, letter, cancellationToken))
            return await ExecuteAsync([Failure(replay, letter)], cancellationToken) is { } outcome ? outcome with { IsOfReplay = true } : null;
        // A purge that is under way is waited for, and then seen; one that comes later sees this letter.
        return await ExecuteAsync([new(DeadLetterPurge.KeepPurgesAway), Insert(letter)], cancellationToken);
    }

    /// <summary>The records are stored, so the letters they are replays of are settled.</summary>
    /// <returns>The letters that were open until now.</returns>
    public async Task<int> ResolveAsync(IReadOnlyCollection<StoredReplay> replays, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Resolve);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. replays.Select(replay => replay.Replay.LetterId)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. replays.Select(replay => replay.RecordPrint)] });
        return await command.ExecuteNonQueryAsync(cancellationToken);
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

    // Retention may have deleted the letter, or a restore of the database taken it back; then this one stands for itself.
    private async Task<bool> FindAsync(LetterReplay replay, DeadLetter letter, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT EXISTS (SELECT FROM dlq_events WHERE id = $1 AND (record_print IN ($2, 0) OR $3))");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = replay.LetterId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = letter.RecordPrint });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = letter.IsTruncated });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<DeadLetterOutcome?> ExecuteAsync(NpgsqlBatchCommand[] commands, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        // A batch is one implicit transaction.
        await using var batch = new NpgsqlBatch(connection);
        foreach (var command in commands)
            batch.BatchCommands.Add(command);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        DeadLetterOutcome? outcome = null;
        do
        {
            while (await reader.ReadAsync(cancellationToken))
                outcome = new(reader.GetInt32(0), reader.GetString(1));
        }
        while (await reader.NextResultAsync(cancellationToken));
        return outcome;
    }

    private static NpgsqlBatchCommand Failure(LetterReplay replay, DeadLetter letter) => new(FailReplay)
    {
        Parameters =
        {
            new NpgsqlParameter<long> { TypedValue = replay.LetterId },
            new NpgsqlParameter<int> { TypedValue = replay.Number },
            new NpgsqlParameter<long> { TypedValue = letter.RecordPrint },
            new NpgsqlParameter<string> { TypedValue = letter.ErrorClass },
            new NpgsqlParameter<string> { TypedValue = letter.ErrorMessage },
            new NpgsqlParameter<DateTime> { TypedValue = letter.FailedAt, NpgsqlDbType = NpgsqlDbType.TimestampTz },
            new NpgsqlParameter<int> { TypedValue = letter.DlqPartition },
            new NpgsqlParameter<long> { TypedValue = letter.DlqOffset },
            // What is cut off has another print.
            new NpgsqlParameter<bool> { TypedValue = letter.IsTruncated },
            new NpgsqlParameter<int> { TypedValue = DeadLetterStates.MostFailedReplays },
        },
    };

    private static NpgsqlBatchCommand Insert(DeadLetter letter) => new(InsertLetter)
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
            new NpgsqlParameter<bool> { TypedValue = letter.IsTruncated },
        },
    };

    private static NpgsqlParameter Bytes(byte[]? bytes) => new() { Value = (object?)bytes ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea };
}

/// <param name="Attempts">How often the record has failed.</param>
/// <param name="State">One of <see cref="DeadLetterStates.All"/>.</param>
public sealed record DeadLetterOutcome(int Attempts, string State)
{
    /// <summary>It has told of a failed replay of an older letter, not of a record of its own.</summary>
    public bool IsOfReplay { get; init; }
}
