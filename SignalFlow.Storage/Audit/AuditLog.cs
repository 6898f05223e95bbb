using Npgsql;
using NpgsqlTypes;

namespace SignalFlow.Storage.Audit;

/// <param name="Actor">Who did it: a user's name, or a key's with its owner's.</param>
/// <param name="Action">What was done: <c>subreddit.change</c>.</param>
/// <param name="Target">What it was done to: <c>subreddit:technology</c>.</param>
/// <param name="Old">JSON of what was; null where it was not. Never a secret.</param>
/// <param name="New">JSON of what is; null where it is no more. Never a secret.</param>
/// <param name="Address">Where the request came from.</param>
public sealed record AuditEntry(string Actor, string Action, string Target, string? Old, string? New, string? Address);

/// <summary>The table <c>audit_log</c>, which nothing is ever changed in.</summary>
public static class AuditLog
{
    private const string Insert = "INSERT INTO audit_log (at, actor, action, target, old, new, address) VALUES ($1, $2, $3, $4, $5, $6, $7)";

    /// <summary>Adds to the transaction of <paramref name="connection"/>, so that a change and its entry happen both or neither.</summary>
    public static async Task AddAsync(NpgsqlConnection connection, AuditEntry entry, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Insert, connection);
        command.Parameters.Add(new() { Value = at.UtcDateTime });
        command.Parameters.Add(new() { Value = entry.Actor });
        command.Parameters.Add(new() { Value = entry.Action });
        command.Parameters.Add(new() { Value = entry.Target });
        command.Parameters.Add(new() { Value = (object?)entry.Old ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Jsonb });
        command.Parameters.Add(new() { Value = (object?)entry.New ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Jsonb });
        command.Parameters.Add(new() { Value = (object?)entry.Address ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
