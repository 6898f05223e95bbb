using Npgsql;
using SignalFlow.Storage.Migrations;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Storage.Housekeeping;

/// <summary>Asks the database for what <see cref="StorageMetrics"/> tells of it.</summary>
internal sealed class StorageSampler(NpgsqlDataSource dataSource, HistoryPartitions partitions, StorageMetrics metrics)
{
    // Partitions and TimescaleDB's chunks, plain, compressed or of the hourly figures, are counted with the table they belong to.
    private const string Sizes = """
        SELECT CASE
            WHEN space.nspname = '_timescaledb_internal' OR relation.relname LIKE 'post\_metrics\_%' THEN 'post_metrics_history'
            WHEN relation.relname IN ('posts', 'post_nlp_features', 'dlq_events') THEN relation.relname::text
            ELSE 'other' END, sum(pg_total_relation_size(relation.oid))::bigint
        FROM pg_class relation JOIN pg_namespace space ON space.oid = relation.relnamespace
        WHERE relation.relkind IN ('r', 'm') AND relation.relpersistence <> 't' AND space.nspname IN (current_schema(), '_timescaledb_internal')
        GROUP BY 1
        """;

    private const string OwnJobs = "SELECT name, coalesce(extract(epoch FROM last_success_at), 0)::float8 FROM storage_jobs";

    // A policy that has never run has no row of statistics, or -infinity.
    private const string Policies = """
        SELECT 'timescale:' || job.proc_name, coalesce(extract(epoch FROM nullif(stats.last_successful_finish, '-infinity')), 0)::float8
        FROM timescaledb_information.jobs job LEFT JOIN timescaledb_information.job_stats stats USING (job_id)
        WHERE job.proc_name IN ('policy_retention', 'policy_compression', 'policy_refresh_continuous_aggregate')
        """;

    public async Task SampleAsync(CancellationToken cancellationToken)
    {
        var mode = await partitions.ModeAsync(cancellationToken);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var bytes = await ReadAsync<long>(connection, Sizes, cancellationToken);
        var jobs = await ReadAsync<double>(connection, OwnJobs, cancellationToken);
        if (mode == StorageMode.Timescale)
        {
            foreach (var (policy, at) in await ReadAsync<double>(connection, Policies, cancellationToken))
                jobs[policy] = at;
        }

        metrics.Sampled(new(bytes, jobs));
    }

    private static async Task<Dictionary<string, T>> ReadAsync<T>(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new Dictionary<string, T>();
        while (await reader.ReadAsync(cancellationToken))
            rows[reader.GetString(0)] = reader.GetFieldValue<T>(1);
        return rows;
    }
}
