using Npgsql;
using NpgsqlTypes;

namespace SignalFlow.Storage.Alerts.Rules;

public enum AlertEditOutcome
{
    Done,
    Missing,

    /// <summary>Somebody has changed it meanwhile.</summary>
    Stale,

    /// <summary>Another of the same owner has the name.</summary>
    NameTaken,

    /// <summary>The owner has as many as one may have.</summary>
    TooMany,
}

/// <summary>The table <c>alert_rules</c>. Every access names the owner: nobody reaches another's.</summary>
public static class AlertRuleStore
{
    internal const string Columns = """
        rule.id, rule.user_id, rule.name, rule.kind, rule.query, rule.authors, rule.subreddits, rule.sensitivity, rule.min_strength, rule.channels,
        rule.dedupe_minutes, rule.digest_minutes, rule.quiet_from, rule.quiet_to, rule.time_zone, rule.muted_until, rule.active, rule.version,
        rule.created_at, rule.updated_at, rule.since, rule.counted_to, rule.evaluated_to, rule.evaluated_at, rule.error, rule.suppressed
        """;

    // The present: what transactions that are still under way write is looked at when they have ended.
    private const string Present = "pg_snapshot_xmin(pg_current_snapshot())";

    /// <summary>By name.</summary>
    public static async Task<IReadOnlyList<AlertRule>> ListAsync(NpgsqlDataSource dataSource, Guid userId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"SELECT {Columns} FROM alert_rules rule WHERE user_id = $1 ORDER BY lower(name)");
        command.Parameters.Add(new() { Value = userId });
        return await ReadAsync(command, cancellationToken);
    }

    public static async Task<AlertRule?> FindAsync(NpgsqlConnection connection, Guid userId, long id, bool forUpdate, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"SELECT {Columns} FROM alert_rules rule WHERE id = $1 AND user_id = $2{(forUpdate ? " FOR UPDATE" : "")}", connection);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = userId });
        return (await ReadAsync(command, cancellationToken)) is [var rule] ? rule : null;
    }

    /// <summary>In the transaction of <paramref name="connection"/>.</summary>
    public static async Task<(AlertEditOutcome Outcome, AlertRule? Rule)> AddAsync(
        NpgsqlConnection connection, Guid userId, RuleDefinition rule, int most, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!await OwnerLimits.HasRoomAsync(connection, "alert_rules", userId, most, cancellationToken))
            return (AlertEditOutcome.TooMany, null);
        await using var command = new NpgsqlCommand($"""
            INSERT INTO alert_rules AS rule (
              user_id, name, kind, query, authors, subreddits, sensitivity, min_strength, channels, dedupe_minutes, digest_minutes, quiet_from, quiet_to,
              time_zone, muted_until, active, created_at, updated_at, since, counted_to, evaluated_to)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17, $17, $18, {Present})
            ON CONFLICT (user_id, lower(name)) DO NOTHING
            RETURNING {Columns}
            """, connection);
        command.Parameters.Add(new() { Value = userId });
        AddDefinition(command.Parameters, rule);
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        command.Parameters.Add(new() { Value = VolumeMatches.Floor(now.UtcDateTime) });
        return await ReadAsync(command, cancellationToken) is [var added] ? (AlertEditOutcome.Done, added) : (AlertEditOutcome.NameTaken, null);
    }

    /// <summary>
    /// In the transaction of <paramref name="connection"/>, on a row that <see cref="FindAsync"/> has locked. A rule that looks for something
    /// else, or rested, begins with the present.
    /// </summary>
    public static async Task<(AlertEditOutcome Outcome, AlertRule? Rule)> ReplaceAsync(
        NpgsqlConnection connection, AlertRule present, RuleDefinition rule, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var begins = !SameCondition(present.Condition, rule.Condition) || rule.Active && !present.Definition.Active;
        await using var command = new NpgsqlCommand($"""
            UPDATE alert_rules AS rule SET
              name = $2, kind = $3, query = $4, authors = $5, subreddits = $6, sensitivity = $7, min_strength = $8, channels = $9, dedupe_minutes = $10,
              digest_minutes = $11, quiet_from = $12, quiet_to = $13, time_zone = $14, muted_until = $15, active = $16, updated_at = $17,
              version = version + 1, error = NULL,
              since = CASE WHEN $19 THEN $17 ELSE since END, counted_to = CASE WHEN $19 THEN $18 ELSE counted_to END,
              evaluated_to = CASE WHEN $19 THEN {Present} ELSE evaluated_to END
            WHERE id = $1 RETURNING {Columns}
            """, connection);
        command.Parameters.Add(new() { Value = present.Id });
        AddDefinition(command.Parameters, rule);
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        command.Parameters.Add(new() { Value = VolumeMatches.Floor(now.UtcDateTime) });
        command.Parameters.Add(new() { Value = begins });
        try
        {
            return (AlertEditOutcome.Done, (await ReadAsync(command, cancellationToken))[0]);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return (AlertEditOutcome.NameTaken, null);
        }
    }

    /// <summary>In the transaction of <paramref name="connection"/>; its alerts go, too.</summary>
    public static async Task DeleteAsync(NpgsqlConnection connection, long id, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("DELETE FROM alert_rules WHERE id = $1", connection);
        command.Parameters.Add(new() { Value = id });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    internal static async Task<List<AlertRule>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rules = new List<AlertRule>();
        while (await reader.ReadAsync(cancellationToken))
            rules.Add(Row(reader));
        return rules;
    }

    private static AlertRule Row(NpgsqlDataReader reader)
    {
        var condition = new RuleCondition
        {
            Kind = reader.GetString(3),
            Query = Nullable<string>(4),
            Authors = reader.GetFieldValue<string[]>(5),
            Subreddits = reader.GetFieldValue<string[]>(6),
            Sensitivity = reader.GetString(7),
            MinStrength = reader.IsDBNull(8) ? null : reader.GetDouble(8),
            DedupeMinutes = reader.GetInt32(10),
        };
        var definition = new RuleDefinition
        {
            Name = reader.GetString(2),
            Condition = condition,
            Channels = reader.GetFieldValue<long[]>(9),
            DigestMinutes = reader.IsDBNull(11) ? null : reader.GetInt32(11),
            Quiet = reader.IsDBNull(12) ? null : new(reader.GetFieldValue<TimeOnly>(12), reader.GetFieldValue<TimeOnly>(13), reader.GetString(14)),
            MutedUntil = Time(15),
            Active = reader.GetBoolean(16),
        };
        return new(reader.GetInt64(0), reader.GetGuid(1), definition, new(
            reader.GetInt64(17), Time(18)!.Value, Time(19)!.Value, Time(20)!.Value, Time(21)!.Value,
            reader.IsDBNull(22) ? null : reader.GetFieldValue<ulong>(22), Time(23), Nullable<string>(24), reader.GetInt64(25)));

        T? Nullable<T>(int column)
            where T : class => reader.IsDBNull(column) ? null : reader.GetFieldValue<T>(column);

        DateTimeOffset? Time(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
    }

    private static void AddDefinition(NpgsqlParameterCollection parameters, RuleDefinition rule)
    {
        var condition = rule.Condition;
        Add(NpgsqlDbType.Text, rule.Name);
        Add(NpgsqlDbType.Text, condition.Kind);
        Add(NpgsqlDbType.Text, condition.Query);
        Add(NpgsqlDbType.Array | NpgsqlDbType.Text, condition.Authors);
        Add(NpgsqlDbType.Array | NpgsqlDbType.Text, condition.Subreddits);
        Add(NpgsqlDbType.Text, condition.Sensitivity);
        Add(NpgsqlDbType.Double, condition.MinStrength);
        Add(NpgsqlDbType.Array | NpgsqlDbType.Bigint, rule.Channels);
        Add(NpgsqlDbType.Integer, condition.DedupeMinutes);
        Add(NpgsqlDbType.Integer, rule.DigestMinutes);
        Add(NpgsqlDbType.Time, rule.Quiet?.From);
        Add(NpgsqlDbType.Time, rule.Quiet?.To);
        Add(NpgsqlDbType.Text, rule.Quiet?.TimeZone);
        Add(NpgsqlDbType.TimestampTz, rule.MutedUntil?.UtcDateTime);
        Add(NpgsqlDbType.Boolean, rule.Active);

        void Add(NpgsqlDbType type, object? value) => parameters.Add(new() { Value = value ?? DBNull.Value, NpgsqlDbType = type });
    }

    private static bool SameCondition(RuleCondition one, RuleCondition other) =>
        (one.Kind, one.Query, one.Sensitivity, one.MinStrength) == (other.Kind, other.Query, other.Sensitivity, other.MinStrength)
        && one.Authors.SequenceEqual(other.Authors) && one.Subreddits.SequenceEqual(other.Subreddits);
}
