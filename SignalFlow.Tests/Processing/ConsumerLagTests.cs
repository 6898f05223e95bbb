using System.Diagnostics.Metrics;
using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Processing;
using SignalFlow.Processing.Consuming;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Processing;

public sealed class ConsumerLagTests
{
    [Fact]
    public async Task Lag_grows_while_the_database_is_away_and_ends_with_the_backlog()
    {
        await using var server = await StoppablePostgres.StartAsync();
        await using var pipeline = await PipelineApplication.CreateAsync(server);
        var replica = await pipeline.StartReplicaAsync(("Processing:BatchSize", "1"));
        var meters = replica.Services.GetRequiredService<IMeterFactory>();
        using var records = new MetricCollector<double>(meters, ProcessingMetrics.MeterName, "signalflow_consumer_lag");
        using var seconds = new MetricCollector<double>(meters, ProcessingMetrics.MeterName, "signalflow_consumer_time_lag");
        await pipeline.ProduceAsync(KafkaTopics.Raw, Observation(0));
        await Eventually.TrueAsync(async () => await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM posts") == 1);
        // A server that stops between storing and saying so would leave the first record waiting, too.
        await Eventually.TrueAsync(() => Task.FromResult(Sum(records) == 0));

        await server.StopAsync();
        for (var post = 1; post <= 60; post++)
            await pipeline.ProduceAsync(KafkaTopics.Raw, Observation(post));

        // All of them, although the paused partitions are not fetched: the broker is asked.
        await Eventually.TrueAsync(() => Task.FromResult(Sum(records) == 60));
        Assert.True(Sum(seconds) > 0);
        await server.StartAgainAsync();
        pipeline.Database.DataSource.Clear();

        await Eventually.TrueAsync(() => Task.FromResult(Sum(records) == 0 && Sum(seconds) == 0));
        Assert.Equal(61, await pipeline.Database.ScalarAsync<long>("SELECT count(*) FROM posts"));
        Assert.All(records.GetMeasurementSnapshot(), lag => Assert.Equal(KafkaTopics.Raw, lag.Tags["topic"]));
    }

    [Fact]
    public void Topics_of_different_sizes_are_refused_with_both_numbers()
    {
        using var kafka = EmbeddedKafka.Start(brokers: 1);
        kafka.CreateTopic(KafkaTopics.Raw, 4, 1);
        kafka.CreateTopic(KafkaTopics.Refresh, 3, 1);
        using var consumer = Consumer(kafka.BootstrapServers);

        var refusal = Assert.Throws<InvalidOperationException>(() => CoPartitioning.IsChecked(consumer, out _));

        Assert.Contains($"{KafkaTopics.Raw} has 4 partitions", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"{KafkaTopics.Refresh} has 3", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Topics_of_the_same_size_are_accepted_and_a_broker_that_is_away_is_asked_again()
    {
        using var kafka = EmbeddedKafka.Start(brokers: 1);
        kafka.CreateTopic(KafkaTopics.Raw, 3, 1);
        kafka.CreateTopic(KafkaTopics.Refresh, 3, 1);
        using var consumer = Consumer(kafka.BootstrapServers);
        using var lonely = Consumer("127.0.0.1:1");

        Assert.True(CoPartitioning.IsChecked(consumer, out var partitions));
        Assert.Equal(3, partitions);
        Assert.False(CoPartitioning.IsChecked(lonely, out _));
    }

    private static IConsumer<byte[], byte[]> Consumer(string bootstrapServers) => new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
    {
        BootstrapServers = bootstrapServers,
        GroupId = "co-partitioning",
    }).Build();

    /// <summary>Over all partitions, as they are now.</summary>
    private static double Sum(MetricCollector<double> gauge)
    {
        gauge.Clear();
        gauge.RecordObservableInstruments();
        return gauge.GetMeasurementSnapshot().Sum(lag => lag.Value);
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
