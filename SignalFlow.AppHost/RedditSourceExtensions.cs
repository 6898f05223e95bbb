namespace SignalFlow.AppHost;

internal static class RedditSourceExtensions
{
    /// <summary>
    /// Connects ingestion to Reddit with the credentials from configuration (<c>Parameters:reddit-client-id</c> and
    /// <c>Parameters:reddit-client-secret</c>, or the original system's <c>REDDIT_CLIENT_ID</c> and <c>REDDIT_CLIENT_SECRET</c>).
    /// A run in which neither is set gets the simulator; where only one is, the dashboard asks for the other.
    /// Publishing always means Reddit: what is missing is asked for at deployment.
    /// </summary>
    public static void WithRedditSource(this IResourceBuilder<ProjectResource> ingestion)
    {
        var builder = ingestion.ApplicationBuilder;
        var configured = RedditParameter.ClientId.FindKey(builder.Configuration) is not null
            || RedditParameter.ClientSecret.FindKey(builder.Configuration) is not null;

        if (builder.ExecutionContext.IsRunMode && !configured)
            ingestion.WithRedditSimulator();
        else
            ingestion.WithReddit();
    }

    private static void WithReddit(this IResourceBuilder<ProjectResource> ingestion)
    {
        var builder = ingestion.ApplicationBuilder;
        ingestion
            .WithEnvironment("Reddit__ClientId", builder.AddRedditParameter(RedditParameter.ClientId))
            .WithEnvironment("Reddit__ClientSecret", builder.AddRedditParameter(RedditParameter.ClientSecret))
            .WithEnvironment("Reddit__UserAgent", builder.AddRedditParameter(RedditParameter.UserAgent));
    }

    private static void WithRedditSimulator(this IResourceBuilder<ProjectResource> ingestion)
    {
        var builder = ingestion.ApplicationBuilder;

        // Both need the same factor: the simulator's world and ingestion's intervals and quota run on one clock.
        var speed = builder.Configuration["Simulator:Speed"] ?? "1";

        var simulator = builder.AddService<Projects.SignalFlow_RedditSimulator>("reddit-simulator")
            .WithEnvironment("Simulator__Speed", speed)
            .WithUrlForEndpoint("http", url => url.DisplayText = "Simulated Reddit");
        var address = simulator.GetEndpoint("http");

        ingestion
            .WaitFor(simulator)
            .WithEnvironment("Ingestion__Speed", speed)
            .WithEnvironment("Reddit__TokenUrl", $"{address}/api/v1/access_token")
            .WithEnvironment("Reddit__ApiBaseUrl", address)
            .WithEnvironment("Reddit__ClientId", "demo")
            .WithEnvironment("Reddit__ClientSecret", "demo")
            .WithEnvironment("Reddit__UserAgent", "SignalFlow/demo");
    }

    private static IResourceBuilder<ParameterResource> AddRedditParameter(this IDistributedApplicationBuilder builder, RedditParameter parameter) =>
        parameter.FindKey(builder.Configuration) is { } key
            ? builder.AddParameterFromConfiguration(parameter.Name, key, parameter.Secret)
            : builder.AddParameter(parameter.Name, parameter.Secret);
}
