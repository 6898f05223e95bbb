using System.Net;
using Microsoft.Extensions.Options;
using SignalFlow.Contracts;
using SignalFlow.Ingestion.Planning;
using SignalFlow.Ingestion.Publishing;
using SignalFlow.Ingestion.Reddit;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage;
using SignalFlow.Storage.Ingestion;

namespace SignalFlow.Ingestion;

public static class IngestionExtensions
{
    private const string Kafka = "kafka";

    /// <summary>
    /// Polls the active subreddits, refreshes their posts and publishes every observation to Kafka. Needs the connection strings
    /// <c>kafka</c> and <c>signalflow</c> and the sections <c>Reddit</c> and <c>Ingestion</c>.
    /// </summary>
    public static IHostApplicationBuilder AddIngestion(this IHostApplicationBuilder builder)
    {
        builder.AddPostStorage();
        builder.AddKafkaTopics(Kafka, new KafkaTopic(KafkaTopics.Raw), new KafkaTopic(KafkaTopics.Refresh));
        builder.AddKafkaProducer<string, byte[]>(Kafka);

        builder.Services.AddOptionsWithValidateOnStart<RedditOptions, RedditOptions.Validator>().BindConfiguration(RedditOptions.Section);
        builder.Services.AddOptionsWithValidateOnStart<IngestionOptions, IngestionOptions.Validator>()
            .BindConfiguration(IngestionOptions.Section);

        builder.Services.AddRedditClient();
        builder.Services.AddSingleton<IngestionMetrics>();
        builder.Services.AddSingleton<ObservationPublisher>();
        builder.Services.AddSingleton<IngestionPulse>();
        builder.Services.AddSingleton<IngestionStateWriter>();
        builder.Services.AddSingleton<ExchangeLog>();
        builder.Services.AddSingleton<ObservationRecorder>();
        builder.Services.AddSingleton(Sink);
        builder.Services.AddSingleton<StoredPostLookup>(provider => provider.GetRequiredService<IngestionStateStore>().FindKnownAsync);
        builder.Services.AddSingleton<OldPostLookup>(provider => new OldPosts(
            provider.GetRequiredService<IngestionStateStore>(), provider.GetRequiredService<IOptions<IngestionOptions>>()).LoadAsync);
        builder.Services.AddSingleton<Func<IngestionRun>>(provider => () => CreateRun(provider));
        builder.Services.AddHostedService<IngestionService>();

        builder.Services.AddHealthChecks()
            .AddCheck<RedditHealthCheck>("ingestion")
            .AddCheck<ShardHealthCheck>("ingestion-shard")
            .AddCheck<RequestLoopHealthCheck>("ingestion-loop", tags: [ServiceDefaultsExtensions.LiveTag]);
        return builder;
    }

    private static ObservationSink Sink(IServiceProvider provider)
    {
        var (publisher, recorder) = (provider.GetRequiredService<ObservationPublisher>(), provider.GetRequiredService<ObservationRecorder>());
        return async (topic, observations, cancellationToken) =>
        {
            var published = await publisher.PublishAsync(topic, observations, cancellationToken);
            recorder.Record(observations, published);
            return published;
        };
    }

    private static IngestionRun CreateRun(IServiceProvider provider)
    {
        var planner = new RequestPlanner(
            provider.GetRequiredService<IOptions<IngestionOptions>>().Value,
            provider.GetRequiredService<IOptions<RedditOptions>>().Value.RequestsPerMinute,
            provider.GetRequiredService<TimeProvider>(),
            Random.Shared);
        var exchange = ActivatorUtilities.CreateInstance<RequestExchange>(provider, planner);
        return new IngestionRun(planner, ActivatorUtilities.CreateInstance<RequestLoop>(provider, planner, exchange));
    }

    internal static IServiceCollection AddRedditClient(this IServiceCollection services)
    {
#pragma warning disable EXTEXP0001 // Experimental, but the way to opt out of the resilience handler that ServiceDefaults gives every client.
        services.AddHttpClient(RedditClient.HttpClientName, (provider, client) =>
            {
                var options = provider.GetRequiredService<IOptions<RedditOptions>>().Value;
                client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", options.UserAgent);
                // RedditClient's own timeout covers the body too, which this one does not once the headers are read.
                client.Timeout = Timeout.InfiniteTimeSpan;
            })
            .UseSocketsHttpHandler((handler, _) =>
            {
                // Reddit redirects requests for a subreddit that does not exist to a search, whose answer looks like a listing.
                handler.AllowAutoRedirect = false;
                handler.UseCookies = false;
                handler.AutomaticDecompression = DecompressionMethods.All;
                handler.ConnectTimeout = TimeSpan.FromSeconds(5);
            })
            // Retries are planned, not stacked: each counts against the quota.
            .RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001

        services.AddSingleton<RedditAvailability>();
        services.AddSingleton<RedditTokenCache>();
        services.AddSingleton<RedditClient>();
        return services;
    }
}
