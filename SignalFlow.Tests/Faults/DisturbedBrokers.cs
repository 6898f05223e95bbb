using System.Text;
using Confluent.Kafka;
using SignalFlow.Benchmarks.Crash;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Tests.Infrastructure;
using SignalFlow.Tests.Processing;

namespace SignalFlow.Tests.Faults;

/// <summary>
/// Whatever the brokers answer while posts stream, the rows in the end are those of an undisturbed run, and only poison is dead-lettered.
/// </summary>
public abstract class DisturbedBrokers(PostgresFixture postgres)
{
    // 2026-11-23T10:00:00Z
    private const double Start = 1_795_428_000;
    private const int Posts = 60;
    private const int Waves = 4;
    private const int Poison = 4;

    private static readonly Lock Once = new();

    // Of one run for all tests: nothing disturbs it, so there is nothing that it could depend on.
    private static Task<IReadOnlyDictionary<string, SortedDictionary<string, string>>>? _undisturbed;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected Task CompareAsync(KafkaRequest request, ErrorCode error) => CompareAsync((kafka, wave) =>
    {
        // Before the first wave the group is formed, later it is at work.
        if (wave != 1)
            kafka.PushRequestErrors(request, error, error, error);
    });

    private protected async Task CompareAsync(Action<EmbeddedKafka, int> disturb, Action<EmbeddedKafka, int>? restore = null)
    {
        await using var disturbed = await PipelineApplication.CreateAsync(postgres);
        disturbed.HasShortSessions = true;

        await RunAsync(disturbed, disturb, restore);

        Assert.Empty(StoredRows.Differences(await UndisturbedAsync(), await StoredRows.ReadAsync(disturbed.Database.DataSource, Cancel)));
    }

    private Task<IReadOnlyDictionary<string, SortedDictionary<string, string>>> UndisturbedAsync()
    {
        lock (Once)
            return _undisturbed ??= ReadAsync();

        async Task<IReadOnlyDictionary<string, SortedDictionary<string, string>>> ReadAsync()
        {
            await using var pipeline = await PipelineApplication.CreateAsync(postgres);
            await RunAsync(pipeline, (_, _) => { }, restore: null);
            return await StoredRows.ReadAsync(pipeline.Database.DataSource, Cancel);
        }
    }

    /// <summary>Every wave is one look at every post, and one message that is none; the disturbance comes before each.</summary>
    private static async Task RunAsync(PipelineApplication pipeline, Action<EmbeddedKafka, int> disturb, Action<EmbeddedKafka, int>? restore)
    {
        for (var wave = 0; wave < Waves; wave++)
        {
            disturb(pipeline.Kafka, wave);
            if (wave == 0)
                await pipeline.StartReplicaAsync(("Processing:BatchSize", "16"));
            var topic = wave == 0 ? KafkaTopics.Raw : KafkaTopics.Refresh;
            var producing = Task.WhenAll(Enumerable.Range(0, Posts).Select(post => pipeline.ProduceAsync(topic, Observation(post, wave)))
                .Append(pipeline.ProduceAsync(topic, Encoding.UTF8.GetBytes($"k{wave}"), "no JSON"u8.ToArray())));
            if (restore is not null)
            {
                // What the others lead comes through.
                await Eventually.TrueAsync(async () => await HistoryAsync(pipeline) > wave * Posts);
                restore(pipeline.Kafka, wave);
            }

            await producing;
            await Eventually.TrueAsync(async () => await HistoryAsync(pipeline) == (wave + 1) * Posts);
        }

        await Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM dlq_events") == Poison);
        await Eventually.TrueAsync(async () =>
            await pipeline.Database.ScalarAsync<long>($"SELECT count(*) FROM posts WHERE current_score >= {(Waves - 1) * 60}") == Posts);
        // A letter may come twice, but nothing else is among them.
        Assert.Equal(Poison, await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM dlq_events WHERE error_class = 'json'"));
    }

    private static Task<long> HistoryAsync(PipelineApplication pipeline) =>
        pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM post_metrics_history");

    private static PostObservation Observation(int post, int wave) => new()
    {
        Id = $"a{post}",
        Title = $"A plain title {post}",
        Subreddit = "technology",
        Author = "someone",
        CreatedUtc = Start - 60,
        Score = wave * 60 + post,
        NumComments = wave,
        UpvoteRatio = 0.9,
        ObservedAt = Start + wave * 60,
    };
}
