using System.Security.Cryptography;
using Npgsql;

namespace SignalFlow.Storage.Access;

/// <param name="Secret">32 bytes.</param>
/// <param name="RetiredAt">Null: signs.</param>
public sealed record SigningKey(string Id, byte[] Secret, DateTimeOffset? RetiredAt);

/// <summary>The table <c>signing_keys</c>: of each purpose one key signs, older ones only verify.</summary>
public sealed class SigningKeyStore(NpgsqlDataSource dataSource)
{
    public const string AccessToken = "access-token";
    public const string Cursor = "cursor";

    /// <summary>The key that signs; made if there is none, once for all processes that ask.</summary>
    public async Task<SigningKey> GetOrAddAsync(string purpose, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await GetAsync(purpose, DateTimeOffset.MaxValue, cancellationToken) is [var found, ..])
            return found;
        await using (var insert = dataSource.CreateCommand(
            "INSERT INTO signing_keys (id, purpose, secret, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (purpose) WHERE retired_at IS NULL DO NOTHING"))
        {
            Add(insert, purpose, now);
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        return (await GetAsync(purpose, DateTimeOffset.MaxValue, cancellationToken))[0];
    }

    /// <summary>In the transaction of <paramref name="connection"/>: another key signs from now on.</summary>
    /// <returns>The new one's id.</returns>
    public static async Task<string> RotateAsync(NpgsqlConnection connection, string purpose, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Of two who rotate at once the later retires the earlier's.
        await using (var wait = new NpgsqlCommand("LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE", connection))
            await wait.ExecuteNonQueryAsync(cancellationToken);
        await using var retire = new NpgsqlCommand("UPDATE signing_keys SET retired_at = $2 WHERE purpose = $1 AND retired_at IS NULL", connection);
        retire.Parameters.Add(new() { Value = purpose });
        retire.Parameters.Add(new() { Value = now.UtcDateTime });
        await retire.ExecuteNonQueryAsync(cancellationToken);
        await using var insert = new NpgsqlCommand("INSERT INTO signing_keys (id, purpose, secret, created_at) VALUES ($1, $2, $3, $4)", connection);
        var id = Add(insert, purpose, now);
        await insert.ExecuteNonQueryAsync(cancellationToken);
        return id;
    }

    private static string Add(NpgsqlCommand insert, string purpose, DateTimeOffset now)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        insert.Parameters.Add(new() { Value = id });
        insert.Parameters.Add(new() { Value = purpose });
        insert.Parameters.Add(new() { Value = RandomNumberGenerator.GetBytes(32) });
        insert.Parameters.Add(new() { Value = now.UtcDateTime });
        return id;
    }

    /// <summary>The key that signs, first, and those that were retired after <paramref name="retiredAfter"/>.</summary>
    public async Task<IReadOnlyList<SigningKey>> GetAsync(string purpose, DateTimeOffset retiredAfter, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            SELECT id, secret, retired_at FROM signing_keys
            WHERE purpose = $1 AND (retired_at IS NULL OR retired_at > $2) ORDER BY retired_at DESC NULLS FIRST
            """);
        command.Parameters.Add(new() { Value = purpose });
        command.Parameters.Add(new() { Value = retiredAfter.UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<SigningKey>();
        while (await reader.ReadAsync(cancellationToken))
            keys.Add(new(reader.GetString(0), reader.GetFieldValue<byte[]>(1), reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2)));
        return keys;
    }
}
