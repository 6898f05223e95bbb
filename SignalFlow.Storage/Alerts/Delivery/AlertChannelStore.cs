using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Storage.Alerts.Rules;

namespace SignalFlow.Storage.Alerts.Delivery;

/// <summary>A row of <c>alert_channels</c>.</summary>
public sealed record AlertChannel(
    long Id, Guid UserId, string Name, string Kind, string Hint, byte[] SealedTarget, bool Active,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Version);

/// <summary>The table <c>alert_channels</c>. Every access names the owner: nobody reaches another's.</summary>
public static class AlertChannelStore
{
    private const string Columns = "id, user_id, name, kind, hint, sealed, active, created_at, updated_at, version";
    private const int MostDeliveries = 100;

    /// <summary>By name.</summary>
    public static async Task<IReadOnlyList<AlertChannel>> ListAsync(NpgsqlDataSource dataSource, Guid userId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"SELECT {Columns} FROM alert_channels WHERE user_id = $1 ORDER BY lower(name)");
        command.Parameters.Add(new() { Value = userId });
        return await ReadAsync(command, cancellationToken);
    }

    public static async Task<AlertChannel?> FindAsync(NpgsqlConnection connection, Guid userId, long id, bool forUpdate, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"SELECT {Columns} FROM alert_channels WHERE id = $1 AND user_id = $2{(forUpdate ? " FOR UPDATE" : "")}", connection);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = userId });
        return await ReadAsync(command, cancellationToken) is [var channel] ? channel : null;
    }

    /// <summary>In the transaction of <paramref name="connection"/>; id, times and version are the table's.</summary>
    public static async Task<(AlertEditOutcome Outcome, AlertChannel? Channel)> AddAsync(
        NpgsqlConnection connection, AlertChannel channel, int most, CancellationToken cancellationToken)
    {
        if (!await OwnerLimits.HasRoomAsync(connection, "alert_channels", channel.UserId, most, cancellationToken))
            return (AlertEditOutcome.TooMany, null);
        await using var command = new NpgsqlCommand($"""
            INSERT INTO alert_channels (user_id, name, kind, hint, sealed, active, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
            ON CONFLICT (user_id, lower(name)) DO NOTHING RETURNING {Columns}
            """, connection);
        foreach (var value in (object[])[
            channel.UserId, channel.Name, channel.Kind, channel.Hint, channel.SealedTarget, channel.Active, channel.CreatedAt.UtcDateTime])
            command.Parameters.Add(new() { Value = value });
        return await ReadAsync(command, cancellationToken) is [var added] ? (AlertEditOutcome.Done, added) : (AlertEditOutcome.NameTaken, null);
    }

    /// <summary>In the transaction of <paramref name="connection"/>, on a row that <see cref="FindAsync"/> has locked.</summary>
    public static async Task<(AlertEditOutcome Outcome, AlertChannel? Channel)> ReplaceAsync(
        NpgsqlConnection connection, AlertChannel channel, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"""
            UPDATE alert_channels SET name = $2, hint = $3, sealed = $4, active = $5, updated_at = $6, version = version + 1 WHERE id = $1 RETURNING {Columns}
            """, connection);
        foreach (var value in (object[])[channel.Id, channel.Name, channel.Hint, channel.SealedTarget, channel.Active, channel.UpdatedAt.UtcDateTime])
            command.Parameters.Add(new() { Value = value });
        try
        {
            return (AlertEditOutcome.Done, (await ReadAsync(command, cancellationToken))[0]);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return (AlertEditOutcome.NameTaken, null);
        }
    }

    /// <summary>In the transaction of <paramref name="connection"/>; rules send to it no more.</summary>
    public static async Task DeleteAsync(NpgsqlConnection connection, Guid userId, long id, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            WITH gone AS (DELETE FROM alert_channels WHERE id = $1)
            UPDATE alert_rules SET channels = array_remove(channels, $1), version = version + 1 WHERE user_id = $2 AND $1 = ANY (channels)
            """, connection);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = userId });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Which of <paramref name="ids"/> are the user's.</summary>
    public static async Task<IReadOnlyList<long>> OwnAsync(NpgsqlDataSource dataSource, Guid userId, long[] ids, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT id FROM alert_channels WHERE user_id = $1 AND id = ANY ($2)");
        command.Parameters.Add(new() { Value = userId });
        command.Parameters.Add(new() { Value = ids });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var own = new List<long>();
        while (await reader.ReadAsync(cancellationToken))
            own.Add(reader.GetInt64(0));
        return own;
    }

    /// <summary>In the transaction of <paramref name="connection"/>, puts a message in line that is none of a rule's.</summary>
    /// <returns>Null: one waits already.</returns>
    public static async Task<Guid?> AddTestAsync(NpgsqlConnection connection, long id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            INSERT INTO alert_deliveries (channel_id, bundle, due_at, created_at)
            SELECT $1, 'test:' || gen_random_uuid(), $2, $2
            WHERE NOT EXISTS (SELECT FROM alert_deliveries WHERE channel_id = $1 AND rule_id IS NULL AND state = 'pending')
            RETURNING public_id
            """, connection);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        return (Guid?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>What was sent to a channel of the user, newest first.</summary>
    public static async Task<IReadOnlyList<AlertDeliveryView>> DeliveriesAsync(
        NpgsqlDataSource dataSource, Guid userId, long id, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"""
            SELECT delivery.public_id, delivery.rule_id, delivery.state, delivery.alert_ids, delivery.created_at, delivery.due_at, delivery.finished_at,
              attempt.attempt, attempt.at, attempt.status, attempt.error, attempt.duration_ms
            FROM (
              SELECT delivery.* FROM alert_deliveries delivery JOIN alert_channels channel ON channel.id = delivery.channel_id
              WHERE channel.id = $1 AND channel.user_id = $2 ORDER BY delivery.id DESC LIMIT {MostDeliveries}) AS delivery
            LEFT JOIN alert_attempts attempt ON attempt.delivery_id = delivery.id
            ORDER BY delivery.id DESC, attempt.attempt
            """);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = userId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var deliveries = new List<AlertDeliveryView>();
        var attempts = new List<AlertAttemptView>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (deliveries.Count == 0 || deliveries[^1].Id != reader.GetGuid(0))
                deliveries.Add(Delivery(reader, attempts = []));
            if (!reader.IsDBNull(7))
            {
                attempts.Add(new(
                    reader.GetInt32(7), reader.GetFieldValue<DateTimeOffset>(8), reader.IsDBNull(9) ? null : reader.GetInt32(9),
                    reader.IsDBNull(10) ? null : reader.GetString(10), reader.GetDouble(11)));
            }
        }

        return deliveries;
    }

    private static AlertDeliveryView Delivery(NpgsqlDataReader reader, List<AlertAttemptView> attempts) => new()
    {
        Id = reader.GetGuid(0),
        RuleId = reader.IsDBNull(1) ? null : reader.GetInt64(1),
        State = reader.GetString(2),
        AlertIds = reader.GetFieldValue<long[]>(3),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(4),
        DueAt = reader.GetFieldValue<DateTimeOffset>(5),
        FinishedAt = reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6),
        Attempts = attempts,
    };

    private static async Task<List<AlertChannel>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var channels = new List<AlertChannel>();
        while (await reader.ReadAsync(cancellationToken))
        {
            channels.Add(new(
                reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetFieldValue<byte[]>(5),
                reader.GetBoolean(6), reader.GetFieldValue<DateTimeOffset>(7), reader.GetFieldValue<DateTimeOffset>(8), reader.GetInt64(9)));
        }

        return channels;
    }
}
