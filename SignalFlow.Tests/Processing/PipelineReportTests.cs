using SignalFlow.Contracts;
using SignalFlow.Processing.Reporting;
using SignalFlow.Storage.Pipeline;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Processing;

/// <summary>What a running pipeline says of itself, on a real Kafka and a real PostgreSQL.</summary>
public sealed class PipelineReportTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_process_says_what_it_reads_how_fast_and_when_it_ends()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        var replica = await pipeline.StartReplicaAsync();
        var states = new PipelineStateStore(pipeline.Database.DataSource);
        for (var post = 0; post < 30; post++)
            await pipeline.ProduceAsync(KafkaTopics.Raw, Observation(post));
        await pipeline.ProduceAsync(KafkaTopics.Raw, "broken"u8.ToArray(), "<html>"u8.ToArray());

        await Eventually.TrueAsync(async () => (await states.GetAsync(Cancel)) is [{ Report: { LastBatchAt: not null, DeadLettersLastHour: 1 } }]);

        var report = (await states.GetAsync(Cancel))[0].Report;
        Assert.Equal(6, report.Partitions.Count);
        Assert.Equal(3, report.PartitionCount);
        Assert.True(report.Partitions.Sum(partition => partition.RecordsPerSecond) > 0);
        Assert.All(report.Partitions, partition => Assert.True(partition.PostsPerSecond <= partition.RecordsPerSecond + 0.01));
        Assert.Equal(0, report.Partitions.Sum(partition => partition.Lag));
        Assert.True(report.Flush is { P50: > 0 } flush && flush.P50 <= flush.P95 && flush.P95 <= flush.P99);
        Assert.True(report.BatchesPerSecond > 0);
        Assert.False(report.IsPaused);

        await pipeline.StopReplicaAsync(replica);
        var last = (await states.GetAsync(Cancel))[0].Report;
        Assert.True(last.IsStopped);
        Assert.Empty(last.Partitions);
    }

    [Fact]
    public async Task While_the_database_is_away_it_counts_as_paused_and_goes_on_reporting_afterwards()
    {
        await using var server = await StoppablePostgres.StartAsync();
        await using var pipeline = await PipelineApplication.CreateAsync(server);
        var replica = await pipeline.StartReplicaAsync();
        var monitor = replica.Services.GetRequiredService<PipelineMonitor>();
        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation(1));
        await Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM posts") == 1);

        await server.StopAsync();
        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation(2));
        await Eventually.TrueAsync(() => Task.FromResult(monitor.Report("", "").IsPaused));
        await server.StartAgainAsync();
        pipeline.Database.DataSource.Clear();

        await Eventually.TrueAsync(() => Task.FromResult(!monitor.Report("", "").IsPaused));
        await Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM posts") == 2);
        await Eventually.TrueAsync(async () =>
            await pipeline.Database.ScalarAsync<bool>("SELECT coalesce(max(reported_at) > now() - interval '4 seconds', false) FROM pipeline_instances"));
    }

    [Fact]
    public async Task A_report_that_cannot_be_made_disturbs_nothing()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.Database.ExecuteAsync("DROP TABLE pipeline_partitions");
        var replica = await pipeline.StartReplicaAsync();
        await Eventually.TrueAsync(() => Task.FromResult(PipelineApplication.HasLogged(replica, "could not be reported")));

        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation(1));

        await Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM posts") == 1);
    }

    private static PostObservation Observation(int post) => new()
    {
        Id = $"a{post}",
        Title = "A plain title",
        Subreddit = "technology",
        CreatedUtc = 1_795_427_940,
        Score = post,
        NumComments = 0,
        ObservedAt = 1_795_428_000 + post,
    };
}
