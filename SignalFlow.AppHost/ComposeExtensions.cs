using Aspire.Hosting.Docker.Resources;
using Aspire.Hosting.Docker.Resources.ComposeNodes;

namespace SignalFlow.AppHost;

/// <summary>Docker Compose, from this model: what Aspire's publisher leaves out is said here.</summary>
internal static class ComposeExtensions
{
    /// <summary>What is not for a manifest: <c>aspire publish</c> writes a compose file.</summary>
    public static void AddComposeTarget(this IDistributedApplicationBuilder builder)
    {
        if (!builder.PublishesCompose())
            return;
        builder.AddDockerComposeEnvironment("compose")
            .WithDashboard(enabled: false)
            .WithProperties(compose => compose.DefaultNetworkName = "signalflow")
            .ConfigureComposeFile(WaitForHealth);
    }

    /// <summary>Healthy when the command ends with 0.</summary>
    /// <param name="resource">Of which.</param>
    /// <param name="test">As in a compose file: <c>CMD</c> or <c>CMD-SHELL</c> first; <c>$$</c> is a dollar.</param>
    public static IResourceBuilder<T> WithComposeHealthCheck<T>(this IResourceBuilder<T> resource, params string[] test)
        where T : IComputeResource => resource.InCompose(service =>
        {
            service.Restart = "unless-stopped";
            service.Healthcheck = new()
            {
                Test = [.. test],
                Interval = "10s",
                Timeout = "5s",
                Retries = 6,
                StartPeriod = "30s",
            };
        });

    /// <summary>A service of this repository: asked over HTTP, stopped with time to finish, and as often as in the model.</summary>
    public static IResourceBuilder<ProjectResource> WithComposeService(this IResourceBuilder<ProjectResource> project) => project
        // The images have a shell but no curl. HTTP_PORTS is set by the model.
        .WithComposeHealthCheck(
            "CMD", "bash", "-c",
            "exec 3<>/dev/tcp/127.0.0.1/$${HTTP_PORTS%%;*} && printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '")
        .InCompose(service =>
        {
            service.StopGracePeriod = "40s";
            DropPrivileges(service);
            if (project.Resource.GetReplicaCount() is > 1 and var replicas)
                service.Deploy = new() { Replicas = replicas };
        });

    /// <summary>Runs once and ends.</summary>
    public static IResourceBuilder<ProjectResource> WithComposeJob(this IResourceBuilder<ProjectResource> project) =>
        project.InCompose(service =>
        {
            service.Restart = "on-failure";
            DropPrivileges(service);
        });

    // The images run as a user without any; nothing in them may get some.
    private static void DropPrivileges(Service service)
    {
        service.CapDrop = ["ALL"];
        service.SecurityOpt = ["no-new-privileges:true"];
    }

    // What says how it is published needs an environment to be published to; a compose environment itself has no form in a manifest.
    private static IResourceBuilder<T> InCompose<T>(this IResourceBuilder<T> resource, Action<Service> configure)
        where T : IComputeResource =>
        resource.ApplicationBuilder.PublishesCompose() ? resource.PublishAsDockerComposeService((_, service) => configure(service)) : resource;

    private static bool PublishesCompose(this IDistributedApplicationBuilder builder) =>
        builder.ExecutionContext.IsPublishMode && !builder.PublishesManifest();

    // The publisher waits for the start only, not knowing of the checks.
    private static void WaitForHealth(ComposeFile compose)
    {
        foreach (var (name, dependency) in compose.Services.Values.SelectMany(service => service.DependsOn))
        {
            if (dependency.Condition == "service_started" && compose.Services[name].Healthcheck is not null)
                dependency.Condition = "service_healthy";
        }
    }
}
