using System.Diagnostics;
using System.Diagnostics.Metrics;
using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Npgsql;
using SignalFlow.Benchmarks.Chaos;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Processing;
using SignalFlow.Storage.Posts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Processing;

/// <summary>What went wrong in the original system, each fault under its number in docs/reliability.md.</summary>
public sealed class FaultRowsTests(PostgresFixture postgres)
{
    // 2026-11-23T10:00:00Z
    private const double Start = 1_795_428_000;
    private const string Group = "signalflow-processing";
    private const string RefuseOneTitle = "ALTER TABLE posts ADD CONSTRAINT one_title CHECK (title <> 'refused')";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A1_one_message_that_only_the_database_refuses_does_not_take_49_others_with_it()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.Database.ExecuteAsync(RefuseOneTitle);
        for (var post = 0; post < 50; post++)
            await pipeline.ProduceAsync(KafkaTopics.Raw, Observation($"a{post}", 0, post, title: post == 31 ? "refused" : "A title"));

        await pipeline.StartReplicaAsync();
        await Count(pipeline, "dlq_events", 1);

        Assert.Equal(["(storage,{a31},1)"], await pipeline.Database.RowsAsync("SELECT error_class, post_ids, attempt FROM dlq_events"));
        await Count(pipeline, "posts", 49);
        await Count(pipeline, "post_metrics_history", 49);
        Assert.Equal(1, pipeline.DeadLetterCount());
        // What a title says must not get into a log or an error message.
        Assert.False(await pipeline.Database.ScalarAsync<bool>("SELECT error_message LIKE '%refused''%' FROM dlq_events"));
    }

    [Fact]
    public async Task A2_a_subreddit_of_a_transaction_that_was_rolled_back_is_not_taken_for_stored()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await database.ExecuteAsync(RefuseOneTitle);
        var writer = new PostWriter(database.DataSource, new(database.DataSource));

        await Assert.ThrowsAsync<PostgresException>(() => writer.WriteAsync(Batch(("a1", "refused")), Cancel));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM subreddits WHERE name = 'brand_new'"));
        await writer.WriteAsync(Batch(("a2", "good"), ("a3", "good")), Cancel);

        Assert.Equal(
            ["(a2,brand_new)", "(a3,brand_new)"],
            await database.RowsAsync("SELECT posts.id, name FROM posts JOIN subreddits ON subreddits.id = subreddit_id ORDER BY 1"));
    }

    [Fact]
    public async Task A2_the_good_posts_of_a_new_subreddit_are_stored_beside_a_refused_one_and_after_it()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.Database.ExecuteAsync(RefuseOneTitle);
        for (var post = 0; post < 50; post++)
            await pipeline.ProduceAsync(KafkaTopics.Raw, Observation($"a{post}", 0, post, post == 0 ? "refused" : "A title") with { Subreddit = "brand_new" });
        await pipeline.StartReplicaAsync();
        await Count(pipeline, "posts", 49);

        for (var post = 50; post < 100; post++)
            await pipeline.ProduceAsync(KafkaTopics.Raw, Observation($"a{post}", 0, post) with { Subreddit = "brand_new" });

        await Count(pipeline, "posts", 99);
        await Count(pipeline, "dlq_events", 1);
    }

    [Fact]
    public async Task A3_a_post_that_occurs_many_times_in_one_batch_is_stored_once_with_all_its_observations()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        for (var look = 0; look < 20; look++)
        {
            await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("a1", look * 10, look));
            await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("a1", look * 10, look));
            await pipeline.ProduceAsync(KafkaTopics.Refresh, Observation("a1", look * 10, look));
        }

        await pipeline.StartReplicaAsync();
        await Eventually.TrueAsync(async () => await Scalar(pipeline, "SELECT coalesce(max(current_score), 0) FROM posts") == 19);

        await Count(pipeline, "posts", 1);
        await Count(pipeline, "post_metrics_history", 20);
        Assert.Equal(0, pipeline.DeadLetterCount());
    }

    [Fact]
    public async Task A4_an_outage_of_the_database_in_full_flow_sends_nothing_to_the_dead_letters_and_loses_nothing()
    {
        await using var server = await StoppablePostgres.StartAsync();
        await using var pipeline = await PipelineApplication.CreateAsync(server);
        await pipeline.StartReplicaAsync(("Processing:BatchSize", "50"));

        for (var part = 0; part < 10; part++)
        {
            await Task.WhenAll(Enumerable.Range(part * 200, 200).Select(post => pipeline.ProduceAsync(KafkaTopics.Raw, Observation($"a{post}", 0, post))));
            if (part == 2)
                await server.StopAsync();
            if (part != 6)
                continue;
            await Eventually.TrueAsync(() => Task.FromResult(pipeline.FailedBatches > 1));
            await server.StartAgainAsync();
            pipeline.Database.DataSource.Clear();
        }

        await Count(pipeline, "posts", 2_000);
        await Count(pipeline, "post_metrics_history", 2_000);
        Assert.Equal(0, pipeline.DeadLetterCount());
    }

    [Fact]
    public async Task A5_while_the_dead_letter_topic_has_no_leader_the_offset_stays_and_nothing_is_lost()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        pipeline.HasShortSessions = true;
        pipeline.Kafka.SetPartitionLeader(KafkaTopics.DeadLetter, 0, null);
        await pipeline.ProduceAsync(KafkaTopics.Raw, "a1"u8.ToArray(), "no JSON"u8.ToArray());
        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("a1", 0, 1));
        var replica = await pipeline.StartReplicaAsync();
        await Count(pipeline, "posts", 1);
        // Waits for the letter as long as a stop may take, then commits whatever may be committed.
        await pipeline.StopReplicaAsync(replica);
        Assert.All(Enumerable.Range(0, 3), partition => Assert.Null(pipeline.Committed(Group, KafkaTopics.Raw, partition)));

        pipeline.Kafka.SetPartitionLeader(KafkaTopics.DeadLetter, 0, 1);
        replica = await pipeline.StartReplicaAsync();
        await Count(pipeline, "dlq_events", 1);
        await pipeline.StopReplicaAsync(replica);

        Assert.Equal(2, Enumerable.Range(0, 3).Sum(partition => pipeline.Committed(Group, KafkaTopics.Raw, partition) ?? 0));
        await Count(pipeline, "post_metrics_history", 1);
    }

    [Fact]
    public async Task B1_B2_a_refresh_that_comes_twice_adds_no_history_and_keeps_the_velocity()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.StartReplicaAsync(("Processing:BatchSize", "1"));
        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("a1", 0, 3));
        await pipeline.ProduceAsync(KafkaTopics.Refresh, Observation("a1", 100, 973));
        await Count(pipeline, "post_metrics_history", 2);

        for (var time = 0; time < 3; time++)
            await pipeline.ProduceAsync(KafkaTopics.Refresh, Observation("a1", 100, 973));
        // Behind them in the same partition.
        await pipeline.ProduceAsync(KafkaTopics.Refresh, "a1"u8.ToArray(), "mark"u8.ToArray());
        await Count(pipeline, "dlq_events", 1);

        Assert.Equal(["(973,9.7,2)"], await pipeline.Database.RowsAsync(
            "SELECT current_score, round(score_velocity::numeric, 9)::float, (SELECT count(*) FROM post_metrics_history) FROM posts"));
    }

    [Fact]
    public async Task B9_a_replica_that_comes_and_goes_in_full_flow_makes_no_dead_letter_and_no_second_row()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        pipeline.HasShortSessions = true;
        await pipeline.StartReplicaAsync(("Processing:BatchSize", "20"));
        using var flow = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var flowing = ProduceUntilAsync(pipeline, flow.Token);
        await Eventually.TrueAsync(async () => await Scalar(pipeline, "SELECT count(*)::int FROM posts") > 0);

        var second = await pipeline.StartReplicaAsync(("Processing:BatchSize", "20"));
        using var consumed = new MetricCollector<long>(
            second.Services.GetRequiredService<IMeterFactory>(), ProcessingMetrics.MeterName, "reddit_processor_messages");
        await Eventually.TrueAsync(() => Task.FromResult(consumed.LastMeasurement is not null));
        await pipeline.StopReplicaAsync(second);
        await flow.CancelAsync();
        var posts = await flowing;

        await Count(pipeline, "posts", posts);
        await Count(pipeline, "post_metrics_history", 2 * posts);
        Assert.Equal(["(1)"], await pipeline.Database.RowsAsync("SELECT DISTINCT score_velocity FROM posts"));
        Assert.Equal(0, pipeline.DeadLetterCount());
    }

    [Fact]
    public async Task B12_only_batches_that_store_something_are_measured()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        var replica = await pipeline.StartReplicaAsync(("Processing:BatchSize", "1"));
        using var flushes = new MetricCollector<double>(
            replica.Services.GetRequiredService<IMeterFactory>(), ProcessingMetrics.MeterName, "reddit_processor_batch_flush");

        await pipeline.ProduceAsync(KafkaTopics.Raw, "a1"u8.ToArray(), "no JSON"u8.ToArray());
        await Count(pipeline, "dlq_events", 1);
        Assert.Empty(flushes.GetMeasurementSnapshot());

        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("a1", 0, 1));
        await Eventually.TrueAsync(() => Task.FromResult(flushes.LastMeasurement is not null));
        Assert.Single(flushes.GetMeasurementSnapshot());
    }

    [Fact]
    public void C1_names_that_somebody_invents_do_not_fill_the_memory()
    {
        var known = new KnownSubreddits();
        known.Add([.. Enumerable.Range(0, 99_999).Select(number => $"invented{number}"), "brand_new"]);
        Assert.Empty(known.Missing(Batch(("a1", "t"))));

        known.Add(["one_more"]);

        Assert.Equal(["brand_new"], known.Missing(Batch(("a1", "t"))));
    }

    [Fact]
    public async Task C2_a_redis_that_takes_connections_and_never_answers_costs_hardly_any_batch_its_time_limit()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await using var proxy = new DisturbedProxy(() => pipeline.Redis.Port);
        await pipeline.StartReplicaAsync(("ConnectionStrings:redis", $"127.0.0.1:{proxy.Port}"));
        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("a1", 0, 1));
        await Count(pipeline, "post_metrics_history", 1);

        proxy.Freeze();
        var started = Stopwatch.GetTimestamp();
        for (var look = 1; look <= 30; look++)
        {
            await pipeline.ProduceAsync(KafkaTopics.Refresh, Observation("a1", look * 10, 1 + look * 50));
            await Count(pipeline, "post_metrics_history", 1 + look);
        }

        // Thirty batches of one message each; the original waited two seconds for each message.
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.Equal(["(1501,5)"], await pipeline.Database.RowsAsync("SELECT current_score, score_velocity FROM posts"));
    }

    [Theory]
    [InlineData("ALTER TABLE posts RENAME TO renamed", Group, KafkaTopics.Raw)]
    [InlineData("ALTER TABLE posts DROP COLUMN current_ratio CASCADE", Group, KafkaTopics.Raw)]
    [InlineData("ALTER TABLE dlq_events RENAME TO renamed", Group + "-dlq", KafkaTopics.DeadLetter)]
    public async Task A_schema_that_does_not_fit_ends_the_service_with_one_critical_line_and_moves_no_offset(string sql, string group, string topic)
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        var replica = await pipeline.StartReplicaAsync();
        await pipeline.Database.ExecuteAsync(sql);

        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("a1", 0, 1));
        await pipeline.ProduceAsync(KafkaTopics.Raw, "a1"u8.ToArray(), "no JSON"u8.ToArray());
        await Eventually.TrueAsync(() => Task.FromResult(replica.Lifetime.ApplicationStopping.IsCancellationRequested));

        var critical = replica.Services.GetFakeLogCollector().GetSnapshot().Where(
            record => record.Level == LogLevel.Critical && record.Category!.StartsWith("SignalFlow", StringComparison.Ordinal));
        Assert.Contains("The service ends", Assert.Single(critical).Message, StringComparison.Ordinal);
        await pipeline.StopReplicaAsync(replica);
        Assert.All(Enumerable.Range(0, topic == KafkaTopics.Raw ? 3 : 1), partition => Assert.Null(pipeline.Committed(group, topic, partition)));
    }

    [Fact]
    public async Task After_an_error_that_ends_the_producer_of_dead_letters_another_one_sends_them()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.ProduceAsync(KafkaTopics.Raw, "a1"u8.ToArray(), "no JSON"u8.ToArray());
        pipeline.Kafka.PushRequestErrors(KafkaRequest.Produce, ErrorCode.OutOfOrderSequenceNumber);

        await pipeline.StartReplicaAsync();

        Assert.Equal("no JSON"u8, Assert.Single(pipeline.DeadLetters(1)).Message.Value);
    }

    private static async Task<int> ProduceUntilAsync(PipelineApplication pipeline, CancellationToken stop)
    {
        var posts = 0;
        for (; !stop.IsCancellationRequested; posts++)
        {
            await pipeline.ProduceAsync(KafkaTopics.Raw, Observation($"a{posts}", 0, posts));
            await pipeline.ProduceAsync(KafkaTopics.Refresh, Observation($"a{posts}", 60, posts + 60));
        }

        return posts;
    }

    private static Task Count(PipelineApplication pipeline, string table, long count) =>
        Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<long>($"SELECT count(*) FROM {table}") == count);

    private static Task<int> Scalar(PipelineApplication pipeline, string sql) => pipeline.Database.ScalarAsync<int>(sql);

    private static PostBatch Batch(params (string Id, string Title)[] posts) => new(
        [
            .. posts.Select(post => new PostChange
            {
                Newest = Observation(post.Id, 0, 1, post.Title) with { Subreddit = "brand_new" },
                State = PostState.First(new((long)(Start * 1e6), 1, 0)),
                TrendingScore = 0,
                IsTrending = false,
                Nlp = new(0, "neutral", []),
            }),
        ],
        []);

    private static PostObservation Observation(string id, double after, int score, string title = "A plain title") => new()
    {
        Id = id,
        Title = title,
        Subreddit = "technology",
        Author = "someone",
        CreatedUtc = Start - 60,
        Score = score,
        NumComments = 0,
        UpvoteRatio = 0.9,
        ObservedAt = Start + after,
    };
}
