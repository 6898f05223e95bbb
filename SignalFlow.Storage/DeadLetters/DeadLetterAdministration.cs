using Npgsql;
using NpgsqlTypes;
using SignalFlow.Storage.Audit;

namespace SignalFlow.Storage.DeadLetters;

/// <summary>
/// What operators do with dead letters. A letter is taken for a replay by changing its row, so of any number of requests, on any number of
/// instances, one has it. The clock is the database's, because the instances' differ.
/// </summary>
public sealed class DeadLetterAdministration(NpgsqlDataSource dataSource)
{
    public const string Ready = "ready";

    // Why not, in words that the API tells: the state, or what is wrong with the content. $10: replays older than this are given up.
    // $11: somebody insists. $12: topics that may be replayed to.
    private static readonly string ReplayStanding = $"""
        CASE
          WHEN state IN ('resolved', 'discarded') THEN state
          WHEN purged_at IS NOT NULL THEN 'purged'
          WHEN is_truncated THEN 'truncated'
          WHEN source_topic <> ALL ($12) THEN 'source_unknown'
          WHEN state = 'replaying' AND claimed_at > clock_timestamp() - $10 THEN 'replaying'
          WHEN NOT $11 AND (state = 'parked' OR cardinality(failed_replays) >= {DeadLetterStates.MostFailedReplays}) THEN 'parked'
          ELSE '{Ready}' END
        """;

    private static readonly string DiscardStanding = $"""
        CASE
          WHEN state IN ('resolved', 'discarded') THEN state
          WHEN state = 'replaying' AND claimed_at > clock_timestamp() - $10 THEN 'replaying'
          ELSE '{Ready}' END
        """;

    // What a replay was given up of is as it was before. Rows that another request is taking are waited for, and then looked at again: skipping
    // them would leave out, without a word, letters that the other one gives back.
    private static readonly string Claim = $"""
        WITH taken AS (
          SELECT id, CASE
              WHEN state <> 'replaying' THEN state
              WHEN cardinality(failed_replays) >= {DeadLetterStates.MostFailedReplays} THEN 'parked'
              WHEN cardinality(failed_replays) > 0 THEN 'failed_again'
              ELSE 'new' END AS state
          FROM dlq_events
          WHERE state IN ('new', 'replaying', 'failed_again', 'parked') AND {DeadLetterSelection.Condition} AND {ReplayStanding} = '{Ready}'
          ORDER BY id LIMIT $13 FOR UPDATE)
        UPDATE dlq_events AS event SET state = 'replaying', replay = event.replay + 1, claimed_at = clock_timestamp(), updated_at = clock_timestamp()
        FROM taken WHERE event.id = taken.id
        RETURNING event.id, event.replay, taken.state, source_topic, key, payload, headers::text, attempt
        """;

    // An older replay, given up too early, may have failed meanwhile.
    private static readonly string GiveBackClaims = $"""
        UPDATE dlq_events AS event SET claimed_at = NULL, updated_at = now(), state = CASE
          WHEN cardinality(event.failed_replays) >= {DeadLetterStates.MostFailedReplays} THEN 'parked'
          WHEN cardinality(event.failed_replays) > 0 THEN 'failed_again'
          ELSE given.state END
        FROM unnest($1, $2, $3) AS given (id, replay, state)
        WHERE event.id = given.id AND event.replay = given.replay AND event.state = 'replaying'
        """;

    private static readonly string Settle = $"""
        UPDATE dlq_events SET state = 'discarded', note = $11, updated_at = clock_timestamp()
        WHERE id IN (
          SELECT id FROM dlq_events
          WHERE state IN ('new', 'replaying', 'failed_again', 'parked') AND {DeadLetterSelection.Condition} AND {DiscardStanding} = '{Ready}'
          ORDER BY id LIMIT $12 FOR UPDATE)
        RETURNING id
        """;

    /// <summary>What a replay would find.</summary>
    public Task<DeadLetterStanding> ReplayStandingAsync(
        DeadLetterSelection selection, ReplayTerms terms, CancellationToken cancellationToken) =>
        StandingAsync(ReplayStanding, selection, parameters => AddTerms(parameters, terms), cancellationToken);

