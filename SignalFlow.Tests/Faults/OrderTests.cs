using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using CsCheck;
using SignalFlow.Benchmarks.Crash;
using SignalFlow.Contracts;
using SignalFlow.Processing.Batches;
using SignalFlow.Tests.Infrastructure;
using SignalFlow.Tests.Processing;
using StackExchange.Redis;

namespace SignalFlow.Tests.Faults;

/// <summary>What is stored depends on the set of the observations and on nothing else.</summary>
public sealed class OrderTests(PostgresFixture postgres)
{
    // 2026-11-23T10:00:00Z
    private const double Start = 1_795_428_000;

    private static readonly string[] Texts = ["I love this wonderful discovery about foxes", "The worst outage I hate", "Budget of the city"];

    // Of a post that nobody has observed the counters are hearsay, so all news of its end tell the same.
    private const int Hearsay = 7;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly Gen<PostObservation[]> GenMessages = Gen.Select(
        Gen.Int[0, 25], Gen.Int[0, 100_000], Gen.Int[0, 300], Gen.Int[0, Texts.Length - 1],
        Gen.Frequency((12, Gen.Const((string?)null)), (1, Gen.Const((string?)"moderator")), (1, Gen.Const((string?)PostRemoval.Absent))),
        Observation)
        .Array[1, 8].Select(messages => messages.DistinctBy(message => message.ObservedAt).ToArray())
        .Array[1, 4].Select(posts => posts.SelectMany((post, index) => post.Select(message => message with { Id = $"p{index}" })).ToArray());

    private static readonly Gen<(PostObservation[] Messages, int Seed, int BatchSize)> GenDeliveries =
        Gen.Select(GenMessages, Gen.Int[0, int.MaxValue], Gen.Int[1, 9]);

    [Fact]
    public async Task Any_order_repetition_and_batches_give_the_same_rows()
    {
        await using var one = await WorldAsync();
        await using var other = await WorldAsync();
        await GenDeliveries.SampleAsync(async (messages, seed, batchSize) =>
        {
            await one.ClearAsync();
            await other.ClearAsync();
            foreach (var message in messages.OrderBy(message => message.ObservedAt))
                await one.DeliverAsync([message]);

            var random = new Random(seed);
            PostObservation[] deliveries = [.. messages, .. messages.Where(_ => random.Next(2) == 0)];
            random.Shuffle(deliveries);
            foreach (var batch in deliveries.Chunk(batchSize))
                await other.DeliverAsync(batch);

            Assert.Empty(StoredRows.Differences(await one.RowsAsync(), await other.RowsAsync()));
        }, iter: 40, threads: 1);
    }

    [Fact]
    public async Task A_suffix_that_comes_again_changes_nothing_however_old_the_cache_is()
    {
        await using var one = await WorldAsync();
        await using var other = await WorldAsync();
        await GenDeliveries.SampleAsync(async (messages, seed, batchSize) =>
        {
            await one.ClearAsync();
            await other.ClearAsync();
            var ordered = messages.OrderBy(message => message.ObservedAt).ToArray();
            foreach (var message in ordered)
                await one.DeliverAsync([message]);

            // A process dies after its commit and before it tells the cache: another one repeats what came since some offset, in other
            // batches, with what the cache held then.
            var random = new Random(seed);
            var cut = random.Next(ordered.Length);
            await other.DeliverAsync(ordered[..cut]);
            var old = await other.CacheAsync();
            foreach (var batch in ordered[cut..random.Next(cut, ordered.Length + 1)].Chunk(random.Next(1, 4)))
                await other.DeliverAsync(batch);
            await other.RestoreCacheAsync(old);
            foreach (var batch in ordered[random.Next(cut + 1)..].Chunk(batchSize))
                await other.DeliverAsync(batch);
            Assert.Empty(StoredRows.Differences(await one.RowsAsync(), await other.RowsAsync()));

            await other.DeliverAsync(ordered[random.Next(ordered.Length)..]);
            Assert.Empty(StoredRows.Differences(await one.RowsAsync(), await other.RowsAsync()));
        }, iter: 60, threads: 1);
    }

