using Npgsql;
using SignalFlow.Storage.Migrations;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Storage.Housekeeping;

/// <summary>
/// Drops the observations of days that are over the retention, where no policy of TimescaleDB does it. Whole days, each a file that goes:
/// no row is deleted, and for the owner of the table writers are never locked out. Others call functions of the owner, which lock it for a moment.
/// Safe to run at any time and twice.
/// </summary>
internal static class HistoryRetention
{
    // Bounds the work of one run; it runs every hour.
    private const int MostDays = 31;

    /// <param name="connection">Open, outside a transaction.</param>
    /// <param name="mode">Of the database.</param>
    /// <param name="horizon">Days that end at or before it go.</param>
    /// <param name="cancellationToken">Stops between days; the next run goes on.</param>
    /// <returns>The number of partitions or chunks that were dropped.</returns>
    public static Task<long> RunAsync(NpgsqlConnection connection, StorageMode mode, DateTime horizon, CancellationToken cancellationToken) => mode switch
    {
        StorageMode.Plain => DropPartitionsAsync(connection, horizon, cancellationToken),
        StorageMode.Apache => DropChunksAsync(connection, horizon, cancellationToken),
        _ => Task.FromResult(0L),
    };

    private static async Task<long> DropPartitionsAsync(NpgsqlConnection connection, DateTime horizon, CancellationToken cancellationToken)
    {
        var dropped = 0;
        var owns = await OwnsHistoryAsync(connection, cancellationToken);
        foreach (var (name, day, state) in await OldPartitionsAsync(connection, horizon, cancellationToken))
        {
            dropped++;
            if (!owns)
            {
                await using var drop = new NpgsqlCommand("SELECT drop_history_day($1)", connection) { Parameters = { new() { Value = day } } };
                await drop.ExecuteNonQueryAsync(cancellationToken);
                continue;
            }

            // Takes no lock that a writer or reader of the table would notice. If this process ends between the two steps, the next run
            // finds the half and finishes it.
            if (state == PartitionState.Attached)
                await ExecuteAsync(connection, $"ALTER TABLE post_metrics_history DETACH PARTITION {name} CONCURRENTLY", cancellationToken);
            else if (state == PartitionState.Detaching)
                await ExecuteAsync(connection, $"ALTER TABLE post_metrics_history DETACH PARTITION {name} FINALIZE", cancellationToken);
            await ExecuteAsync(connection, $"DROP TABLE {name}", cancellationToken);
        }

        return dropped;
    }

    private static async Task<List<(string Name, DateOnly Day, PartitionState State)>> OldPartitionsAsync(
        NpgsqlConnection connection, DateTime horizon, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            SELECT partition.relname::text, parent.inhrelid IS NOT NULL, coalesce(parent.inhdetachpending, false)
            FROM pg_class partition
            LEFT JOIN pg_inherits parent ON parent.inhrelid = partition.oid AND parent.inhparent = 'post_metrics_history'::regclass
            WHERE partition.relkind = 'r' AND partition.relname LIKE 'post\_metrics\_history\_%' AND pg_table_is_visible(partition.oid)
            ORDER BY 1
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var old = new List<(string, DateOnly, PartitionState)>();
        while (old.Count < MostDays && await reader.ReadAsync(cancellationToken))
        {
            var name = reader.GetString(0);
            if (HistoryPartition.TryParse(name, out var day) && day.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) <= horizon)
            {
                var state = !reader.GetBoolean(1) ? PartitionState.Detached : reader.GetBoolean(2) ? PartitionState.Detaching : PartitionState.Attached;
                old.Add((name, day, state));
            }
        }

        return old;
    }

    private static async Task<long> DropChunksAsync(NpgsqlConnection connection, DateTime horizon, CancellationToken cancellationToken)
    {
        var sql = await OwnsHistoryAsync(connection, cancellationToken)
            ? "SELECT count(*) FROM drop_chunks('post_metrics_history', older_than => $1)"
            : "SELECT drop_history_chunks($1)";
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = horizon } } };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<bool> OwnsHistoryAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'post_metrics_history'::regclass", connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // Detaching waits until nobody reads or writes the table in an older transaction.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private enum PartitionState
    {
        Attached,
        Detaching,
        Detached,
    }
}
