namespace SignalFlow.AppHost;

/// <summary>Prometheus and Grafana with the alert rules and dashboards of this repository, on the ports the original system has them on.</summary>
internal static class MonitoringExtensions
{
    private const int PrometheusPort = 9090;
    private const int GrafanaPort = 3000;

    /// <summary>Only beside containers: a machine without an engine has none to start, a cloud has its own.</summary>
    public static void AddMonitoring(this Infrastructure infrastructure, params ReadOnlySpan<IResourceBuilder<ProjectResource>> services)
    {
        if (infrastructure.Kind != InfrastructureKind.Containers)
            return;
        var builder = services[0].ApplicationBuilder;
        var prometheus = builder.AddPrometheus();
        builder.AddGrafana(prometheus);

        // In a run the services are processes of this machine behind proxies, and the replicas of one cannot be told apart from a container: they push
        // instead. In a deployment Prometheus asks the network's DNS for each replica.
        if (builder.ExecutionContext.IsRunMode)
        {
            foreach (var service in services)
                service.WithEnvironment("Telemetry__MetricsEndpoint", $"{prometheus.GetEndpoint("http")}/api/v1/otlp/v1/metrics");
        }
    }

    private static IResourceBuilder<ContainerResource> AddPrometheus(this IDistributedApplicationBuilder builder) => builder
        .AddContainer("prometheus", "prom/prometheus", "v3.6.0")
        .WithHttpEndpoint(PrometheusPort, targetPort: 9090)
        .WithArgs(
            "--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus", "--storage.tsdb.retention.time=30d",
            "--enable-feature=exemplar-storage")
        .ForThisMachine()
        .WithFile("/etc/prometheus", builder.ExecutionContext.IsRunMode ? "prometheus/prometheus.yml" : "prometheus/compose.yml", "prometheus.yml")
        .WithFolder("/etc/prometheus/rules", "prometheus/rules")
        .WithVolume("signalflow-prometheus", "/prometheus")
        .WithIconName("DataTrending")
        .WithHttpHealthCheck("/-/ready")
        .WithComposeHealthCheck("CMD", "wget", "-q", "-O", "/dev/null", "http://localhost:9090/-/ready")
        .WithUrlForEndpoint("http", url => url.DisplayText = "Prometheus");

    // It asks nobody who they are. In a run it is reached from this machine only, where the services push what they count; in a deployment by Grafana.
    private static IResourceBuilder<ContainerResource> ForThisMachine(this IResourceBuilder<ContainerResource> prometheus) =>
        prometheus.ApplicationBuilder.ExecutionContext.IsRunMode ? prometheus.WithExternalHttpEndpoints().WithArgs("--web.enable-otlp-receiver") : prometheus;

    private static void AddGrafana(this IDistributedApplicationBuilder builder, IResourceBuilder<ContainerResource> prometheus)
    {
        var password = builder.AddParameter("grafana-password", new GenerateParameterDefault { MinLength = 20, Special = false }, secret: true, persist: true);
        builder.AddContainer("grafana", "grafana/grafana", "12.2.0")
            .WithHttpEndpoint(GrafanaPort, targetPort: 3000)
            .WithExternalHttpEndpoints()
            .WithEnvironment("GF_SECURITY_ADMIN_PASSWORD", password)
            // Who is on this machine may look; whoever reaches a deployment signs in.
            .WithEnvironment("GF_AUTH_ANONYMOUS_ENABLED", builder.ExecutionContext.IsRunMode ? "true" : "false")
            .WithEnvironment("GF_ANALYTICS_REPORTING_ENABLED", "false")
            .WithEnvironment("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH", "/etc/grafana/dashboards/overview.json")
            .WithEnvironment("PROMETHEUS_URL", "http://prometheus:9090")
            .WithFolder("/etc/grafana/provisioning/datasources", "grafana/provisioning/datasources")
            .WithFolder("/etc/grafana/provisioning/dashboards", "grafana/provisioning/dashboards")
            .WithFolder("/etc/grafana/dashboards", "grafana/dashboards", "*.json")
            .WithVolume("signalflow-grafana", "/var/lib/grafana")
            .WithIconName("ChartMultiple")
            .WithHttpHealthCheck("/api/health")
            .WithComposeHealthCheck("CMD", "wget", "-q", "-O", "/dev/null", "http://localhost:3000/api/health")
            .WithUrlForEndpoint("http", url => url.DisplayText = "Grafana")
            .WaitFor(prometheus);
    }

    // Copied into the container in a run and beside the compose file in a deployment: a bind mount would leave a path of this machine in it.
    private static IResourceBuilder<ContainerResource> WithFolder(
        this IResourceBuilder<ContainerResource> container, string destination, string source, string pattern = "*.yml") =>
        container.WithContainerFiles(destination, Directory.EnumerateFiles(Path.Combine(container.ApplicationBuilder.AppHostDirectory, source), pattern)
            .Order(StringComparer.Ordinal)
            .Select(file => new ContainerFile { Name = Path.GetFileName(file), SourcePath = file }));

    private static IResourceBuilder<ContainerResource> WithFile(
        this IResourceBuilder<ContainerResource> container, string destination, string source, string name) =>
        container.WithContainerFiles(
            destination, [new ContainerFile { Name = name, SourcePath = Path.Combine(container.ApplicationBuilder.AppHostDirectory, source) }]);
}
