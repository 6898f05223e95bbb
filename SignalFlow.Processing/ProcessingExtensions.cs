using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SignalFlow.Contracts;
using SignalFlow.Processing.Alerts;
using SignalFlow.Processing.Anomalies;
using SignalFlow.Processing.Batches;
using SignalFlow.Processing.Consuming;
using SignalFlow.Processing.DeadLetters;
using SignalFlow.Processing.Discovery;
using SignalFlow.Processing.Import;
using SignalFlow.Processing.Live;
using SignalFlow.Processing.Reporting;
using SignalFlow.Processing.Sentiment;
using SignalFlow.Processing.Shifts;
using SignalFlow.Processing.Stories;
using SignalFlow.Processing.Surge;
using SignalFlow.Processing.Terms;
using SignalFlow.Processing.Trending;
using SignalFlow.Processing.Velocity;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage;
using SignalFlow.Storage.Subreddits;
using SignalFlow.Storage.Trending;

namespace SignalFlow.Processing;

public static class ProcessingExtensions
{
    /// <summary>Registers the pipeline from Kafka to PostgreSQL; needs the storage of <c>AddPostStorage</c>.</summary>
    public static IHostApplicationBuilder AddProcessing(this IHostApplicationBuilder builder)
    {
        builder.AddPostAnalysis();
        // A batch in flight gets its time to finish.
        builder.Services.Configure<HostOptions>(options =>
        {
            options.ShutdownTimeout = TimeSpan.FromSeconds(25);
            // The consumers of observations must not wait for that of the dead letters.
            options.ServicesStopConcurrently = true;
        });

        builder.AddRedisClient("redis");
        builder.AddKafkaTopics(
            "kafka",
            new(KafkaTopics.Raw),
            new(KafkaTopics.Refresh),
            // A dead letter is its message and more, so it needs more room.
            new(KafkaTopics.DeadLetter, Partitions: 1, MaxMessageBytes: 4 << 20));
        builder.AddKafkaProducer<byte[], byte[]>("kafka");
        var group = builder.Configuration.GetSection(ProcessingOptions.Section)[nameof(ProcessingOptions.GroupId)]
            ?? new ProcessingOptions().GroupId;
        builder.AddKafkaConsumer<byte[], byte[]>("kafka", group, config =>
        {
            config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.Range;
            // Bounds what waits in memory while the database is slow: some 10,000 messages are many batches.
            config.QueuedMaxMessagesKbytes = 8_192;
            config.QueuedMinMessages = 10_000;
            config.FetchMaxBytes = 4 << 20;
            // The second that librdkafka waits by default once these are exceeded would leave fast batches without records.
            config.FetchQueueBackoffMs = 20;
            // The embedded broker answers an empty fetch only when this is over, even if records come meanwhile; Kafka answers at once.
            config.FetchWaitMaxMs = 100;
        });

        builder.AddKafkaConsumer<byte[], byte[]>(
            "kafka", $"{group}-dlq", config => config.QueuedMaxMessagesKbytes = 16_384, serviceKey: KafkaTopics.DeadLetter);

        builder.Services.AddSingleton<VelocityCache>();
        builder.Services.AddSingleton<ProcessingMetrics>();
        builder.Services.AddSingleton<DeadLetterQueue>();
        builder.Services.AddSingleton<LivePublisher>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<LivePublisher>());
        builder.Services.AddSingleton<SurgeRefold>();
        builder.Services.AddSingleton<SurgePhaseCounts>();
        builder.Services.AddHostedService<SurgeKeeper>();
        builder.Services.AddSingleton<TermStore>();
        builder.Services.AddSingleton<TermKeeper>();
        builder.Services.AddSingleton<StoryStore>();
        builder.Services.AddSingleton<StoryKeeper>();
        builder.Services.AddSingleton<HourProgress>();
        builder.Services.AddSingleton<ShiftStore>();
        builder.Services.AddSingleton<ShiftKeeper>();
        builder.Services.AddSingleton<ActivityStore>();
        builder.Services.AddSingleton<AnomalyKeeper>();
        builder.Services.AddSingleton<DiscoveryMetrics>();
        builder.Services.AddSingleton<StoredUntil>();
        builder.Services.AddHostedService<DiscoveryService>();
        builder.Services.AddSingleton<BatchProcessor>();
        builder.Services.AddSingleton<ConsumerHealth>();
        builder.Services.AddSingleton<ConsumerLag>();
        builder.Services.AddSingleton<PipelineMonitor>();
        builder.Services.AddHealthChecks().AddCheck<ConsumerHealth>("consumer", HealthStatus.Unhealthy, [ServiceDefaultsExtensions.LiveTag]);
        builder.Services.AddHostedService<ObservationConsumer>();
        builder.Services.AddSingleton<DeadLetterEventMetrics>();
        builder.Services.AddHostedService<DeadLetterConsumer>();
        builder.Services.TryAddSingleton<TrendingThresholdStore>();
        builder.Services.AddHostedService<TrendingReporter>();
        builder.Services.AddHostedService<PipelineReporter>();
        builder.AddAlertSending();
        return builder;
    }

    /// <summary>Registers the import of what the original system has stored; needs the storage of <c>AddPostStorage</c>.</summary>
    public static IHostApplicationBuilder AddPostImport(this IHostApplicationBuilder builder)
    {
        builder.AddPostAnalysis();
        builder.AddStorageOptions();
        builder.Services.AddSingleton<SubredditMerge>();
        builder.Services.AddSingleton<SubredditImport>();
        builder.Services.AddSingleton<PostImport>();
        return builder;
    }

    private static void AddPostAnalysis(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<ProcessingOptions, ProcessingOptions.Validator>()
            .BindConfiguration(ProcessingOptions.Section);
        builder.Services.AddOptionsWithValidateOnStart<TrendingOptions, TrendingOptions.Validator>()
            .BindConfiguration(TrendingOptions.Section);
        builder.Services.AddSingleton<VaderAnalyzer>();
        builder.Services.AddSingleton<SeedTrending>();
        builder.Services.AddOptionsWithValidateOnStart<SurgeOptions, SurgeOptions.Validator>().BindConfiguration(SurgeOptions.Section);
        builder.Services.AddSingleton<SurgeClock>();
        builder.Services.AddSingleton<SurgeMetrics>();
        builder.Services.AddSingleton<SurgeBaselines>();
        builder.Services.AddSingleton(provider => new SurgeAnalysis(
            provider.GetRequiredService<SurgeBaselines>().At, provider.GetRequiredService<SurgeClock>()));
        builder.Services.AddSingleton<PostAnalysis>();
    }
}
