namespace SignalFlow.AppHost;

internal static class ServiceResourceExtensions
{
    /// <summary>A service of this repository: one HTTP endpoint, which also answers the readiness check.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Name of the resource, and its host name in service discovery.</param>
    /// <param name="port">Port on this machine where something outside depends on it, else any free one.</param>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port = null)
        where TProject : IProjectMetadata, new() =>
        // Launch profiles belong to a service started by hand. Their fixed ports would also collide among replicas.
        builder.AddProject<TProject>(name, launchProfileName: null)
            .WithHostEnvironment()
            .WithHttpEndpoint(port)
            .WithHttpHealthCheck("/health")
            .WithUrlForEndpoint("http", _ => new() { DisplayText = "Metrics", Url = "/metrics" });

    /// <summary>Runs the project in the AppHost's own environment (Development), which a launch profile would have set.</summary>
    public static IResourceBuilder<ProjectResource> WithHostEnvironment(this IResourceBuilder<ProjectResource> project)
    {
        var application = project.ApplicationBuilder;
        return application.ExecutionContext.IsRunMode
            ? project.WithEnvironment("ASPNETCORE_ENVIRONMENT", application.Environment.EnvironmentName)
            : project;
    }
}