    [Fact]
    public async Task A_text_that_is_edited_back_has_its_features_although_the_cache_missed_the_edit()
    {
        await using var world = await WorldAsync();
        await world.DeliverAsync([Observation(0, 10, 0, 0, null)]);
        var old = await world.CacheAsync();
        await world.DeliverAsync([Observation(1, 20, 0, 1, null)]);
        await world.RestoreCacheAsync(old);

        await world.DeliverAsync([Observation(1, 20, 0, 1, null), Observation(2, 30, 0, 0, null)]);

        Assert.Equal(
            [$"(\"{Texts[0]}\",positive)"],
            await world.Pipeline.Database.RowsAsync("SELECT title, sentiment_label FROM posts JOIN post_nlp_features ON post_id = id"));
    }

    private static PostObservation Observation(int minutes, int score, int comments, int text, string? removal) => new()
    {
        Id = "p",
        Title = removal is null ? Texts[text] : PostRemoval.Placeholder,
        Selftext = removal is null ? $"body {text}" : null,
        Subreddit = "technology",
        Author = removal is null ? "someone" : null,
        Url = removal is null ? "https://example.org" : null,
        Permalink = removal is null ? "/r/technology/1" : null,
        Flair = removal is null ? $"flair {minutes}" : null,
        CreatedUtc = Start - 60,
        Score = removal == PostRemoval.Absent ? Hearsay : score,
        NumComments = removal == PostRemoval.Absent ? Hearsay : comments,
        UpvoteRatio = removal == PostRemoval.Absent ? null : score / 200_000.0,
        ObservedAt = Start + minutes * 60,
        RemovedByCategory = removal,
    };

    private async Task<World> WorldAsync()
    {
        var pipeline = await PipelineApplication.CreateAsync(postgres);
        var replica = await pipeline.StartReplicaAsync();
        return new(pipeline, replica.Services.GetRequiredService<BatchProcessor>(), replica.Services.GetRequiredService<IConnectionMultiplexer>());
    }

    private sealed class World(PipelineApplication pipeline, BatchProcessor processor, IConnectionMultiplexer redis) : IAsyncDisposable
    {
        private static readonly RedisKey[] Keys = [.. new[] { "p", "p0", "p1", "p2", "p3" }.Select(id => (RedisKey)$"signalflow:post:{id}")];

        // The processor's own connection: what it has sent without waiting comes before what is sent here.
        private readonly IDatabase _cache = redis.GetDatabase();

        public PipelineApplication Pipeline => pipeline;

        public Task DeliverAsync(PostObservation[] batch) =>
            batch.Length == 0 ? Task.CompletedTask : processor.ProcessAsync([.. batch.Select(Record)], Cancel);

        public Task<IReadOnlyDictionary<string, SortedDictionary<string, string>>> RowsAsync() =>
            StoredRows.ReadAsync(pipeline.Database.DataSource, Cancel);

        public async Task ClearAsync()
        {
            await pipeline.Database.ExecuteAsync("DELETE FROM post_metrics_history; DELETE FROM posts; DELETE FROM dlq_events");
            await _cache.KeyDeleteAsync(Keys);
        }

        public async Task<KeyValuePair<RedisKey, RedisValue>[]> CacheAsync() =>
            [.. Keys.Zip(await _cache.StringGetAsync(Keys), KeyValuePair.Create).Where(entry => entry.Value.HasValue)];

        public async Task RestoreCacheAsync(KeyValuePair<RedisKey, RedisValue>[] entries)
        {
            await _cache.KeyDeleteAsync(Keys);
            await _cache.StringSetAsync(entries);
        }

        public ValueTask DisposeAsync() => pipeline.DisposeAsync();

        private static ConsumeResult<byte[], byte[]> Record(PostObservation post) => new()
        {
            // A later observation asks the cache, a first one does not.
            Topic = KafkaTopics.Refresh,
            Message = new()
            {
                Key = Encoding.UTF8.GetBytes(post.Id),
                Value = JsonSerializer.SerializeToUtf8Bytes(post, ContractsJsonContext.Default.PostObservation),
                Timestamp = new(DateTimeOffset.UnixEpoch),
            },
        };
    }
}
