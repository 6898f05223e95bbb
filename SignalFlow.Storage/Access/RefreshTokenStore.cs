using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace SignalFlow.Storage.Access;

/// <summary>What came of a refresh.</summary>
/// <param name="Token">The next token; null where the one given is not good.</param>
/// <param name="UserId">Whose it is; null where nothing is known of it.</param>
/// <param name="SecurityStamp">The user's while it was refreshed: an access token with it is good until the user is changed.</param>
/// <param name="WasReused">It had been used before, so its family was revoked: one of its two users is a thief.</param>
public sealed record RefreshResult(string? Token, Guid? UserId, string? SecurityStamp, bool WasReused);

/// <summary>
/// The table <c>refresh_tokens</c>: each token is good for one refresh; only hashes are kept. Whatever begins, goes on with or ends a family holds the
/// user's row meanwhile: an end does not see the token that a refresh at the same time has not committed yet, which would outlive it.
/// </summary>
public sealed class RefreshTokenStore(NpgsqlDataSource dataSource)
{
    private const string Insert =
        "INSERT INTO refresh_tokens (token_hash, family, user_id, started_at, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";

    /// <summary>Begins a family.</summary>
    /// <param name="userId">Whose.</param>
    /// <param name="securityStamp">The user's when the password was looked at.</param>
    /// <param name="now">The present.</param>
    /// <param name="lifetime">Of the token.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null: the user was changed since, so what was found good then may be so no longer.</returns>
    public async Task<string?> StartAsync(Guid userId, string securityStamp, DateTimeOffset now, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        await using (var old = dataSource.CreateCommand("DELETE FROM refresh_tokens WHERE user_id = $1 AND expires_at < $2"))
        {
            old.Parameters.Add(new() { Value = userId });
            old.Parameters.Add(new() { Value = now.UtcDateTime });
            await old.ExecuteNonQueryAsync(cancellationToken);
        }

        var token = NewToken();
        await using var insert = dataSource.CreateCommand("""
            WITH signed_in AS (UPDATE users SET signed_in_at = $5 WHERE id = $3 AND is_active AND security_stamp = $7 RETURNING id)
            INSERT INTO refresh_tokens (token_hash, family, user_id, started_at, created_at, expires_at) SELECT $1, $2, id, $4, $5, $6 FROM signed_in
            """);
        AddTo(insert, token, Guid.NewGuid(), userId, now, now, now + lifetime);
        insert.Parameters.Add(new() { Value = securityStamp });
        return await insert.ExecuteNonQueryAsync(cancellationToken) == 1 ? token : null;
    }

    /// <summary>Uses <paramref name="token"/> up for the next of its family.</summary>
    /// <param name="token">As given.</param>
    /// <param name="now">The present.</param>
    /// <param name="lifetime">Of the next token.</param>
    /// <param name="sessionLifetime">Of the family.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<RefreshResult> RefreshAsync(
        string token, DateTimeOffset now, TimeSpan lifetime, TimeSpan sessionLifetime, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var stamp = await LockUserAsync(connection, token, cancellationToken);
        await using var use = new NpgsqlCommand("""
            UPDATE refresh_tokens SET used_at = $2
            WHERE token_hash = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $2
            RETURNING family, user_id, started_at
            """, connection);
        use.Parameters.Add(new() { Value = Hash(token) });
        use.Parameters.Add(new() { Value = now.UtcDateTime });
        Guid family = default, userId = default;
        DateTimeOffset startedAt = default;
        await using (var reader = await use.ExecuteReaderAsync(cancellationToken))
        {
            if (await reader.ReadAsync(cancellationToken))
                (family, userId, startedAt) = (reader.GetGuid(0), reader.GetGuid(1), reader.GetFieldValue<DateTimeOffset>(2));
        }

        if (userId == default)
        {
            var victim = await RevokeAsync(connection, token, now, onlyUsed: true, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return new(null, victim, stamp, victim is not null);
        }

        var next = NewToken();
        await using var insert = new NpgsqlCommand(Insert, connection);
        var end = startedAt + sessionLifetime;
        AddTo(insert, next, family, userId, startedAt, now, now + lifetime < end ? now + lifetime : end);
        await insert.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new(next, userId, stamp, false);
    }

    /// <summary>Ends the family of <paramref name="token"/>.</summary>
    public async Task RevokeAsync(string token, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockUserAsync(connection, token, cancellationToken);
        await RevokeAsync(connection, token, now, onlyUsed: false, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Ends all families of a user, in the transaction of <paramref name="connection"/>, which has changed the user.</summary>
    public static async Task<int> RevokeAllAsync(NpgsqlConnection connection, Guid userId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var revoke = new NpgsqlCommand(
            "UPDATE refresh_tokens SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL AND used_at IS NULL", connection);
        revoke.Parameters.Add(new() { Value = userId });
        revoke.Parameters.Add(new() { Value = now.UtcDateTime });
        return await revoke.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <returns>The user's security stamp; null where the token is nobody's.</returns>
    private static async Task<string?> LockUserAsync(NpgsqlConnection connection, string token, CancellationToken cancellationToken)
    {
        await using var user = new NpgsqlCommand(
            "SELECT security_stamp FROM users WHERE id = (SELECT user_id FROM refresh_tokens WHERE token_hash = $1) FOR NO KEY UPDATE", connection);
        user.Parameters.Add(new() { Value = Hash(token) });
        return (string?)await user.ExecuteScalarAsync(cancellationToken);
    }

    private static async Task<Guid?> RevokeAsync(
        NpgsqlConnection connection, string token, DateTimeOffset now, bool onlyUsed, CancellationToken cancellationToken)
    {
        await using var revoke = new NpgsqlCommand($"""
            UPDATE refresh_tokens SET revoked_at = $2
            WHERE revoked_at IS NULL
              AND family = (SELECT family FROM refresh_tokens WHERE token_hash = $1 {(onlyUsed ? "AND used_at IS NOT NULL" : "")})
            RETURNING user_id
            """, connection);
        revoke.Parameters.Add(new() { Value = Hash(token) });
        revoke.Parameters.Add(new() { Value = now.UtcDateTime });
        return (Guid?)await revoke.ExecuteScalarAsync(cancellationToken);
    }

    private static void AddTo(
        NpgsqlCommand insert, string token, Guid family, Guid userId, DateTimeOffset startedAt, DateTimeOffset now, DateTimeOffset expiresAt)
    {
        insert.Parameters.Add(new() { Value = Hash(token) });
        insert.Parameters.Add(new() { Value = family });
        insert.Parameters.Add(new() { Value = userId });
        insert.Parameters.Add(new() { Value = startedAt.UtcDateTime });
        insert.Parameters.Add(new() { Value = now.UtcDateTime });
        insert.Parameters.Add(new() { Value = expiresAt.UtcDateTime });
    }

    // 256 random bits: a plain hash is enough, there is nothing to guess.
    private static string NewToken() => "sfr_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
