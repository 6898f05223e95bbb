using System.Diagnostics;
using Npgsql;
using SignalFlow.Benchmarks.Pipeline;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>The product's writer and the hand-written one in turn, on the same filled tables: batches of 500, half of them new posts.</summary>
internal static class WriteComparison
{
    private const int BatchSize = 500;
    private const int Rounds = 7;
    private const int MostBatches = 30;

    public static async Task<WriteFigures> RunAsync(FilledDatabase database, CancellationToken cancellationToken)
    {
        var load = await WriteLoad.CreateAsync(database.Source, database.Data, cancellationToken);
        var perRound = Math.Min(MostBatches, load.Stored / (BatchSize / 2) / (2 * Rounds));
        var ours = new PostWriter(database.Source, new(database.Source));
        await using var byHand = await HandWrittenWriter.OpenAsync(database.Source, cancellationToken);
        var (oursTook, byHandTook) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            // In turns: who comes second finds the pages fuller.
            if (round % 2 == 0)
                await OursAsync(round);
            await TimeAsync(byHandTook, round, batch => byHand.WriteAsync(batch, cancellationToken));
            if (round % 2 == 1)
                await OursAsync(round);
        }

        await WriteLoad.DeleteWrittenAsync(database.Source, database.Data, cancellationToken);
        return new(Rate(oursTook), Rate(byHandTook), Percentiles.Of(oursTook), Percentiles.Of(byHandTook));

        Task OursAsync(int round) => TimeAsync(oursTook, round, batch => ours.WriteAsync(batch, cancellationToken));

        async Task TimeAsync(List<double> took, int round, Func<PostBatch, Task> write)
        {
            var batches = new List<PostBatch>();
            for (var number = 0; number < perRound; number++)
                batches.Add(await load.BatchAsync(BatchSize / 2, BatchSize / 2, cancellationToken));
            await CheckpointAsync(database.Source, cancellationToken);
            foreach (var batch in batches)
            {
                var before = Stopwatch.GetTimestamp();
                await write(batch);
                // The first round warms up.
                if (round > 0)
                    took.Add(Stopwatch.GetElapsedTime(before).TotalSeconds);
            }
        }
    }

    /// <summary>So that nobody pays for what the other has written.</summary>
    private static async Task CheckpointAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("CHECKPOINT");
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static double Rate(List<double> took) => took.Count * BatchSize / took.Sum();
}

/// <param name="Rate">Posts a second of the product's writer.</param>
/// <param name="LimitRate">Posts a second by hand.</param>
/// <param name="Batches">Of the product's writer.</param>
/// <param name="LimitBatches">By hand.</param>
internal sealed record WriteFigures(double Rate, double LimitRate, Percentiles Batches, Percentiles LimitBatches)
{
    public double Ratio => Rate / LimitRate;
}
