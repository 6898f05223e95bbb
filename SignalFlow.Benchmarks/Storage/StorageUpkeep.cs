using System.Diagnostics;
using Microsoft.Extensions.Options;
using Npgsql;
using SignalFlow.Storage;
using SignalFlow.Storage.Housekeeping;
using SignalFlow.Storage.Migrations;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>The product's own housekeeping, run to its end at once instead of every few seconds.</summary>
internal static class StorageUpkeep
{
    public static Task<StorageMode> ModeAsync(NpgsqlDataSource source, CancellationToken cancellationToken) =>
        new HistoryPartitions(source).ModeAsync(cancellationToken).AsTask();

    /// <summary>Fills all rollups.</summary>
    public static async Task CountAsync(NpgsqlDataSource source, StorageData data, TextWriter output, CancellationToken cancellationToken)
    {
        var jobs = new StorageJobs(new HistoryPartitions(source), Options.Create(new StorageOptions()), new ShiftedClock(data.Now));
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        foreach (var job in await jobs.ForDatabaseAsync(cancellationToken))
        {
            var started = Stopwatch.GetTimestamp();
            var (runs, all) = (0, 0L);
            for (long items = 1; items > 0; runs++, all += items)
                items = await job.RunAsync(connection, cancellationToken);
            output.WriteLine($"job {job.Name}: {all:N0} items, {runs} runs, {Stopwatch.GetElapsedTime(started).TotalSeconds:N1} s");
        }

        if (await ModeAsync(source, cancellationToken) == StorageMode.Timescale)
        {
            var started = Stopwatch.GetTimestamp();
            // What its policy does every half an hour.
            await using var refresh = new NpgsqlCommand("CALL refresh_continuous_aggregate('post_metrics_hourly', NULL, $1)", connection)
            {
                Parameters = { new() { Value = data.Now.AddHours(-1) } },
            };
            await refresh.ExecuteNonQueryAsync(cancellationToken);
            output.WriteLine($"continuous aggregate refreshed in {Stopwatch.GetElapsedTime(started).TotalSeconds:N1} s");
        }

        await using var analyze = new NpgsqlCommand("VACUUM (ANALYZE)", connection);
        await analyze.ExecuteNonQueryAsync(cancellationToken);
    }
}
