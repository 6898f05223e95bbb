using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace SignalFlow.AppHost;

internal static class ServiceResourceExtensions
{
    private const int PortInContainer = 8080;

    // glibc gives threads heaps of their own, eight a core, and keeps what is freed in each: what compiling a method takes for a moment stays in one after
    // another. Two do for what these services allocate outside the managed heap. Read by glibc alone.
    private const string NativeHeaps = "MALLOC_ARENA_MAX";
    private const int MostNativeHeaps = 2;

    // By default a service takes new memory until it has used as much as the host's last-level cache holds, whatever its own size: 83 MiB on one with 300 MiB
    // of it. In hexadecimal; the runtime reads it from the environment only.
    private const string YoungGeneration = "DOTNET_GCgen0size";
    private const string YoungBytes = "0x1000000";

    /// <summary>A service of this repository: one HTTP endpoint, which also answers the probes.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource, and its host name in service discovery.</param>
    /// <param name="port">Port on this machine where something outside depends on it, else any free one.</param>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port = null)
        where TProject : IProjectMetadata, new() =>
        // Launch profiles belong to a service started by hand. Their fixed ports would also collide among replicas.
        builder.AddProject<TProject>(name, launchProfileName: null)
            .WithHostEnvironment()
            // Containers have a network each to themselves, and Prometheus has to know the port.
            .WithHttpEndpoint(port, targetPort: builder.ExecutionContext.IsPublishMode ? PortInContainer : null)
            .WithHttpHealthCheck("/health")
            .WithEnvironment(NativeHeaps, Text(MostNativeHeaps))
            .WithEnvironment(YoungGeneration, YoungBytes)
            .WithoutForwardedHeaders()
            .WithComposeService()
            .WithUrlForEndpoint("http", _ => new() { DisplayText = "Metrics", Url = "/metrics" });

    /// <summary>
    /// Brings the schema up to date and ends. Null where a manifest is published: what azd makes of it has no place for what ends, so Processing does it
    /// there, under the same lock.
    /// </summary>
    public static IResourceBuilder<ProjectResource>? AddMigrations(this IDistributedApplicationBuilder builder, Infrastructure infrastructure)
    {
        if (builder.PublishesManifest())
            return null;
        var migrations = builder.AddProject<Projects.SignalFlow_Processing>("migrations", launchProfileName: null)
            .WithHostEnvironment()
            .WithArgs("migrate")
            .WithComposeJob()
            .WithReference(infrastructure.Database).WaitFor(infrastructure.Database);
        infrastructure.Users?.MakeBy(migrations);
        return migrations;
    }

    public static IResourceBuilder<ProjectResource> WaitForMigrations(
        this IResourceBuilder<ProjectResource> service, IResourceBuilder<ProjectResource>? migrations) =>
        migrations is null ? service : service.WaitForCompletion(migrations);

    /// <summary>Where nothing else migrates.</summary>
    public static IResourceBuilder<ProjectResource> WithMigrations(
        this IResourceBuilder<ProjectResource> processing, IResourceBuilder<ProjectResource>? migrations) =>
        migrations is null ? processing.WithEnvironment("Storage__MigrateAtStart", "true") : processing.WaitForCompletion(migrations);

    /// <summary>
    /// One process, or with <c>--Ingestion:Shards=N</c> as many, each of which polls its part of the subreddits with its part of the quota: they share an
    /// application at Reddit.
    /// </summary>
    /// <exception cref="DistributedApplicationException">Not a number of shards.</exception>
    public static IReadOnlyList<IResourceBuilder<ProjectResource>> AddIngestion(
        this IDistributedApplicationBuilder builder,
        Infrastructure infrastructure,
        IResourceBuilder<ProjectResource>? migrations)
    {
        const int Most = 16;
        var given = builder.Configuration["Ingestion:Shards"] ?? "1";
        if (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var shards) || shards is < 1 or > Most)
            throw new DistributedApplicationException($"Ingestion:Shards must be a number from 1 to {Most}, not '{given}'.");
        var requests = builder.Configuration.GetValue("Reddit:RequestsPerMinute", 60);
        return [.. Enumerable.Range(0, shards).Select(shard => builder
            .AddService<Projects.SignalFlow_Ingestion>(shard == 0 ? "ingestion" : "ingestion-" + Text(shard))
            // Dense enough to see a rise begin; what the quota does not allow is given up, the oldest and quietest posts first.
            .WithEnvironment("Ingestion__RefreshPreset", builder.Configuration["Ingestion:RefreshPreset"] ?? "early")
            .WithEnvironment("Ingestion__ShardId", Text(shard))
            .WithEnvironment("Ingestion__ShardCount", Text(shards))
            .WithEnvironment("Reddit__RequestsPerMinute", Text(Math.Max(1, requests / shards)))
            .WithReference(infrastructure.Kafka).WaitFor(infrastructure.Kafka)
            .WithDatabase(infrastructure, "ingestion")
            .WaitForMigrations(migrations))];
    }

    /// <summary>What access tokens and cursors are signed with. In a run the API makes one and keeps it in the database; a deployment brings its own.</summary>
    public static IResourceBuilder<ProjectResource> WithSigningKey(this IResourceBuilder<ProjectResource> api)
    {
        var builder = api.ApplicationBuilder;
        if (builder.ExecutionContext.IsRunMode)
            return api;
        // Letters and digits only, four to three bytes: it is base64 as it is.
        var key = builder.AddParameter("signing-key", new GenerateParameterDefault { MinLength = 64, Special = false }, secret: true);
        return api.WithEnvironment("Api__SigningKey", key);
    }

    /// <summary>Runs the project in the AppHost's own environment (Development), which a launch profile would have set.</summary>
    public static IResourceBuilder<ProjectResource> WithHostEnvironment(this IResourceBuilder<ProjectResource> project)
    {
        var application = project.ApplicationBuilder;
        return application.ExecutionContext.IsRunMode
            ? project.WithEnvironment("ASPNETCORE_ENVIRONMENT", application.Environment.EnvironmentName)
            : project;
    }

    /// <summary>
    /// In a compose file nothing stands before the services, so whoever asks could say any address and scheme. A proxy that somebody puts there is theirs
    /// to name (docs/deploy.md); the templates for Azure, whose ingress is one, do so.
    /// </summary>
    private static IResourceBuilder<ProjectResource> WithoutForwardedHeaders(this IResourceBuilder<ProjectResource> project) =>
        project.ApplicationBuilder.PublishesManifest() ? project : project.DisableForwardedHeaders();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
