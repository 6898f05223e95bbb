using System.Text;
using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Tests.Infrastructure;
using StackExchange.Redis;

namespace SignalFlow.Tests.Processing;

public sealed class PipelineTests(PostgresFixture postgres)
{
    // 2026-11-23T10:00:00Z
    private const double Start = 1_795_428_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stores_an_observation_without_waiting_for_another_one()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.StartReplicaAsync();

        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("a1", 0, 45, "I love this wonderful discovery about 🦊 foxes"));
        await Posts(pipeline, 1);

        Assert.Equal(
            ["(\"I love this wonderful discovery about 🦊 foxes\",45,0,positive)"],
            await pipeline.Database.RowsAsync(
                "SELECT title, current_score, score_velocity, sentiment_label FROM posts JOIN post_nlp_features ON post_id = id"));
        Assert.Contains(
            "foxes", await pipeline.Database.ScalarAsync<string>("SELECT array_to_string(keywords, ' ') FROM post_nlp_features"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Velocity_comes_from_the_observations_not_from_the_clock_of_processing()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        // Both wait in Kafka before anything is processed.
        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("a1", 0, 45));
        await pipeline.ProduceAsync(KafkaTopics.Refresh, Observation("a1", 300, 1200));

        await pipeline.StartReplicaAsync();
        // Where the first look is processed last, the post follows its history: its guard is asked after the row turned out to be there.
        await Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<double>("SELECT coalesce(max(score_velocity), 0) FROM posts") > 0);

        Assert.Equal(2L, await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM post_metrics_history"));
        Assert.Equal(
            ["(1200,3.85,f)"],
            await pipeline.Database.RowsAsync("SELECT current_score, round(score_velocity::numeric, 9)::float, is_trending FROM posts"));
    }

    [Fact]
    public async Task What_trends_is_stored_as_trending_also_when_it_is_seen_once()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.StartReplicaAsync();
        const string Praise = "I love this wonderful, amazing and brilliant thing";
        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("once", 0, 100, Praise) with { NumComments = 101 });
        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("fast", 0, 100, Praise));
        await pipeline.ProduceAsync(KafkaTopics.Refresh, Observation("fast", 10, 700, Praise));
        await History(pipeline, 3);

        // Where the first look is processed last, the post follows its history in a second transaction.
        await Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<double>("SELECT score_velocity FROM posts WHERE id = 'fast'") > 0);
        Assert.Equal(
            ["(fast,0.6,t)", "(once,0.4,f)"],
            await pipeline.Database.RowsAsync("SELECT id, round(trending_score::numeric, 9)::float, is_trending FROM posts ORDER BY id"));
    }

    [Fact]
    public async Task Disorder_and_repetition_end_in_the_same_state()
    {
        var ordered = Enumerable.Range(0, 40)
            .SelectMany(post => Enumerable.Range(0, 6).Select(look => Observation($"p{post}", look * 60, look * look * 10 + post))).ToArray();
        var disordered = ordered.Concat(ordered.Where((_, index) => index % 3 == 0)).ToArray();
        new Random(7).Shuffle(disordered);

        var expected = await ResultAsync(ordered, replicaCount: 1);
        var actual = await ResultAsync(disordered, replicaCount: 2);

        Assert.Equal(40 + 240, expected.Count);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task Flushing_redis_between_two_observations_changes_no_result()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.StartReplicaAsync();
        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("a1", 0, 100));
        await Posts(pipeline, 1);

        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{pipeline.Redis.ConnectionString},allowAdmin=true");
        await redis.GetDatabase().ExecuteAsync("FLUSHALL");
        await pipeline.ProduceAsync(KafkaTopics.Refresh, Observation("a1", 10, 150));
        await History(pipeline, 2);

        Assert.Equal(5.0, await pipeline.Database.ScalarAsync<double>("SELECT score_velocity FROM posts"), 1e-9);
    }

    [Fact]
    public async Task A_stale_entry_in_redis_changes_no_result()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.StartReplicaAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(pipeline.Redis.ConnectionString);
        var database = redis.GetDatabase();
        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("a1", 0, 100));
        await Eventually.TrueAsync(() => database.KeyExistsAsync("signalflow:post:a1"));
        var old = await database.StringGetAsync("signalflow:post:a1");
        await pipeline.ProduceAsync(KafkaTopics.Refresh, Observation("a1", 10, 150));
        await Eventually.TrueAsync(async () => await database.StringGetAsync("signalflow:post:a1") != old);

        // As if the process had died between its commit and telling Redis.
        await database.StringSetAsync("signalflow:post:a1", old);
        await pipeline.ProduceAsync(KafkaTopics.Refresh, Observation("a1", 20, 250));

        // The history comes with the refused first round, the post with the second.
        await Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<int>("SELECT current_score FROM posts") == 250);
        Assert.Equal(10.0, await pipeline.Database.ScalarAsync<double>("SELECT score_velocity FROM posts"), 1e-9);
        Assert.Equal(3, await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM post_metrics_history"));
    }

    [Fact]
    public async Task Without_redis_the_database_serves()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        pipeline.Redis.Dispose();
        await pipeline.StartReplicaAsync();

        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("a1", 0, 100));
        await Posts(pipeline, 1);
        await pipeline.ProduceAsync(KafkaTopics.Refresh, Observation("a1", 10, 150));
        await History(pipeline, 2);

        Assert.Equal(5.0, await pipeline.Database.ScalarAsync<double>("SELECT score_velocity FROM posts"), 1e-9);
    }

    [Fact]
    public async Task Poison_goes_to_the_dead_letters_unchanged_and_its_neighbours_are_stored()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        byte[][] poison = [.. PoisonMessages.All.Select(message => message.Value)];
        for (var index = 0; index < poison.Length; index++)
        {
            await pipeline.ProduceAsync(KafkaTopics.Raw, Observation($"good{index}", 0, index));
            await pipeline.ProduceAsync(KafkaTopics.Raw, "k"u8.ToArray(), poison[index]);
        }

        await pipeline.StartReplicaAsync();
        var letters = pipeline.DeadLetters(poison.Length);
        await Posts(pipeline, poison.Length);

        Assert.Equal(poison.Select(Convert.ToHexString).Order(), letters.Select(letter => Convert.ToHexString(letter.Message.Value)).Order());
        Assert.All(letters, letter =>
        {
            Assert.Equal("k"u8, letter.Message.Key);
            Assert.Equal(KafkaTopics.Raw, Header(letter, DeadLetterHeaders.SourceTopic));
            Assert.Equal("1", Header(letter, DeadLetterHeaders.Attempt));
            Assert.NotEmpty(Header(letter, DeadLetterHeaders.ErrorClass));
            Assert.NotEmpty(Header(letter, DeadLetterHeaders.SourceOffset));
            Assert.InRange(letter.Message.Headers.Single(header => header.Key == DeadLetterHeaders.ErrorMessage).GetValueBytes().Length, 1, 1024);
        });
    }

    [Fact]
    public async Task Viewers_are_told_of_each_observation_in_the_shape_of_the_contract()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(pipeline.Redis.ConnectionString);
        var updates = await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal(LiveLog.Channel));
        await pipeline.StartReplicaAsync();

        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("a1", 0, 1200) with { NumComments = 45 });
        var message = await updates.ReadAsync(Cancel);

        var update = JsonDocument.Parse((byte[])message.Message!).RootElement;
        Assert.Equal("posts.update", update.GetProperty("type").GetString());
        var post = Assert.Single(update.GetProperty("posts").EnumerateArray());
        Assert.Equal("a1", post.GetProperty("id").GetString());
        Assert.Equal(1290, post.GetProperty("engagement_score").GetInt32());
        Assert.Equal("neutral", post.GetProperty("nlp").GetProperty("sentiment_label").GetString());
    }

    [Fact]
    public async Task A_message_of_the_original_system_takes_the_records_time()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        await pipeline.StartReplicaAsync();

        await pipeline.ProduceAsync(KafkaTopics.Raw, key: null, Encoding.UTF8.GetBytes(
            """{"id":"old1","title":"From the original","subreddit":"technology","author":"someone","created_utc":1795420000.0,"score":5,"num_comments":1,"schema_version":1,"signal_source":"reddit"}"""));
        await Posts(pipeline, 1);

        // The broker's clock of just now, not 1970.
        Assert.True(await pipeline.Database.ScalarAsync<bool>("SELECT last_polled_at > '2026-01-01' FROM posts WHERE id = 'old1'"));
    }

    [Fact]
    public async Task A_database_that_is_away_delays_but_loses_nothing()
    {
        await using var server = await StoppablePostgres.StartAsync();
        await using var pipeline = await PipelineApplication.CreateAsync(server);
        await pipeline.StartReplicaAsync();
        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("a0", 0, 1));
        await Posts(pipeline, 1);

        await server.StopAsync();
        for (var post = 1; post < 50; post++)
            await pipeline.ProduceAsync(KafkaTopics.Raw, Observation($"a{post}", 0, post));
        await server.StartAgainAsync();
        // This test's own connections died with the server.
        pipeline.Database.DataSource.Clear();

        await Posts(pipeline, 50);
        Assert.Equal(50, await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM post_metrics_history"));
    }

    [Fact]
    public async Task Stopping_and_starting_in_full_flow_neither_loses_nor_doubles()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        pipeline.HasShortSessions = true;
        var replica = await pipeline.StartReplicaAsync(("Processing:BatchSize", "7"), ("Processing:Consumers", "2"));
        for (var first = 0; first < 300; first += 100)
        {
            await Task.WhenAll(Enumerable.Range(first, 100).SelectMany(post => new[]
            {
                pipeline.ProduceAsync(KafkaTopics.Raw, Observation($"a{post}", 0, post)),
                pipeline.ProduceAsync(KafkaTopics.Refresh, Observation($"a{post}", 60, post + 60)),
            }));
            await pipeline.StopReplicaAsync(replica);
            replica = await pipeline.StartReplicaAsync(("Processing:BatchSize", "7"));
        }

        await History(pipeline, 600);
        // Where two processes were at one post, its row follows in a second transaction.
        await Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM posts WHERE score_velocity = 1") == 300);

        Assert.Equal(["(300,1)"], await pipeline.Database.RowsAsync("SELECT count(*), score_velocity FROM posts GROUP BY score_velocity"));
        Assert.Equal(300, await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM post_nlp_features"));
    }

    [Fact]
    public async Task A_write_that_times_out_on_a_lock_is_repeated_not_counted_as_stored()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres, commandTimeout: 1);
        await pipeline.StartReplicaAsync();
        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("a0", 0, 1));
        await Posts(pipeline, 1);

        await using (var blocker = await pipeline.Database.DataSource.OpenConnectionAsync(Cancel))
        await using (var transaction = await blocker.BeginTransactionAsync(Cancel))
        {
            await using var command = blocker.CreateCommand();
            command.CommandText = "LOCK TABLE post_metrics_history IN EXCLUSIVE MODE";
            await command.ExecuteNonQueryAsync(Cancel);
            await pipeline.ProduceAsync(KafkaTopics.Raw, Observation("a1", 0, 1));
            // At least one attempt has failed.
            await Eventually.TrueAsync(() => Task.FromResult(pipeline.FailedBatches > 0));
            await transaction.CommitAsync(Cancel);
        }

        await History(pipeline, 2);
        await Posts(pipeline, 2);
    }

    private async Task<IReadOnlyList<string>> ResultAsync(PostObservation[] observations, int replicaCount)
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        foreach (var observation in observations)
            await pipeline.ProduceAsync(KafkaTopics.Raw, observation);
        for (var replica = 0; replica < replicaCount; replica++)
            await pipeline.StartReplicaAsync(("Processing:BatchSize", "16"));
        await History(pipeline, observations.Select(observation => (observation.Id, observation.ObservedAt)).Distinct().Count());
        // History of a stale state's round is stored before its post, so the posts may be a moment behind.
        await Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<long>("""
            SELECT count(*) FROM posts JOIN post_metrics_history ON post_id = id AND captured_at = last_polled_at AND score = current_score
            WHERE NOT EXISTS (SELECT FROM post_metrics_history later WHERE later.post_id = id AND later.captured_at > last_polled_at)
              AND prev_polled_at = (SELECT max(captured_at) FROM post_metrics_history WHERE post_id = id AND captured_at < last_polled_at)
            """) == 40);
        return
        [
            .. await pipeline.Database.RowsAsync(
                "SELECT id, first_seen_at, last_polled_at, current_score, prev_score, score_velocity, trending_score FROM posts ORDER BY id"),
            .. await pipeline.Database.RowsAsync("SELECT post_id, captured_at, score FROM post_metrics_history ORDER BY post_id, captured_at"),
        ];
    }

    private static Task Posts(PipelineApplication pipeline, long count) =>
        Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM posts") == count);

    private static Task History(PipelineApplication pipeline, long count) =>
        Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM post_metrics_history") == count);

    private static string Header(Confluent.Kafka.ConsumeResult<byte[], byte[]> letter, string key) =>
        Encoding.UTF8.GetString(letter.Message.Headers.Single(header => header.Key == key).GetValueBytes());

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
