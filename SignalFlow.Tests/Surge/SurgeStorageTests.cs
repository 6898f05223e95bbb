using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using CsCheck;
using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Processing.Batches;
using SignalFlow.Processing.Surge;
using SignalFlow.Tests.Infrastructure;
using SignalFlow.Tests.Processing;
using StackExchange.Redis;

namespace SignalFlow.Tests.Surge;

/// <summary>The signal as the pipeline stores it: a function of the post's observations, however they have come.</summary>
public sealed class SurgeStorageTests(PostgresFixture postgres)
{
    // 2026-11-23T10:00:00Z
    private const double Start = 1_795_428_000;

    private static readonly string[] Ids = ["p0", "p1", "p2"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Ages and scores of posts that rise, stand still or take off.
    private static readonly Gen<PostObservation[]> GenMessages = Gen.Select(
        Gen.Double[1, 60], Gen.Double[-4, 4].Select(Math.Exp),
        Gen.Int[1, 400].Array[1, 9],
        (first, pace, ages) => ages.Distinct().Select(age => Observation("p", first + age, (int)(1 + pace * age))).ToArray())
        .Array[1, 3].Select(posts => posts.SelectMany((post, index) => post.Select(message => message with { Id = Ids[index] })).ToArray());

    [Fact]
    public async Task Any_order_repetition_and_batches_give_the_same_signals()
    {
        await using var one = await WorldAsync();
        await using var other = await WorldAsync();
        var phases = new HashSet<string>();
        await Gen.Select(GenMessages, Gen.Int[0, int.MaxValue], Gen.Int[1, 9]).SampleAsync(async (messages, seed, batchSize) =>
        {
            await one.ClearAsync();
            await other.ClearAsync();
            foreach (var message in messages.OrderBy(message => message.ObservedAt))
                await one.DeliverAsync([message]);

            var random = new Random(seed);
            PostObservation[] deliveries = [.. messages, .. messages.Where(_ => random.Next(2) == 0)];
            random.Shuffle(deliveries);
            foreach (var batch in deliveries.Chunk(batchSize))
            {
                await other.DeliverAsync(batch);
                if (random.Next(3) == 0)
                    await other.RefoldAsync();
            }

            await one.RefoldAsync();
            await other.RefoldAsync();
            var expected = await one.SignalsAsync();
            Assert.Equal(messages.Select(message => message.Id).Distinct().Count(), expected.Count);
            Assert.Equal(expected, await other.SignalsAsync());
            phases.UnionWith(await one.Database.RowsAsync("SELECT phase FROM post_surge"));
        }, iter: 40, threads: 1);
        // Or the comparison would be one of nothing.
        Assert.Superset(new HashSet<string> { "(0)", "(1)" }, phases);
    }

    [Fact]
    public async Task What_two_processes_fold_at_once_ends_as_what_one_folds()
    {
        await using var one = await WorldAsync();
        await using var other = await WorldAsync();
        await GenMessages.SampleAsync(async messages =>
        {
            await one.ClearAsync();
            await other.ClearAsync();
            foreach (var message in messages.OrderBy(message => message.ObservedAt))
                await one.DeliverAsync([message]);

            // As in a rebalance, when a process still works at what another has been given.
            var (first, second) = (messages.Where((_, index) => index % 2 == 0).Chunk(2), messages.Where((_, index) => index % 2 == 1).Chunk(2));
            await Task.WhenAll(DeliverAsync(first), DeliverAsync(second), other.RefoldAsync());
            await one.RefoldAsync();
            await other.RefoldAsync();

            Assert.Equal(await one.SignalsAsync(), await other.SignalsAsync());

            async Task DeliverAsync(IEnumerable<PostObservation[]> batches)
            {
                foreach (var batch in batches)
                    await other.DeliverAsync(batch);
            }
        }, iter: 20, threads: 1);
    }

    [Fact]
    public async Task A_post_from_before_there_were_signals_is_folded_from_its_history()
    {
        await using var world = await WorldAsync();
        await world.DeliverAsync([Observation("p0", 10, 20), Observation("p0", 20, 45)]);
        await world.Database.ExecuteAsync("DELETE FROM post_surge");
        await world.ForgetAsync();

        await world.DeliverAsync([Observation("p0", 32, 90)]);
        Assert.Equal(["(p0)"], await world.Database.RowsAsync("SELECT post_id FROM surge_refolds"));
        await world.RefoldAsync();

        Assert.Equal(["(p0,3,90,45,12)"], await world.Database.RowsAsync("SELECT post_id, folded, peak_score, gain, window_minutes FROM post_surge"));
        Assert.Empty(await world.Database.RowsAsync("SELECT post_id FROM surge_refolds"));
        // And goes on from there.
        await world.DeliverAsync([Observation("p0", 42, 140)]);
        Assert.Equal(["(p0,4,50)"], await world.Database.RowsAsync("SELECT post_id, folded, gain FROM post_surge"));
        Assert.Empty(await world.Database.RowsAsync("SELECT post_id FROM surge_refolds"));
    }

    [Fact]
    public async Task A_removed_post_has_no_signal_and_gets_none_again()
    {
        await using var world = await WorldAsync();
        await world.DeliverAsync([Observation("p0", 10, 20), Observation("p1", 10, 20)]);
        await world.DeliverAsync([Observation("p0", 20, 30) with { Title = PostRemoval.Placeholder, Author = null, RemovedByCategory = "moderator" }]);
        Assert.Equal(["(p1)"], await world.Database.RowsAsync("SELECT post_id FROM post_surge"));

        await world.DeliverAsync([Observation("p0", 30, 40)]);
        await world.RefoldAsync();

        Assert.Equal(["(p1)"], await world.Database.RowsAsync("SELECT post_id FROM post_surge"));
        Assert.Empty(await world.Database.RowsAsync("SELECT post_id FROM surge_refolds"));
    }

    [Fact]
    public async Task A_post_that_begins_to_rise_is_an_event_once()
    {
        await using var world = await WorldAsync();
        PostObservation[] rising = [.. Enumerable.Range(1, 8).Select(step => Observation("p0", 10 * step, 400 * step))];
        foreach (var observation in rising)
            await world.DeliverAsync([observation]);
        const string Events = """
            SELECT event.key, event.subject, event.subreddit, event.post_id, event.occurred_at = surge.emerged_at OR event.occurred_at = surge.trended_at, event.strength > 2
            FROM signal_events event JOIN post_surge surge ON surge.post_id = event.post_id ORDER BY key
            """;
        string[] expected = ["(surge:p0:emerging,p0,golang,p0,t,t)", "(surge:p0:trending,p0,golang,p0,t,t)"];
        Assert.Equal(expected, await world.Database.RowsAsync(Events));

        // Again, and from the history.
        await world.DeliverAsync(rising);
        await world.Database.ExecuteAsync("DELETE FROM post_surge");
        await world.ForgetAsync();
        await world.DeliverAsync([Observation("p0", 90, 3_700)]);
        await world.RefoldAsync();

        Assert.Equal(expected, await world.Database.RowsAsync(Events));
    }

    [Fact]
    public async Task A_post_that_is_as_others_is_no_event()
    {
        await using var world = await WorldAsync();
        foreach (var step in Enumerable.Range(1, 8))
            await world.DeliverAsync([Observation("p0", 10 * step, Community.Expected(28, 10 * step))]);

        Assert.Empty(await world.Database.RowsAsync("SELECT key FROM signal_events"));
    }

    [Fact]
    public async Task Signals_made_in_another_time_lapse_are_made_anew()
    {
        await using var world = await WorldAsync();
        await world.DeliverAsync([Observation("p0", 10, 20)]);
        await using var lapse = await world.OtherAsync(("Surge:Speed", "60"));

        await lapse.DeliverAsync([Observation("p0", 20, 45)]);
        await lapse.RefoldAsync();

        Assert.Equal(["(p0,2,1200)"], await world.Database.RowsAsync("SELECT post_id, folded, age_minutes FROM post_surge"));
    }

    private static PostObservation Observation(string id, double minutes, int score) => new()
    {
        Id = id,
        Title = "A post",
        Subreddit = Community.Name,
        Author = "someone",
        CreatedUtc = Start,
        Score = score,
        NumComments = score / 10,
        UpvoteRatio = 0.9,
        ObservedAt = Start + Math.Round(minutes * 60),
    };

    private async Task<World> WorldAsync()
    {
        var pipeline = await PipelineApplication.CreateAsync(postgres);
        var world = await World.StartAsync(pipeline, owns: true);
        // As of before the posts, so that all of them are compared with it.
        await using var command = world.Database.DataSource.CreateCommand(
            "INSERT INTO surge_baselines (speed, cut, posts, content, made_at) VALUES (1, '2026-11-23 00:00:00+00', 200, $1, now())");
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = BaselineRowsCodec.Encode(Community.Builder().Rows()) });
        await command.ExecuteNonQueryAsync(Cancel);
        return world;
    }

    private sealed class World(PipelineApplication pipeline, WebApplication replica, bool owns) : IAsyncDisposable
    {
        private static readonly RedisKey[] Keys = [.. Ids.Select(id => (RedisKey)$"signalflow:post:{id}")];

        private readonly BatchProcessor _processor = replica.Services.GetRequiredService<BatchProcessor>();
        private readonly SurgeRefold _refold = replica.Services.GetRequiredService<SurgeRefold>();
        private readonly IDatabase _cache = replica.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

        public MigratedDatabase Database => pipeline.Database;

        public static async Task<World> StartAsync(PipelineApplication pipeline, bool owns, params (string Key, string Value)[] settings)
        {
            var replica = await pipeline.StartReplicaAsync(settings);
            // What it does by itself would come in between at any time.
            await replica.Services.GetServices<IHostedService>().OfType<SurgeKeeper>().Single().StopAsync(Cancel);
            return new(pipeline, replica, owns);
        }

        public Task<World> OtherAsync(params (string Key, string Value)[] settings) => StartAsync(pipeline, owns: false, settings);

        public Task DeliverAsync(PostObservation[] batch) => _processor.ProcessAsync([.. batch.Select(Record)], Cancel);

        public async Task RefoldAsync()
        {
            while (await _refold.RunAsync(Cancel) > 0)
            {
            }
        }

        public Task<IReadOnlyList<string>> SignalsAsync() => RowsAsync("""
            SELECT post_id, observed_at, folded, encode(state, 'hex'), phase, phase_since, emerged_at, trended_at, surge, level, discussion, burst, times_typical,
              gain, window_minutes, forecast_low, forecast, forecast_high, chance, age_minutes, baseline_posts, peak_score, peak_velocity
            FROM post_surge ORDER BY post_id
            """);

        public async Task ClearAsync()
        {
            await Database.ExecuteAsync("DELETE FROM post_metrics_history; DELETE FROM surge_refolds; DELETE FROM posts");
            await ForgetAsync();
        }

        public async Task ForgetAsync() => await _cache.KeyDeleteAsync(Keys);

        public async ValueTask DisposeAsync()
        {
            if (owns)
                await pipeline.DisposeAsync();
        }

        private async Task<IReadOnlyList<string>> RowsAsync(string sql) => await Database.RowsAsync(sql);

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
