using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SignalFlow.Contracts;
using SignalFlow.Processing;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Processing;

public sealed class ChangedTextTests(PostgresFixture postgres)
{
    // 2026-11-23T10:00:00Z
    private const double Start = 1_795_428_000;

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(0, 2, 1)]
    [InlineData(1, 0, 2)]
    [InlineData(1, 2, 0)]
    [InlineData(2, 0, 1)]
    [InlineData(2, 1, 0)]
    public async Task The_features_are_those_of_the_newest_observations_text_in_whatever_order_they_come(params int[] order)
    {
        PostObservation[] observations =
        [
            Observation(0, "Zebras are awful and terrible", "A horrible zebra"),
            Observation(60, "Giraffes are quite normal", "Some giraffe"),
            Observation(120, "Dolphins are wonderful and lovely", "A happy dolphin"),
        ];
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        // One batch each, so that every one meets what the others have stored.
        await pipeline.StartReplicaAsync(("Processing:BatchSize", "1"));
        foreach (var index in order)
            await pipeline.ProduceAsync(KafkaTopics.Refresh, observations[index]);

        await Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM post_metrics_history") == 3);
        await Eventually.TrueAsync(async () =>
            await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM posts WHERE current_score = 120 AND prev_score = 60") == 1);

        Assert.Equal(
            ["(\"Dolphins are wonderful and lovely\",\"A happy dolphin\",positive,t)"],
            await pipeline.Database.RowsAsync("""
                SELECT title, selftext, sentiment_label, keywords && ARRAY['dolphins', 'dolphin'] AND NOT keywords && ARRAY['zebra', 'zebras', 'giraffe', 'giraffes']
                FROM posts JOIN post_nlp_features ON post_id = id
                """));
    }

    [Fact]
    public async Task Batches_of_one_post_that_follow_each_other_are_written_without_a_second_round()
    {
        await using var pipeline = await PipelineApplication.CreateAsync(postgres);
        for (var look = 0; look < 40; look++)
            await pipeline.ProduceAsync(look == 0 ? KafkaTopics.Raw : KafkaTopics.Refresh, Observation(look * 60, "A plain title", null));
        var builder = await pipeline.StartReplicaAsync(("Processing:BatchSize", "1"));
        using var stale = new MetricCollector<long>(
            builder.Services.GetRequiredService<IMeterFactory>(), ProcessingMetrics.MeterName, "signalflow_stale_velocity_states");

        await Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<int>("SELECT coalesce(max(current_score), 0) FROM posts") == 39 * 60);

        Assert.Equal(1.0, await pipeline.Database.ScalarAsync<double>("SELECT score_velocity FROM posts"), 1e-9);
        // The states that the preparation asked for are older than those that the batch before it has just stored. The first refresh may
        // come before the raw observation, which then is the stale one.
        Assert.InRange(stale.GetMeasurementSnapshot().Sum(count => count.Value), 0, 1);
    }

    private static PostObservation Observation(double after, string title, string? body) => new()
    {
        Id = "a1",
        Title = title,
        Selftext = body,
        Subreddit = "technology",
        CreatedUtc = Start - 60,
        Score = (int)after,
        NumComments = 0,
        ObservedAt = Start + after,
    };
}
