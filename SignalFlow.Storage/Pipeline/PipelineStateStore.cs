using Npgsql;

namespace SignalFlow.Storage.Pipeline;

/// <summary>The tables <c>pipeline_instances</c> and <c>pipeline_partitions</c>.</summary>
public sealed class PipelineStateStore(NpgsqlDataSource dataSource)
{
    // Long enough to see that one has died, short enough that restarts do not pile up.
    private const string Forgotten = "interval '10 minutes'";

    // A report is about now: one that waits for long is worth nothing, and must not hold a connection.
    private const int ReportTimeoutSeconds = 5;

    /// <summary>Reports, and forgets those that have been silent for long. One statement, which leaves no row behind.</summary>
    public async Task ReportAsync(PipelineReport report, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"""
            WITH silent AS (
              DELETE FROM pipeline_instances WHERE instance IN (
                SELECT instance FROM pipeline_instances WHERE reported_at < now() - {Forgotten} AND instance <> $1 FOR UPDATE SKIP LOCKED)),
            reported AS (
              INSERT INTO pipeline_instances (
                instance, version, started_at, reported_at, is_stopped, is_paused, last_batch_at, batches_per_second,
                flush_p50, flush_p95, flush_p99, dead_letters_last_hour, partition_count)
              VALUES ($1, $2, $3, now(), $4, $5, $6, $7, $8, $9, $10, $11, $12)
              ON CONFLICT (instance) DO UPDATE SET
                version = excluded.version, started_at = excluded.started_at, reported_at = excluded.reported_at, is_stopped = excluded.is_stopped,
                is_paused = excluded.is_paused, last_batch_at = excluded.last_batch_at, batches_per_second = excluded.batches_per_second,
                flush_p50 = excluded.flush_p50, flush_p95 = excluded.flush_p95, flush_p99 = excluded.flush_p99,
                dead_letters_last_hour = excluded.dead_letters_last_hour, partition_count = excluded.partition_count),
            revoked AS (
              DELETE FROM pipeline_partitions WHERE instance = $1 AND (topic, partition) NOT IN (SELECT * FROM unnest($13, $14)))
            INSERT INTO pipeline_partitions (instance, topic, partition, lag, time_lag_seconds, records_per_second, posts_per_second)
            SELECT $1, * FROM unnest($13, $14, $15, $16, $17, $18)
            ON CONFLICT (instance, topic, partition) DO UPDATE SET
              lag = excluded.lag, time_lag_seconds = excluded.time_lag_seconds,
              records_per_second = excluded.records_per_second, posts_per_second = excluded.posts_per_second
            """);
        command.CommandTimeout = ReportTimeoutSeconds;
        Add(command, report.Instance);
        Add(command, report.Version);
        Add(command, report.StartedAt);
        Add(command, report.IsStopped);
        Add(command, report.IsPaused);
        Add(command, report.LastBatchAt);
        Add(command, report.BatchesPerSecond);
        Add(command, report.Flush?.P50);
        Add(command, report.Flush?.P95);
        Add(command, report.Flush?.P99);
        Add(command, report.DeadLettersLastHour);
        Add(command, report.PartitionCount);
        Add(command, report.Partitions, partition => partition.Topic);
        Add(command, report.Partitions, partition => partition.Partition);
        Add(command, report.Partitions, partition => partition.Lag);
        Add(command, report.Partitions, partition => partition.TimeLagSeconds);
        Add(command, report.Partitions, partition => partition.RecordsPerSecond);
        Add(command, report.Partitions, partition => partition.PostsPerSecond);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>All that are known, by name, those that have stopped last. Whoever has died is among them until the others forget it.</summary>
    public async Task<IReadOnlyList<ReportedInstance>> GetAsync(CancellationToken cancellationToken)
    {
        var partitions = await PartitionsAsync(cancellationToken);
        await using var command = dataSource.CreateCommand("""
            SELECT instance, version, started_at, is_stopped, is_paused, last_batch_at, batches_per_second, flush_p50, flush_p95, flush_p99,
              dead_letters_last_hour, partition_count, reported_at, greatest(0, extract(epoch FROM now() - reported_at))::double precision
            FROM pipeline_instances ORDER BY is_stopped, instance
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var instances = new List<ReportedInstance>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var instance = reader.GetString(0);
            var report = new PipelineReport
            {
                Instance = instance,
                Version = reader.GetString(1),
                StartedAt = reader.GetDateTime(2),
                IsStopped = reader.GetBoolean(3),
                IsPaused = reader.GetBoolean(4),
                LastBatchAt = reader.IsDBNull(5) ? null : reader.GetDateTime(5),
                BatchesPerSecond = reader.GetDouble(6),
                Flush = reader.IsDBNull(7) ? null : new(reader.GetDouble(7), reader.GetDouble(8), reader.GetDouble(9)),
                DeadLettersLastHour = reader.GetInt64(10),
                PartitionCount = reader.IsDBNull(11) ? null : reader.GetInt32(11),
                Partitions = [.. partitions[instance]],
            };
            instances.Add(new(report, reader.GetDateTime(12), reader.GetDouble(13)));
        }

        return instances;
    }

    private async Task<ILookup<string, PartitionReport>> PartitionsAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            SELECT instance, topic, partition, lag, time_lag_seconds, records_per_second, posts_per_second
            FROM pipeline_partitions ORDER BY instance, topic, partition
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<(string Instance, PartitionReport Partition)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add((reader.GetString(0), new(
                reader.GetString(1), reader.GetInt32(2), reader.IsDBNull(3) ? null : reader.GetInt64(3),
                reader.IsDBNull(4) ? null : reader.GetDouble(4), reader.GetDouble(5), reader.GetDouble(6))));
        }

        return rows.ToLookup(row => row.Instance, row => row.Partition);
    }

    private static void Add<T>(NpgsqlCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });

    private static void Add<T>(NpgsqlCommand command, IReadOnlyList<PartitionReport> partitions, Func<PartitionReport, T> column) =>
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. partitions.Select(column)] });
}
