using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SignalFlow.Contracts;
using SignalFlow.Processing;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Processing;

/// <summary>While the database is away the partitions are paused; a replica that comes meanwhile takes some of them as they are.</summary>
public sealed class PausedPartitionsTests(PostgresFixture postgres)
{
    private const int Posts = 30;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Partitions_that_leave_paused_are_read_when_they_come_back()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres, commandTimeout: 1);
        pipeline.HasShortSessions = true;
        var first = await pipeline.StartReplicaAsync();
        using var revivals = Collect(first, "signalflow_consumer_revivals");
        await ProduceAsync(pipeline, "before");
        await StoredAsync(pipeline, Posts);

        await using (var blocker = await pipeline.Database.DataSource.OpenConnectionAsync(Cancel))
        await using (var transaction = await blocker.BeginTransactionAsync(Cancel))
        {
            await using var command = blocker.CreateCommand();
            command.CommandText = "LOCK TABLE post_metrics_history IN EXCLUSIVE MODE";
            await command.ExecuteNonQueryAsync(Cancel);
            await ProduceAsync(pipeline, "blocked");
            await Eventually.TrueAsync(() => Task.FromResult(pipeline.FailedBatches > 0));

            var second = await pipeline.StartReplicaAsync();
            using var batches = Collect(second, "reddit_processor_batches");
            // It has taken partitions, whose records fail there, too.
            await Eventually.TrueAsync(() => Task.FromResult(batches.GetMeasurementSnapshot().Count > 0));
            await transaction.CommitAsync(Cancel);
            await StoredAsync(pipeline, 2 * Posts);
            await pipeline.StopReplicaAsync(second);
        }

        await ProduceAsync(pipeline, "after");
        await StoredAsync(pipeline, 3 * Posts);
        Assert.Empty(revivals.GetMeasurementSnapshot());
    }

    [Fact]
    public async Task Partitions_of_letters_that_leave_paused_are_read_when_they_come_back()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres, commandTimeout: 1, letterPartitions: 3);
        pipeline.HasShortSessions = true;
        var first = await pipeline.StartReplicaAsync();
        await LettersAsync(pipeline, "before");
        await StoredLettersAsync(pipeline, Posts);

        await using (var blocker = await pipeline.Database.DataSource.OpenConnectionAsync(Cancel))
        await using (var transaction = await blocker.BeginTransactionAsync(Cancel))
        {
            await using var command = blocker.CreateCommand();
            command.CommandText = "LOCK TABLE dlq_events IN EXCLUSIVE MODE";
            await command.ExecuteNonQueryAsync(Cancel);
            await LettersAsync(pipeline, "blocked");
            await LoggedAsync(first, "to store the dead letter");

            var second = await pipeline.StartReplicaAsync();
            // It has taken partitions, whose letters fail there, too.
            await LoggedAsync(second, "to store the dead letter");
            await transaction.CommitAsync(Cancel);
            await StoredLettersAsync(pipeline, 2 * Posts);
            await pipeline.StopReplicaAsync(second);
        }

        await LettersAsync(pipeline, "after");
        await StoredLettersAsync(pipeline, 3 * Posts);
        Assert.False(PipelineApplication.HasLogged(first, "Nothing comes of"));
    }

    private static MetricCollector<long> Collect(WebApplication replica, string instrument) =>
        new(replica.Services.GetRequiredService<IMeterFactory>(), ProcessingMetrics.MeterName, instrument);

    /// <summary>So many that each partition has some.</summary>
    private static async Task ProduceAsync(PipelineApplication pipeline, string name)
    {
        for (var i = 0; i < Posts; i++)
            await pipeline.ProduceAsync(KafkaTopics.Raw, Observation($"{name}{i}"));
    }

    private static async Task LettersAsync(PipelineApplication pipeline, string name)
    {
        for (var i = 0; i < Posts; i++)
            await pipeline.ProduceAsync(KafkaTopics.DeadLetter, Encoding.UTF8.GetBytes($"{name}{i}"), "{"u8.ToArray());
    }

    private static Task LoggedAsync(WebApplication replica, string part) =>
        Eventually.TrueAsync(() => Task.FromResult(PipelineApplication.HasLogged(replica, part)));

    private static PostObservation Observation(string id) => new()
    {
        Id = id,
        Title = "A plain title",
        Subreddit = "technology",
        Author = "someone",
        CreatedUtc = 1_790_000_000,
        Score = 1,
        NumComments = 0,
        UpvoteRatio = 1,
        Permalink = $"/r/technology/comments/{id}/",
        PollPriority = "aggressive",
        ObservedAt = 1_790_000_060,
    };

    private static Task StoredAsync(PipelineApplication pipeline, long count) =>
        Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM posts") == count);

    private static Task StoredLettersAsync(PipelineApplication pipeline, long count) =>
        Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM dlq_events") == count);
}
