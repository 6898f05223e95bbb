namespace SignalFlow.AppHost;

internal static class RedditSourceExtensions
{
    /// <summary>
    /// Connects the shards of ingestion to Reddit with the credentials from configuration (<c>Parameters:reddit-client-id</c> and
    /// <c>Parameters:reddit-client-secret</c>, or one of the other names in <see cref="RedditParameter"/>).
    /// A run in which neither is set gets the simulator; where only one is, the dashboard asks for the other.
    /// Publishing always means Reddit: what is missing is asked for at deployment.
    /// </summary>
    public static void AddRedditSource(
        this IDistributedApplicationBuilder builder, IReadOnlyList<IResourceBuilder<ProjectResource>> ingestion, IResourceBuilder<ProjectResource> processing)
    {
        var configured = RedditParameter.ClientId.FindSource(builder.Configuration) is not null
            || RedditParameter.ClientSecret.FindSource(builder.Configuration) is not null;

        if (builder.ExecutionContext.IsRunMode && !configured)
            builder.AddSimulator(ingestion, processing);
        else
            builder.AddReddit(ingestion);
    }

    private static void AddReddit(this IDistributedApplicationBuilder builder, IReadOnlyList<IResourceBuilder<ProjectResource>> ingestion)
    {
        foreach (var parameter in (RedditParameter[])[RedditParameter.ClientId, RedditParameter.ClientSecret, RedditParameter.UserAgent])
        {
            var value = builder.AddRedditParameter(parameter);
            foreach (var shard in ingestion)
                shard.WithEnvironment(parameter.EnvironmentVariable, value);
        }
    }

    private static void AddSimulator(
        this IDistributedApplicationBuilder builder, IReadOnlyList<IResourceBuilder<ProjectResource>> ingestion, IResourceBuilder<ProjectResource> processing)
    {
        // Both need the same factor: the simulator's world and ingestion's intervals and quota run on one clock.
        var speed = builder.Configuration["Simulator:Speed"] ?? "1";

        // The posts outlive a restart in the database's volume, so the world they were seen in has to go on, too.
        var world = builder.DataFolder("reddit-simulator");

        var simulator = builder.AddService<Projects.SignalFlow_RedditSimulator>("reddit-simulator")
            .WithEnvironment("Simulator__Speed", speed)
            .WithEnvironment("Simulator__StatePath", world)
            .WithDemoPosts()
            .WithUrlForEndpoint("http", url => url.DisplayText = "Simulated Reddit");
        var address = simulator.GetEndpoint("http");

        processing.WithEnvironment("Surge__Speed", speed);
        foreach (var shard in ingestion)
        {
            shard
                .WaitFor(simulator)
                .WithEnvironment("Ingestion__Speed", speed)
                .WithEnvironment("Reddit__TokenUrl", $"{address}/api/v1/access_token")
                .WithEnvironment("Reddit__ApiBaseUrl", address)
                .WithEnvironment("Reddit__ClientId", "demo")
                .WithEnvironment("Reddit__ClientSecret", "demo")
                .WithEnvironment("Reddit__UserAgent", "SignalFlow/demo");
        }
    }

    private static IResourceBuilder<ParameterResource> AddRedditParameter(this IDistributedApplicationBuilder builder, RedditParameter parameter) =>
        parameter.FindSource(builder.Configuration) is { } source
            ? builder.AddParameterFromConfiguration(parameter.Name, source, parameter.Secret)
            : builder.AddParameter(parameter.Name, parameter.Secret);
}