    /// <summary>What discarding would find.</summary>
    public Task<DeadLetterStanding> DiscardStandingAsync(
        DeadLetterSelection selection, ReplayTerms terms, CancellationToken cancellationToken) =>
        StandingAsync(
            DiscardStanding, selection, parameters => parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = terms.Lease }), cancellationToken);

    /// <summary>Takes the next letters of a selection, by number, so that nobody else takes them.</summary>
    /// <param name="selection">Which.</param>
    /// <param name="terms">On what terms.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="audit">The entry about the letters that are taken; stored with the claim, or neither.</param>
    /// <param name="at">When, for the entry.</param>
    /// <param name="cancellationToken">Nothing is taken then.</param>
    public async Task<IReadOnlyList<ClaimedLetter>> ClaimAsync(
        DeadLetterSelection selection, ReplayTerms terms, int most, Func<IReadOnlyList<long>, AuditEntry> audit, DateTimeOffset at,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var letters = new List<ClaimedLetter>();
        await using (var command = new NpgsqlCommand(Claim, connection))
        {
            selection.AddTo(command.Parameters);
            AddTerms(command.Parameters, terms);
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = most });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                letters.Add(Read(reader));
        }

        // The update returns them in no order.
        letters.Sort((one, other) => one.Id.CompareTo(other.Id));
        if (letters.Count > 0)
            await AuditLog.AddAsync(connection, audit([.. letters.Select(letter => letter.Id)]), at, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return letters;
    }

    /// <summary>Undoes claims of letters that were not sent. What has an outcome meanwhile, or was taken by others, is left alone.</summary>
    /// <returns>How many were given back.</returns>
    public async Task<int> GiveBackAsync(IReadOnlyCollection<ClaimedLetter> letters, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(GiveBackClaims);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. letters.Select(letter => letter.Id)] });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. letters.Select(letter => letter.Replay)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. letters.Select(letter => letter.PreviousState)] });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <returns>The letters that are discarded now, by number.</returns>
    public async Task<IReadOnlyList<long>> DiscardAsync(
        DeadLetterSelection selection, ReplayTerms terms, string reason, int most, Func<IReadOnlyList<long>, AuditEntry> audit, DateTimeOffset at,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var ids = new List<long>();
        await using (var command = new NpgsqlCommand(Settle, connection))
        {
            selection.AddTo(command.Parameters);
            command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = terms.Lease });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = reason });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = most });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                ids.Add(reader.GetInt64(0));
        }

        ids.Sort();
        if (ids.Count > 0)
            await AuditLog.AddAsync(connection, audit(ids), at, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return ids;
    }

    private async Task<DeadLetterStanding> StandingAsync(
        string standing, DeadLetterSelection selection, Action<NpgsqlParameterCollection> add, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"""
            SELECT standing, count(*), max(id) FROM (SELECT id, {standing} AS standing FROM dlq_events WHERE {DeadLetterSelection.Condition}) AS letters
            GROUP BY standing
            """);
        selection.AddTo(command.Parameters);
        add(command.Parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var counts = new Dictionary<string, long>();
        var last = 0L;
        while (await reader.ReadAsync(cancellationToken))
        {
            counts.Add(reader.GetString(0), reader.GetInt64(1));
            last = Math.Max(last, reader.GetInt64(2));
        }

        return new(counts, last);
    }

    private static void AddTerms(NpgsqlParameterCollection parameters, ReplayTerms terms)
    {
        parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = terms.Lease, NpgsqlDbType = NpgsqlDbType.Interval });
        parameters.Add(new NpgsqlParameter<bool> { TypedValue = terms.Force });
        parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. terms.Topics] });
    }

    private static ClaimedLetter Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetInt64(0),
        Replay = reader.GetInt32(1),
        PreviousState = reader.GetString(2),
        SourceTopic = reader.GetString(3),
        Key = reader.IsDBNull(4) ? null : reader.GetFieldValue<byte[]>(4),
        Payload = reader.IsDBNull(5) ? null : reader.GetFieldValue<byte[]>(5),
        Headers = reader.GetString(6),
        Attempt = reader.GetInt32(7),
    };
}

/// <param name="Lease">How long a replay may be without an outcome before its letter can be taken again.</param>
/// <param name="Force">Parked letters, too.</param>
/// <param name="Topics">Letters of others are not replayed.</param>
public sealed record ReplayTerms(TimeSpan Lease, bool Force, IReadOnlyList<string> Topics);
