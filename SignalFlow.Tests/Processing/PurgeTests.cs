using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using CsCheck;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SignalFlow.Contracts;
using SignalFlow.Processing;
using SignalFlow.Processing.Batches;
using SignalFlow.Tests.Infrastructure;
using StackExchange.Redis;

namespace SignalFlow.Tests.Processing;

public sealed class PurgeTests(PostgresFixture postgres)
{
    // 2026-11-23T10:00:00Z
    private const double Start = 1_795_428_000;
    private const string Title = "I love this wonderful discovery about foxes";

    // Of two writers one always gets on, so nobody loses this often.
    private const int MaxAttempts = 20;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("moderator", 2, "(200,2)")]
    [InlineData("absent", 1, "(100,2)")]
    public async Task A_removal_empties_the_post_and_keeps_its_counters_and_history(string reason, int history, string counters)
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.StartReplicaAsync();
        await pipeline.ProduceAsync(KafkaTopics.Raw, Content("a1", 0, 100));
        await pipeline.ProduceAsync(KafkaTopics.Raw, Content("b1", 0, 100));
        await Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM post_nlp_features") == 2);

        await pipeline.ProduceAsync(KafkaTopics.Refresh, Removal("a1", 60, 200, reason));
        await Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<bool>("SELECT purged_at IS NOT NULL FROM posts WHERE id = 'a1'"));

        Assert.Equal(
            [$"([deleted],,,,,,\"2026-11-23 10:01:00+00\",{reason},0,f)"],
            await pipeline.Database.RowsAsync("""
                SELECT title, selftext, author, url, permalink, flair, purged_at, purge_reason, trending_score, is_trending FROM posts WHERE id = 'a1'
                """));
        Assert.Equal([counters], await pipeline.Database.RowsAsync("SELECT current_score, current_comments FROM posts WHERE id = 'a1'"));
        Assert.Equal(history, await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM post_metrics_history WHERE post_id = 'a1'"));
        Assert.Equal(["(b1)"], await pipeline.Database.RowsAsync("SELECT post_id FROM post_nlp_features"));
        Assert.Equal(
            [$"(\"{Title}\",someone,)"], await pipeline.Database.RowsAsync("SELECT title, author, purged_at FROM posts WHERE id = 'b1'"));
    }

    [Fact]
    public async Task A_post_that_comes_after_its_absence_is_stored_without_content_and_as_observed()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        var processor = await ProcessorAsync(pipeline);

        await processor.ProcessAsync([Record(Removal("a1", 600, 5, PostRemoval.Absent))], Cancel);
        Assert.Equal(
            ["(-infinity,\"2026-11-23 10:10:00+00\",5,\"2026-11-23 10:10:00+00\",absent)"],
            await pipeline.Database.RowsAsync("SELECT last_polled_at, first_seen_at, current_score, purged_at, purge_reason FROM posts"));
        Assert.Equal(0, await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM post_metrics_history"));

        await processor.ProcessAsync([Record(Content("a1", 900, 45))], Cancel);
        await processor.ProcessAsync([Record(Content("a1", 1200, 1200))], Cancel);

        Assert.Equal(
            ["([deleted],,\"2026-11-23 10:15:00+00\",\"2026-11-23 10:20:00+00\",1200,3.85)"],
            await pipeline.Database.RowsAsync(
                "SELECT title, author, first_seen_at, last_polled_at, current_score, round(score_velocity::numeric, 9)::float FROM posts"));
        Assert.Equal(0, await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM post_nlp_features"));
    }

    [Fact]
    public async Task Who_deletes_the_account_loses_the_name_on_the_post_and_no_repeat_gives_it_back()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        var processor = await ProcessorAsync(pipeline);
        await processor.ProcessAsync([Record(Content("a1", 0, 45))], Cancel);
        await processor.ProcessAsync([Record(Content("a1", 300, 60) with { Author = "[deleted]" })], Cancel);
        await processor.ProcessAsync([Record(Content("a1", 0, 45))], Cancel);
        await processor.ProcessAsync([Record(Content("a1", 200, 50))], Cancel);

        Assert.Equal([$"(\"{Title}\",[deleted],)"], await pipeline.Database.RowsAsync("SELECT title, author, purged_at FROM posts"));
    }

    [Fact]
    public async Task No_order_repetition_or_concurrency_of_deliveries_brings_content_back()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        var processors = new[] { await ProcessorAsync(pipeline), await ProcessorAsync(pipeline) };
        var run = 0;
        await GenWorld.SampleAsync(async (drawn, seed, batchSize) =>
        {
            var world = $"w{Interlocked.Increment(ref run)}";
            var messages = drawn.SelectMany((post, index) => post.Select(message => message with { Id = $"{world}p{index}" })).ToArray();
            var random = new Random(seed);
            PostObservation[] deliveries = [.. messages, .. messages.Where(_ => random.Next(2) == 0)];
            random.Shuffle(deliveries);

            // Two consumers at a time, as in a rebalance; so their states of the same post go stale under each other.
            foreach (var pair in deliveries.Chunk(batchSize).Chunk(2))
                await Task.WhenAll(pair.Select((batch, index) => Task.Run(() => UntilStoredAsync(processors[index], [.. batch.Select(Record)]), Cancel)));

            Assert.Equal(messages.GroupBy(message => message.Id).Select(Expected).Order(StringComparer.Ordinal), await StoredAsync(pipeline, world));
        }, iter: 120, threads: 1);
    }

    [Fact]
    public async Task Viewers_get_the_purged_post_without_content_and_no_repeat_gives_it_back()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(pipeline.Redis.ConnectionString);
        var updates = await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal(LiveLog.Channel));
        var processor = await ProcessorAsync(pipeline);
        var content = Record(Content("a1", 0, 45));

        await processor.ProcessAsync([content], Cancel);
        Assert.False((await NextAsync(updates)).TryGetProperty("purged", out _));

        await processor.ProcessAsync([Record(Removal("a1", 60, 45, PostRemoval.Absent))], Cancel);
        AssertPurged(await NextAsync(updates));
        // Says nothing new, so nothing of it is written.
        await processor.ProcessAsync([content], Cancel);
        AssertPurged(await NextAsync(updates));
        // Newer, with content.
        await processor.ProcessAsync([Record(Content("a1", 120, 50))], Cancel);
        AssertPurged(await NextAsync(updates));

        static void AssertPurged(JsonElement post)
        {
            Assert.True(post.GetProperty("purged").GetBoolean());
            Assert.Equal("[deleted]", post.GetProperty("title").GetString());
            Assert.All(["author", "url", "permalink", "nlp"], field => Assert.Equal(JsonValueKind.Null, post.GetProperty(field).ValueKind));
            Assert.Equal("absent", post.GetProperty("purge_reason").GetString());
            Assert.Equal("2026-11-23T10:01:00+00:00", post.GetProperty("purged_at").GetString());
            // Whoever keeps the newest state keeps this one.
            Assert.True(post.GetProperty("last_polled_at").GetDateTimeOffset() >= post.GetProperty("purged_at").GetDateTimeOffset());
        }
    }

    [Fact]
    public async Task Each_purge_is_counted_once_under_a_known_reason()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        var replica = await pipeline.StartReplicaAsync();
        var processor = replica.Services.GetRequiredService<BatchProcessor>();
        using var purged = new MetricCollector<long>(
            replica.Services.GetRequiredService<IMeterFactory>(), ProcessingMetrics.MeterName, "signalflow_purged_posts");
        ConsumeResult<byte[], byte[]>[] batch =
        [
            Record(Content("a1", 0, 1)), Record(Removal("a1", 60, 1, "moderator")), Record(Removal("a2", 60, 1, "absent")),
            Record(Removal("a3", 60, 1, "invented yesterday")), Record(Removal("a4", 60, 1, "invented today")),
        ];

        await processor.ProcessAsync(batch, Cancel);
        await processor.ProcessAsync(batch, Cancel);

        Assert.Equal(
            ["absent", "moderator", "other", "other"],
            purged.GetMeasurementSnapshot().Select(measurement => (string)measurement.Tags["reason"]!).Order());
    }

    private static readonly Gen<(PostObservation[][] Posts, int Seed, int BatchSize)> GenWorld = Gen.Select(
        Gen.Select(
            Gen.Int[0, 30], Gen.Int[0, 500],
            Gen.Frequency(
                (6, Gen.Const((string?)null)), (1, Gen.Const((string?)"moderator")), (1, Gen.Const((string?)"deleted")),
                (2, Gen.Const((string?)PostRemoval.Absent))),
            // An instant identifies an observation; in whole minutes, so that no velocity counts for trending.
            (minutes, score, reason) => reason is null
                ? Content("", minutes * 60, score)
                : Removal("", minutes * 60, reason == PostRemoval.Absent ? 7 : score, reason))
            .Array[1, 8].Select(messages => messages.DistinctBy(message => message.ObservedAt).ToArray())
            .Array[1, 4],
        Gen.Int[0, int.MaxValue], Gen.Int[1, 9]);

    /// <summary>What is to be stored of a post, from nothing but the set of its messages.</summary>
    private static string Expected(IGrouping<string, PostObservation> messages)
    {
        var observed = messages.Where(message => message.RemovedByCategory != PostRemoval.Absent).OrderByDescending(message => message.ObservedAt).ToList();
        var purge = messages.Where(message => message.RemovedByCategory is not null).MinBy(message => message.ObservedAt);
        var newest = observed.FirstOrDefault();
        var previous = observed.Skip(1).FirstOrDefault();
        return string.Join('|',
            messages.Key,
            purge is null ? $"{Title},text,someone,https://example.org,/r/technology/1,{newest!.Flair}" : "[deleted],,,,,",
            newest?.Score ?? 7,
            newest?.ObservedAt - Start,
            previous?.ObservedAt - Start,
            (observed.LastOrDefault() ?? purge!).ObservedAt - Start,
            purge?.ObservedAt - Start,
            purge?.RemovedByCategory,
            purge is null ? 0.2 : 0,
            purge is null ? 1 : 0,
            observed.Count);
    }

    private static Task<IReadOnlyList<string>> StoredAsync(PipelineApplication pipeline, string world) => pipeline.Database.TextsAsync($"""
        SELECT concat_ws('|', id,
            concat_ws(',', title, coalesce(selftext, ''), coalesce(author, ''), coalesce(url, ''), coalesce(permalink, ''), coalesce(flair, '')),
            current_score,
            CASE WHEN last_polled_at = '-infinity' THEN '' ELSE extract(epoch FROM last_polled_at - start)::int::text END,
            coalesce(extract(epoch FROM prev_polled_at - start)::int::text, ''),
            extract(epoch FROM first_seen_at - start)::int,
            coalesce(extract(epoch FROM purged_at - start)::int::text, ''),
            coalesce(purge_reason, ''),
            trending_score,
            (SELECT count(*) FROM post_nlp_features WHERE post_id = id),
            (SELECT count(*) FROM post_metrics_history WHERE post_id = id))
        FROM posts, (SELECT to_timestamp({Start})) AS given (start)
        WHERE id LIKE '{world}p%' ORDER BY id COLLATE "C"
        """);

    private static async Task UntilStoredAsync(BatchProcessor processor, ConsumeResult<byte[], byte[]>[] batch)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await processor.ProcessAsync(batch, Cancel);
                return;
            }
            catch (Npgsql.NpgsqlException exception) when (exception is not Npgsql.PostgresException && attempt < MaxAttempts)
            {
                // Lost against the other one too often; the consume loop tries again as well. What the server refuses is a failure.
            }
        }
    }

    private static async Task<BatchProcessor> ProcessorAsync(PipelineApplication pipeline) =>
        (await pipeline.StartReplicaAsync()).Services.GetRequiredService<BatchProcessor>();

    private static async Task<JsonElement> NextAsync(ChannelMessageQueue updates) =>
        Assert.Single(JsonDocument.Parse((byte[])(await updates.ReadAsync(Cancel)).Message!).RootElement.GetProperty("posts").EnumerateArray());

    private static ConsumeResult<byte[], byte[]> Record(PostObservation post) => new()
    {
        Topic = KafkaTopics.Raw,
        Message = new()
        {
            Key = Encoding.UTF8.GetBytes(post.Id),
            Value = JsonSerializer.SerializeToUtf8Bytes(post, ContractsJsonContext.Default.PostObservation),
            Timestamp = new(DateTimeOffset.UnixEpoch),
        },
    };

    private static PostObservation Content(string id, double after, int score) => new()
    {
        Id = id,
        Title = Title,
        Selftext = "text",
        Subreddit = "technology",
        Author = "someone",
        Url = "https://example.org",
        Permalink = "/r/technology/1",
        Flair = $"flair {after}",
        CreatedUtc = Start - 60,
        Score = score,
        NumComments = 2,
        UpvoteRatio = 0.9,
        ObservedAt = Start + after,
    };

    private static PostObservation Removal(string id, double after, int score, string reason) => new()
    {
        Id = id,
        Title = PostRemoval.Placeholder,
        Subreddit = "technology",
        CreatedUtc = Start - 60,
        Score = score,
        NumComments = 2,
        ObservedAt = Start + after,
        RemovedByCategory = reason,
    };
}
