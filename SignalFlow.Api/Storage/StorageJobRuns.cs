using Npgsql;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Storage;

/// <summary>The last runs of the jobs, by name: start, end, outcome, items, error, last success.</summary>
internal static class StorageJobRuns
{
    public const string Own = "SELECT name, started_at, finished_at, succeeded, items, error, last_success_at FROM storage_jobs ORDER BY name";

    // Never run: -infinity.
    public const string OfScheduler = """
        SELECT 'timescale:' || job.proc_name, nullif(stats.last_run_started_at, '-infinity'),
          nullif(stats.last_run_started_at, '-infinity') + stats.last_run_duration,
          stats.last_run_status = 'Success', NULL::bigint,
          CASE WHEN stats.last_run_status <> 'Success' THEN (
            SELECT failed.err_message FROM timescaledb_information.job_errors failed
            WHERE failed.job_id = job.job_id ORDER BY failed.finish_time DESC LIMIT 1) END,
          nullif(stats.last_successful_finish, '-infinity')
        FROM timescaledb_information.jobs job
        LEFT JOIN timescaledb_information.job_stats stats USING (job_id)
        WHERE job.proc_name IN ('policy_retention', 'policy_compression', 'policy_refresh_continuous_aggregate')
        ORDER BY 1
        """;

    public static StorageJobRun Read(NpgsqlDataReader row) => new(
        row.GetString(0), Time(row, 1), Time(row, 2), row.IsDBNull(3) ? null : row.GetBoolean(3), row.IsDBNull(4) ? null : row.GetInt64(4),
        row.IsDBNull(5) ? null : row.GetString(5), Time(row, 6));

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDateTime(column);
}
