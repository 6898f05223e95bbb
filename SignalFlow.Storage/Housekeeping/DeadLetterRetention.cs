using Npgsql;
using SignalFlow.Storage.DeadLetters;

namespace SignalFlow.Storage.Housekeeping;

/// <summary>Deletes dead letters that are settled and older than the retention. Open ones stay: nothing is lost before somebody has looked.</summary>
internal static class DeadLetterRetention
{
    private const int RowsAtOnce = 1_000;
    private const int MostRows = 10_000;

    /// <returns>The number of rows that were deleted.</returns>
    public static async Task<long> RunAsync(NpgsqlConnection connection, DateTime horizon, CancellationToken cancellationToken)
    {
        var deleted = 0L;
        while (deleted < MostRows)
        {
            await using var command = new NpgsqlCommand("""
                DELETE FROM dlq_events WHERE id IN (
                  SELECT id FROM dlq_events WHERE state <> ALL ($1) AND updated_at < $2 ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED)
                """, connection)
            {
                Parameters =
                {
                    new NpgsqlParameter<string[]> { TypedValue = [.. DeadLetterStates.Open] }, new() { Value = horizon }, new() { Value = RowsAtOnce },
                },
            };
            var rows = await command.ExecuteNonQueryAsync(cancellationToken);
            deleted += rows;
            if (rows < RowsAtOnce)
                break;
        }

        return deleted;
    }
}
