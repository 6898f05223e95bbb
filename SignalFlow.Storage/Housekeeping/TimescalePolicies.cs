using Npgsql;
using SignalFlow.Storage.Migrations;

namespace SignalFlow.Storage.Housekeeping;

/// <summary>Keeps TimescaleDB's policies as the configuration has them. A policy that is as it should be is left alone, with its history.</summary>
public static class TimescalePolicies
{
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMinutes(30);

    /// <summary>By the job that migrates, whose user owns the table: the service that keeps the storage may only look.</summary>
    public static async Task ApplyAsync(NpgsqlDataSource dataSource, StorageOptions options, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (await StorageModes.OfSchemaAsync(connection, cancellationToken) == StorageMode.Timescale)
            await ApplyAsync(connection, options, cancellationToken);
    }

    /// <returns>The number of policies that were changed.</returns>
    internal static async Task<long> ApplyAsync(NpgsqlConnection connection, StorageOptions options, CancellationToken cancellationToken)
    {
        var changed = 0L;
        changed += await ApplyAsync(
            connection, "policy_retention", "drop_after", Days(options.RetentionDays),
            "SELECT remove_retention_policy('post_metrics_history', if_exists => true)",
            "SELECT add_retention_policy('post_metrics_history', drop_after => $1)",
            cancellationToken);
        changed += await ApplyAsync(
            connection, "policy_compression", "compress_after", Days(options.CompressAfterDays),
            "SELECT remove_compression_policy('post_metrics_history', if_exists => true)",
            "SELECT add_compression_policy('post_metrics_history', compress_after => $1)",
            cancellationToken);
        // What retention has dropped must not be counted again: the figures of its hours would go with it. The last hour but one is over,
        // the last one may still be written.
        var reach = options.RetentionDays == 0 ? TimeSpan.FromDays(365) : TimeSpan.FromDays(options.RetentionDays - 1);
        changed += await ApplyAsync(
            connection, "policy_refresh_continuous_aggregate", "start_offset", reach,
            "SELECT remove_continuous_aggregate_policy('post_metrics_hourly', if_exists => true)",
            $"""
             SELECT add_continuous_aggregate_policy('post_metrics_hourly',
               start_offset => $1, end_offset => INTERVAL '1 hour', schedule_interval => INTERVAL '{RefreshInterval.TotalMinutes:0} minutes')
             """,
            cancellationToken);
        return changed;
    }

    /// <param name="connection">Open.</param>
    /// <param name="procedure">Of the job.</param>
    /// <param name="setting">Of its configuration.</param>
    /// <param name="value">What it should be; null: no such policy.</param>
    /// <param name="remove">Removes the policy if there is one.</param>
    /// <param name="add">Adds it with the value as its parameter.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    private static async Task<long> ApplyAsync(
        NpgsqlConnection connection, string procedure, string setting, TimeSpan? value, string remove, string add, CancellationToken cancellationToken)
    {
        await using var read = new NpgsqlCommand("""
            SELECT (config ->> $2)::interval FROM timescaledb_information.jobs
            WHERE proc_name = $1 AND hypertable_schema = current_schema() AND hypertable_name IN ('post_metrics_history', 'post_metrics_hourly')
            """, connection)
        {
            Parameters = { new() { Value = procedure }, new() { Value = setting } },
        };
        var stored = await read.ExecuteScalarAsync(cancellationToken) as TimeSpan?;
        if (stored == value)
            return 0;

        // Both or none: a policy must not get lost between them.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var command = new NpgsqlCommand(remove, connection))
            await command.ExecuteNonQueryAsync(cancellationToken);
        if (value is { } wanted)
        {
            await using var command = new NpgsqlCommand(add, connection) { Parameters = { new NpgsqlParameter<TimeSpan> { TypedValue = wanted } } };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return 1;
    }

    private static TimeSpan? Days(int days) => days == 0 ? null : TimeSpan.FromDays(days);
}
