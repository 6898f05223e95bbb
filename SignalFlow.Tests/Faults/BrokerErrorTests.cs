using System.Text;
using Confluent.Kafka;
using SignalFlow.Benchmarks.Crash;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Tests.Infrastructure;
using SignalFlow.Tests.Processing;

namespace SignalFlow.Tests.Faults;

/// <summary>Whatever the brokers answer while posts stream, the rows in the end are those of an undisturbed run, and only poison is dead-lettered.</summary>
public sealed class BrokerErrorTests(PostgresFixture postgres)
{
    // 2026-11-23T10:00:00Z
    private const double Start = 1_795_428_000;
    private const int Posts = 60;
    private const int Waves = 4;
    private const int Poison = 4;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<KafkaRequest, ErrorCode> Errors => new()
    {
        { KafkaRequest.Produce, ErrorCode.NotLeaderForPartition },
        { KafkaRequest.Produce, ErrorCode.NotEnoughReplicas },
        { KafkaRequest.Produce, ErrorCode.RequestTimedOut },
        { KafkaRequest.Fetch, ErrorCode.NotLeaderForPartition },
        { KafkaRequest.Fetch, ErrorCode.LeaderNotAvailable },
        { KafkaRequest.Fetch, ErrorCode.Local_Transport },
        { KafkaRequest.OffsetCommit, ErrorCode.GroupCoordinatorNotAvailable },
        { KafkaRequest.OffsetCommit, ErrorCode.RebalanceInProgress },
        { KafkaRequest.OffsetFetch, ErrorCode.NotCoordinatorForGroup },
        { KafkaRequest.FindCoordinator, ErrorCode.GroupCoordinatorNotAvailable },
        { KafkaRequest.JoinGroup, ErrorCode.GroupLoadInProgress },
        { KafkaRequest.Heartbeat, ErrorCode.NotCoordinatorForGroup },
        { KafkaRequest.Heartbeat, ErrorCode.RebalanceInProgress },
        { KafkaRequest.Heartbeat, ErrorCode.UnknownMemberId },
        { KafkaRequest.Metadata, ErrorCode.LeaderNotAvailable },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public Task Errors_that_a_broker_answers_change_no_row(KafkaRequest request, ErrorCode error) => CompareAsync(
        (kafka, wave) =>
        {
            // Before the first wave the group is formed, later it is at work.
            if (wave != 1)
                kafka.PushRequestErrors(request, error, error, error);
        });

    [Fact]
    public Task Leaders_that_change_while_posts_stream_change_no_row() => CompareAsync((kafka, wave) =>
    {
        for (var partition = 0; partition < 3; partition++)
        {
            kafka.SetPartitionLeader(KafkaTopics.Raw, partition, 1 + (partition + wave) % 3);
            kafka.SetPartitionLeader(KafkaTopics.Refresh, partition, 1 + (partition + wave + 1) % 3);
        }

        kafka.SetPartitionLeader(KafkaTopics.DeadLetter, 0, 1 + wave % 3);
    });

    [Fact]
    public Task A_broker_that_goes_and_comes_back_changes_no_row() => CompareAsync(
        (kafka, wave) =>
        {
            if (wave > 0)
                kafka.SetBrokerDown(wave);
        },
        (kafka, wave) =>
        {
            if (wave > 0)
                kafka.SetBrokerUp(wave);
        });

    private async Task CompareAsync(Action<EmbeddedKafka, int> disturb, Action<EmbeddedKafka, int>? restore = null)
    {
        await using var undisturbed = await PipelineApplication.CreateAsync(postgres);
        await using var disturbed = await PipelineApplication.CreateAsync(postgres);
        disturbed.HasShortSessions = true;
        await RunAsync(undisturbed, (_, _) => { }, restore: null);

        await RunAsync(disturbed, disturb, restore);

        Assert.Empty(StoredRows.Differences(
            await StoredRows.ReadAsync(undisturbed.Database.DataSource, Cancel), await StoredRows.ReadAsync(disturbed.Database.DataSource, Cancel)));
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
        await Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<long>($"SELECT count(*) FROM posts WHERE current_score >= {(Waves - 1) * 60}") == Posts);
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
