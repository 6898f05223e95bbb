using System.Diagnostics;
using SignalFlow.Benchmarks.Pipeline;
using SignalFlow.Storage.Housekeeping;
using SignalFlow.Storage.Migrations;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>
/// One writer at work while a day of history goes: the product's own retention drops a copy of a day of the month that was laid before it, again
/// and again until enough batches have met it.
/// </summary>
internal sealed class RetentionProbe(FilledDatabase database)
{
    private const int Rounds = 12;
    private const int BatchSize = 100;
    private const int CopiedDay = 15;
    private const int DaysBack = 60;

    private static readonly TimeSpan Before = TimeSpan.FromSeconds(1.5);

    // What the drop leaves behind, such as files that are unlinked and caches that are filled again, counts too.
    private static readonly TimeSpan After = TimeSpan.FromSeconds(0.25);

    private readonly List<(long Started, long Ended)> _batches = [];
    private readonly List<(long Started, long Ended)> _drops = [];

    private DateTime Horizon => database.Data.Now.AddDays(-StorageData.Days - 5);

    public async Task<RetentionFigures> RunAsync(CancellationToken cancellationToken)
    {
        var mode = await StorageUpkeep.ModeAsync(database.Source, cancellationToken);
        var load = await WriteLoad.CreateAsync(database.Source, database.Data, cancellationToken);
        var writer = new PostWriter(database.Source, new(database.Source));
        await writer.WriteAsync(await load.BatchAsync(BatchSize, 0, cancellationToken), cancellationToken);
        for (var round = 0; round < Rounds; round++)
        {
            await LayDayAsync(cancellationToken);
            var dropping = DropAsync(mode, cancellationToken);
            while (!dropping.IsCompleted)
            {
                var batch = await load.BatchAsync(BatchSize, 0, cancellationToken);
                var started = Stopwatch.GetTimestamp();
                await writer.WriteAsync(batch, cancellationToken);
                _batches.Add((started, Stopwatch.GetTimestamp()));
            }

            await dropping;
        }

        await WriteLoad.DeleteWrittenAsync(database.Source, database.Data, cancellationToken);
        return Figures();
    }

    private RetentionFigures Figures()
    {
        var during = _batches.Where(Meets).ToList();
        return new(
            Percentiles.Of(_batches.Except(during).Select(Seconds)), Percentiles.Of(during.Select(Seconds)), during.Count, _drops.Select(Seconds).Average());

        bool Meets((long Started, long Ended) batch) => _drops.Exists(drop =>
            batch.Ended > drop.Started && batch.Started < drop.Ended + (long)(After.TotalSeconds * Stopwatch.Frequency));

        static double Seconds((long Started, long Ended) span) => Stopwatch.GetElapsedTime(span.Started, span.Ended).TotalSeconds;
    }

    private async Task LayDayAsync(CancellationToken cancellationToken)
    {
        var from = database.Data.Now.Date.AddDays(-CopiedDay);
        await new HistoryPartitions(database.Source).EnsureAsync([DateOnly.FromDateTime(from).AddDays(-DaysBack)], cancellationToken);
        await using var copy = database.Source.CreateCommand("""
            INSERT INTO post_metrics_history (post_id, captured_at, subreddit_id, score, num_comments, upvote_ratio)
            SELECT post_id, captured_at - make_interval(hours => 24 * $3), subreddit_id, score, num_comments, upvote_ratio
            FROM post_metrics_history WHERE captured_at >= $1 AND captured_at < $2
            """);
        copy.Parameters.Add(new() { Value = from });
        copy.Parameters.Add(new() { Value = from.AddDays(1) });
        copy.Parameters.Add(new() { Value = DaysBack });
        await copy.ExecuteNonQueryAsync(cancellationToken);
        // A day that is due has been vacuumed long ago; its drop would have to wait for autovacuum here.
        await using var find = database.Source.CreateCommand("SELECT tableoid::regclass::text FROM post_metrics_history WHERE captured_at < $1 LIMIT 1");
        find.Parameters.Add(new() { Value = Horizon });
        var day = (string)(await find.ExecuteScalarAsync(cancellationToken))!;
        await using var vacuum = database.Source.CreateCommand($"VACUUM (FREEZE, ANALYZE) {day}");
        await vacuum.ExecuteNonQueryAsync(cancellationToken);
        await using var checkpoint = database.Source.CreateCommand("CHECKPOINT");
        await checkpoint.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task DropAsync(StorageMode mode, CancellationToken cancellationToken)
    {
        await Task.Delay(Before, TimeProvider.System, cancellationToken);
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        var started = Stopwatch.GetTimestamp();
        // What TimescaleDB's policy runs is what the job runs where there are no policies.
        var dropped = await HistoryRetention.RunAsync(
            connection, mode == StorageMode.Timescale ? StorageMode.Apache : mode, Horizon, cancellationToken);
        _drops.Add((started, Stopwatch.GetTimestamp()));
        if (dropped == 0)
            throw new InvalidOperationException("Retention has dropped nothing.");
        await Task.Delay(After, TimeProvider.System, cancellationToken);
    }
}

/// <param name="Normal">Milliseconds of the batches that met no drop.</param>
/// <param name="During">Milliseconds of those that did.</param>
/// <param name="Batches">How many did.</param>
/// <param name="DropSeconds">How long a drop took, on average.</param>
internal sealed record RetentionFigures(Percentiles Normal, Percentiles During, int Batches, double DropSeconds)
{
    public double P99Ratio => During.P99 / Normal.P99;
}
