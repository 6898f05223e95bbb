using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Ingestion;
using SignalFlow.Ingestion.Reddit;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.Benchmarks.Ingest;

/// <summary>What a run is about, and what its parts share.</summary>
internal sealed record IngestContext(
    Scenario Scenario, SubredditTable Table, FakeTimeProvider Time, ObservationLog Log, RequestMeter Meter, int RequestsPerMinute, int Seed)
{
    /// <summary>SignalFlow.Ingestion's client, as it registers it itself, for a Reddit at another address.</summary>
    /// <param name="api">Of the simulator.</param>
    /// <param name="transport">Instead of the network.</param>
    public ServiceProvider CreateClient(Uri api, HttpMessageHandler? transport = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMetrics();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton<IngestionMetrics>();
        services.Configure<RedditOptions>(options =>
        {
            (options.ClientId, options.ClientSecret) = ("benchmark", "benchmark");
            options.UserAgent = "dotnet:signalflow-benchmark:1 (by /u/nobody)";
            options.ApiBaseUrl = api;
            options.TokenUrl = new Uri(api, "/api/v1/access_token");
            options.RequestsPerMinute = RequestsPerMinute;
        });
        services.AddRedditClient();
        var client = services.AddHttpClient(RedditClient.HttpClientName).AddHttpMessageHandler(Meter.CreateHandler);
        if (transport is not null)
            client.ConfigurePrimaryHttpMessageHandler(() => transport);
        return services.BuildServiceProvider();
    }
}
