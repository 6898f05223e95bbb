using Npgsql;

namespace SignalFlow.Storage.Alerts;

/// <summary>Deletes events, alerts and deliveries that are older than the retention.</summary>
internal static class AlertRetention
{
    private const int MostRows = 10_000;

    /// <returns>The number of rows that were deleted.</returns>
    public static async Task<long> RunAsync(NpgsqlConnection connection, DateTime horizon, CancellationToken cancellationToken)
    {
        var deleted = 0L;
        foreach (var (table, column) in ((string, string)[])[("alert_deliveries", "finished_at"), ("alerts", "fired_at"), ("signal_events", "occurred_at")])
            deleted += await DeleteAsync(connection, table, column, horizon, cancellationToken);
        return deleted;
    }

    private static async Task<long> DeleteAsync(NpgsqlConnection connection, string table, string column, DateTime horizon, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {column} < $1 ORDER BY {column} LIMIT {MostRows} FOR UPDATE SKIP LOCKED)",
            connection);
        command.Parameters.Add(new() { Value = horizon });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
