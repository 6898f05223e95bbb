using System.Data;
using System.Diagnostics;
using Npgsql;

namespace SignalFlow.Storage.Housekeeping;

/// <summary>
/// Runs a job if no other process is at it, and writes down how it went. An advisory lock on the session makes one of many work; it goes
/// with the connection, so a process that dies holds up nobody.
/// </summary>
internal sealed class StorageJobRunner(NpgsqlDataSource dataSource, StorageMetrics metrics)
{
    // "sf": the jobs' locks have two numbers, this and the job's own.
    private const int LockClass = 0x73_66;

    /// <returns>What the job says it has done; null when another process is at it or has just done it.</returns>
    public async Task<long?> RunAsync(StorageJob job, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (!await ScalarAsync(connection, $"SELECT pg_try_advisory_lock({LockClass}, {job.Id})", cancellationToken))
            return null;
        Activity? activity = null;
        var began = Stopwatch.GetTimestamp();
        try
        {
            var isDue = await RecordAsync(connection, """
                INSERT INTO storage_jobs AS job (name, started_at) VALUES ($1, now())
                ON CONFLICT (name) DO UPDATE SET started_at = excluded.started_at, finished_at = NULL, succeeded = NULL, items = 0, error = NULL
                WHERE job.started_at <= now() - $2
                """, [job.Name, job.Interval * 0.9], cancellationToken);
            if (!isDue)
                return null;
            activity = StorageExtensions.Activities.StartActivity($"storage {job.Name}");
            var items = await job.RunAsync(connection, cancellationToken);
            await RecordAsync(connection, """
                UPDATE storage_jobs SET finished_at = now(), last_success_at = now(), succeeded = true, items = $2 WHERE name = $1
                """, [job.Name, items], cancellationToken);
            metrics.JobEnded(job.Name, StorageMetrics.Success, Stopwatch.GetElapsedTime(began));
            activity?.SetTag("signalflow.items", items);
            return items;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            metrics.JobEnded(job.Name, StorageMetrics.Failure, Stopwatch.GetElapsedTime(began));
            await RecordFailureAsync(connection, job, exception);
            throw;
        }
        finally
        {
            activity?.Dispose();
            // Not cancellable: a pooled connection would carry the lock on. A broken one has lost it already.
            if (connection.State == ConnectionState.Open)
                await ScalarAsync(connection, $"SELECT pg_advisory_unlock({LockClass}, {job.Id})", CancellationToken.None);
        }
    }

    private static async Task RecordFailureAsync(NpgsqlConnection connection, StorageJob job, Exception exception)
    {
        if (connection.State != ConnectionState.Open)
            return;
        try
        {
            var message = exception is PostgresException postgres ? $"{postgres.SqlState}: {postgres.MessageText}" : exception.Message;
            await RecordAsync(
                connection, "UPDATE storage_jobs SET finished_at = now(), succeeded = false, error = $2 WHERE name = $1", [job.Name, message],
                CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The failure itself is what the caller learns.
        }
    }

    private static async Task<bool> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<bool> RecordAsync(NpgsqlConnection connection, string sql, object[] parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(new() { Value = parameter });
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }
}
