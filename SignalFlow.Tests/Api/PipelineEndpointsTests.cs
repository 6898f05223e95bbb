using SignalFlow.Contracts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Api;

public sealed class PipelineEndpointsTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_partition_has_its_reader_or_says_that_it_has_none()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.Database.ExecuteAsync("""
            INSERT INTO pipeline_instances (
              instance, version, started_at, reported_at, is_stopped, is_paused, last_batch_at, batches_per_second,
              flush_p50, flush_p95, flush_p99, dead_letters_last_hour, partition_count) VALUES
              ('host/1', '1.0.0', '2026-11-23 08:00Z', now() - interval '4 s', false, false, '2026-11-23 11:59Z', 2.5, 4, 9.5, 12, 3, 2),
              ('host/2', '1.0.0', '2026-11-23 08:00Z', now() - interval '2 s', false, true, NULL, 0, NULL, NULL, NULL, 1, NULL),
              ('host/3', '0.9.0', '2026-11-23 08:00Z', now() - interval '5 min', false, false, NULL, 9, NULL, NULL, NULL, 100, 2),
              ('host/4', '0.9.0', '2026-11-23 08:00Z', now() - interval '5 min', true, false, NULL, 9, NULL, NULL, NULL, 100, 2);
            INSERT INTO pipeline_partitions (instance, topic, partition, lag, time_lag_seconds, records_per_second, posts_per_second) VALUES
              ('host/1', 'reddit.posts.raw', 0, 17, 4.5, 12, 11), ('host/1', 'reddit.posts.refresh', 0, 3, 90, 20, 20),
              ('host/1', 'reddit.posts.refresh', 1, 100, 1000, 1, 1),
              ('host/2', 'reddit.posts.refresh', 1, NULL, NULL, 0, 0), ('host/3', 'reddit.posts.raw', 1, 5000, 5000, 500, 500);
            """);

        var pipeline = (await api.Client.GetFromJsonAsync("/api/pipeline/", ContractsJsonContext.Default.PipelineView, Cancel))!;

        Assert.Equal(["running", "paused", "silent", "stopped"], pipeline.Instances.Select(instance => instance.State));
        Assert.Equal((4, 9.5, 12), (pipeline.Instances[0].FlushP50Ms, pipeline.Instances[0].FlushP95Ms, pipeline.Instances[0].FlushP99Ms));
        Assert.InRange(pipeline.Instances[2].HeartbeatAgeSeconds, 300, 400);
        Assert.Equal(
            [(KafkaTopics.Raw, 0, "host/1"), (KafkaTopics.Raw, 1, null), (KafkaTopics.Refresh, 0, "host/1"), (KafkaTopics.Refresh, 1, "host/2")],
            pipeline.Partitions.Select(partition => (partition.Topic, partition.Partition, partition.Instance)));
        Assert.Equal((17, 4.5), (pipeline.Partitions[0].Lag, pipeline.Partitions[0].TimeLagSeconds));
        Assert.Null(pipeline.Partitions[3].Lag);
        Assert.Equal(
            new PipelineTotals
            {
                Instances = 2,
                Partitions = 4,
                Unassigned = 1,
                Lag = 20,
                TimeLagSeconds = 90,
                RecordsPerSecond = 32,
                PostsPerSecond = 31,
                BatchesPerSecond = 2.5,
                DeadLettersLastHour = 4,
            },
            pipeline.Totals);
    }

    [Fact]
    public async Task Operators_see_dependencies_lag_and_quota_at_one_look()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        await api.Database.ExecuteAsync("""
            INSERT INTO pipeline_instances (instance, version, started_at, reported_at, is_stopped, is_paused, last_batch_at, batches_per_second, dead_letters_last_hour, partition_count)
            VALUES ('host/1', '1.0.0', '2026-11-23 08:00Z', now(), false, false, '2026-11-23 11:59Z', 2.5, 3, 1);
            INSERT INTO pipeline_partitions (instance, topic, partition, lag, time_lag_seconds, records_per_second, posts_per_second)
            VALUES ('host/1', 'reddit.posts.raw', 0, 17, 4.5, 12, 11);
            INSERT INTO ingestion_shards (shard_id, shard_count, instance, acquired_at, heartbeat_at, requests_limit, requests_last_minute, ratelimit_remaining)
            VALUES (0, 1, 'host/2', now(), now(), 96, 40, 512);
            """);
        using var client = await api.ClientAsAsync("operator");

        var details = (await client.GetFromJsonAsync("/health/details", ContractsJsonContext.Default.HealthDetails, Cancel))!;

        Assert.Equal("healthy", details.Status);
        Assert.Equal(("healthy", true), (details.Checks["postgres"].Status, details.Checks["postgres"].LatencyMs > 0));
        Assert.Contains("redis", details.Checks.Keys);
        Assert.Equal((17, 3), (details.Pipeline!.Totals.Lag, details.Pipeline.Totals.DeadLettersLastHour));
        Assert.Equal(new(2026, 11, 23, 11, 59, 0, TimeSpan.Zero), details.Pipeline.LastBatchAt);
        var quota = Assert.Single(details.Quota!);
        Assert.Equal((96, 40, 512), (quota.RequestsLimit, quota.RequestsLastMinute, quota.RatelimitRemaining));
    }

    [Fact]
    public async Task Where_nobody_has_reported_yet_there_is_nothing()
    {
        await using var api = await ApiApplication.StartAsync(postgres);

        Assert.Equal(
            """{"instances":[],"partitions":[],"totals":{"instances":0,"partitions":0,"unassigned":0,"lag":null,"time_lag_seconds":null,"records_per_second":0,"posts_per_second":0,"batches_per_second":0,"dead_letters_last_hour":0}}""",
            await api.Client.GetStringAsync("/api/pipeline", Cancel));
    }
}
