using Npgsql;
using NpgsqlTypes;

namespace SignalFlow.Storage.Alerts.Delivery;

/// <summary>A message that is somebody's to send, for a while.</summary>
/// <param name="PublicId">The same in every attempt.</param>
/// <param name="RuleId">Null: a test.</param>
/// <param name="Attempt">From 1; those that a crash has ended count.</param>
/// <param name="MaySend">The channel is on, and its owner may have alerts.</param>
public sealed record ClaimedDelivery(
    long Id,
    Guid PublicId,
    long ChannelId,
    string ChannelKind,
    Guid UserId,
    byte[] SealedTarget,
    long? RuleId,
    string? RuleName,
    string? RuleKind,
    long[] AlertIds,
    DateTimeOffset CreatedAt,
    int Attempt,
    bool MaySend);

/// <summary>How an attempt went.</summary>
/// <param name="IsDelivered">The receiver has it.</param>
/// <param name="RetryAt">When to try again; null: not at all.</param>
public sealed record AttemptOutcome(bool IsDelivered, int? Status, string? Error, DateTimeOffset At, TimeSpan Duration, DateTimeOffset? RetryAt);

/// <summary>
/// The table <c>alert_deliveries</c> as those see it who send. A delivery belongs to whoever has claimed it until the claim ends; a process that
/// dies leaves it to the others.
/// </summary>
public sealed class AlertDeliveryStore(NpgsqlDataSource dataSource)
{
    /// <summary>Takes the next one that is due. Of one channel one is sent at a time, so a target that keeps senders waiting keeps one.</summary>
    public async Task<ClaimedDelivery?> ClaimAsync(DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            WITH next AS MATERIALIZED (
              SELECT waiting.id FROM alert_deliveries waiting
              WHERE waiting.state = 'pending' AND waiting.due_at <= $1 AND (waiting.claimed_until IS NULL OR waiting.claimed_until <= $1)
                AND NOT EXISTS (
                  SELECT FROM alert_deliveries busy
                  WHERE busy.channel_id = waiting.channel_id AND busy.state = 'pending' AND busy.claimed_until IS NOT NULL AND busy.claimed_until > $1)
              ORDER BY waiting.due_at, waiting.id LIMIT 1
              FOR UPDATE SKIP LOCKED)
            UPDATE alert_deliveries delivery SET claimed_until = $2, attempts = attempts + 1
            FROM next, alert_channels channel, users owner
            WHERE delivery.id = next.id AND channel.id = delivery.channel_id AND owner.id = channel.user_id
            RETURNING delivery.id, delivery.public_id, channel.id, channel.kind, channel.user_id, channel.sealed, delivery.rule_id,
              (SELECT name FROM alert_rules rule WHERE rule.id = delivery.rule_id), (SELECT kind FROM alert_rules rule WHERE rule.id = delivery.rule_id),
              delivery.alert_ids, delivery.created_at, delivery.attempts, channel.active AND owner.is_active AND owner.role <> 'viewer'
            """);
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        command.Parameters.Add(new() { Value = (now + lease).UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        return new(
            reader.GetInt64(0), reader.GetGuid(1), reader.GetInt64(2), reader.GetString(3), reader.GetGuid(4), reader.GetFieldValue<byte[]>(5),
            reader.IsDBNull(6) ? null : reader.GetInt64(6), reader.IsDBNull(7) ? null : reader.GetString(7), reader.IsDBNull(8) ? null : reader.GetString(8),
            reader.GetFieldValue<long[]>(9), reader.GetFieldValue<DateTimeOffset>(10), reader.GetInt32(11), reader.GetBoolean(12));
    }

    /// <summary>Writes down how it went. Where the claim has ended and another has it, its outcome is the other's.</summary>
    public async Task RecordAsync(ClaimedDelivery delivery, AttemptOutcome outcome, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            WITH attempt AS (
              INSERT INTO alert_attempts (delivery_id, attempt, at, status, error, duration_ms) VALUES ($1, $2, $3, $4, $5, $6)
              ON CONFLICT (delivery_id, attempt) DO NOTHING)
            UPDATE alert_deliveries SET state = $7, claimed_until = NULL, due_at = coalesce($8, due_at), finished_at = CASE WHEN $8 IS NULL THEN $3 END
            WHERE id = $1 AND attempts = $2 AND state = 'pending'
            """);
        command.Parameters.Add(new() { Value = delivery.Id });
        command.Parameters.Add(new() { Value = delivery.Attempt });
        command.Parameters.Add(new() { Value = outcome.At.UtcDateTime });
        command.Parameters.Add(new() { Value = (object?)outcome.Status ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        command.Parameters.Add(new() { Value = (object?)outcome.Error ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = outcome.Duration.TotalMilliseconds });
        command.Parameters.Add(new() { Value = outcome.IsDelivered ? "delivered" : outcome.RetryAt is null ? "failed" : "pending" });
        command.Parameters.Add(new() { Value = (object?)outcome.RetryAt?.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>How many are due and not sent.</summary>
    public async Task<long> CountDueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT count(*) FROM alert_deliveries WHERE state = 'pending' AND due_at <= $1");
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
