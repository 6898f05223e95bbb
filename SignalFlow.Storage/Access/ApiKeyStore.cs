using Npgsql;
using NpgsqlTypes;

namespace SignalFlow.Storage.Access;

/// <summary>A key as it may be used now: neither revoked nor of an inactive owner.</summary>
public sealed record UsableKey(long Id, string Name, Guid UserId, string UserName, string Role, string[] Scopes, DateTimeOffset? ExpiresAt);

/// <summary>A key as its owner and administrators see it.</summary>
public sealed record KeyRow(
    long Id,
    string Name,
    Guid UserId,
    string UserName,
    string Hint,
    string[] Scopes,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? RevokedAt);

/// <summary>The table <c>api_keys</c>; of a key only its SHA-256 is kept.</summary>
public sealed class ApiKeyStore(NpgsqlDataSource dataSource)
{
    /// <summary>Finds a key by its hash, and notes that it was used, to the minute.</summary>
    public async Task<UsableKey?> FindAsync(byte[] hash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        UsableKey key;
        bool isNoted;
        await using (var command = new NpgsqlCommand("""
            SELECT key.id, key.name, owner.id, owner.user_name, owner.role, key.scopes, key.expires_at, key.last_used_at > $2 - interval '1 minute'
            FROM api_keys key JOIN users owner ON owner.id = key.user_id
            WHERE key.key_hash = $1 AND key.revoked_at IS NULL AND owner.is_active AND (key.expires_at IS NULL OR key.expires_at > $2)
            """, connection))
        {
            command.Parameters.Add(new() { Value = hash });
            command.Parameters.Add(new() { Value = now.UtcDateTime });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            if (!await reader.ReadAsync(cancellationToken))
                return null;
            key = new(
                reader.GetInt64(0), reader.GetString(1), reader.GetGuid(2), reader.GetString(3), reader.GetString(4),
                reader.GetFieldValue<string[]>(5), reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6));
            isNoted = !reader.IsDBNull(7) && reader.GetBoolean(7);
        }

        if (!isNoted)
        {
            await using var note = new NpgsqlCommand("UPDATE api_keys SET last_used_at = $2 WHERE id = $1", connection);
            note.Parameters.Add(new() { Value = key.Id });
            note.Parameters.Add(new() { Value = now.UtcDateTime });
            await note.ExecuteNonQueryAsync(cancellationToken);
        }

        return key;
    }

    /// <summary>Newest first, revoked ones too.</summary>
    /// <param name="userId">Null: everybody's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<KeyRow>> ListAsync(Guid? userId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            SELECT key.id, key.name, owner.id, owner.user_name, key.hint, key.scopes, key.created_at, key.expires_at, key.last_used_at, key.revoked_at
            FROM api_keys key JOIN users owner ON owner.id = key.user_id
            WHERE $1 IS NULL OR key.user_id = $1
            ORDER BY key.id DESC
            """);
        command.Parameters.Add(new() { Value = (object?)userId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<KeyRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add(new(
                reader.GetInt64(0), reader.GetString(1), reader.GetGuid(2), reader.GetString(3), reader.GetString(4), reader.GetFieldValue<string[]>(5),
                reader.GetFieldValue<DateTimeOffset>(6), Time(7), Time(8), Time(9)));
        }

        return keys;

        DateTimeOffset? Time(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
    }

    /// <summary>In the transaction of <paramref name="connection"/>.</summary>
    /// <returns>Its number; null: the owner has <paramref name="most"/> that are not revoked already.</returns>
    public static async Task<long?> AddAsync(
        NpgsqlConnection connection, KeyRow key, byte[] hash, int most, CancellationToken cancellationToken)
    {
        if (!await OwnerLimits.HasRoomAsync(connection, "api_keys", key.UserId, most, cancellationToken, counted: "revoked_at IS NULL"))
            return null;
        await using var command = new NpgsqlCommand("""
            INSERT INTO api_keys (name, user_id, key_hash, hint, scopes, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id
            """, connection);
        command.Parameters.Add(new() { Value = key.Name });
        command.Parameters.Add(new() { Value = key.UserId });
        command.Parameters.Add(new() { Value = hash });
        command.Parameters.Add(new() { Value = key.Hint });
        command.Parameters.Add(new() { Value = key.Scopes });
        command.Parameters.Add(new() { Value = key.CreatedAt.UtcDateTime });
        command.Parameters.Add(new() { Value = (object?)key.ExpiresAt?.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>In the transaction of <paramref name="connection"/>.</summary>
    /// <param name="connection">With a transaction.</param>
    /// <param name="id">The key's.</param>
    /// <param name="userId">Its owner; null: whoever that is.</param>
    /// <param name="now">The present.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The key's name; null where there is none to revoke.</returns>
    public static async Task<string?> RevokeAsync(
        NpgsqlConnection connection, long id, Guid? userId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "UPDATE api_keys SET revoked_at = $3 WHERE id = $1 AND ($2 IS NULL OR user_id = $2) AND revoked_at IS NULL RETURNING name", connection);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = (object?)userId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }
}
