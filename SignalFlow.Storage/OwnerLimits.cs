using Npgsql;

namespace SignalFlow.Storage;

/// <summary>How many rows of a table one user may have.</summary>
internal static class OwnerLimits
{
    // "sfal"
    private const int LockClass = 0x73_66_61_6C;

    /// <summary>In the transaction of <paramref name="connection"/>; of two who add at once the second waits, and counts the first's.</summary>
    /// <param name="connection">With a transaction.</param>
    /// <param name="table">Its rows have a <c>user_id</c>.</param>
    /// <param name="userId">The owner.</param>
    /// <param name="most">So many there may be.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="counted">Which of them count.</param>
    public static async Task<bool> HasRoomAsync(
        NpgsqlConnection connection, string table, Guid userId, int most, CancellationToken cancellationToken, string counted = "true")
    {
        await using (var wait = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({LockClass}, hashtext($1))", connection))
        {
            wait.Parameters.Add(new() { Value = $"{table} {userId}" });
            await wait.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var count = new NpgsqlCommand($"SELECT count(*) FROM {table} WHERE user_id = $1 AND {counted}", connection);
        count.Parameters.Add(new() { Value = userId });
        return (long)(await count.ExecuteScalarAsync(cancellationToken))! < most;
    }
}
