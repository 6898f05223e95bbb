using Microsoft.Extensions.Configuration;

namespace SignalFlow.AppHost;

/// <summary>Where Kafka, PostgreSQL and Redis come from: <c>--Infrastructure=containers|embedded|external</c>.</summary>
internal enum InfrastructureKind
{
    /// <summary>Containers of this application, in a run and in a compose file.</summary>
    Containers,

    /// <summary>Servers inside one process of this repository, for a machine without a container engine. Only in a run.</summary>
    Embedded,

    /// <summary>Servers that exist already, by connection string. Redis stays a container: nothing in it is missed for long.</summary>
    External,
}

/// <param name="Kind">Where they come from.</param>
/// <param name="Kafka">Connection string <c>kafka</c>.</param>
/// <param name="Database">Connection string <c>signalflow</c>.</param>
/// <param name="Replica">Connection string <c>signalflow-replica</c>; null without one.</param>
/// <param name="Redis">Connection string <c>redis</c>.</param>
/// <param name="Users">As whom the services connect to the database; null: as its connection string says.</param>
internal sealed record Infrastructure(
    InfrastructureKind Kind,
    IResourceBuilder<IResourceWithConnectionString> Kafka,
    IResourceBuilder<IResourceWithConnectionString> Database,
    IResourceBuilder<IResourceWithConnectionString>? Replica,
    IResourceBuilder<IResourceWithConnectionString> Redis,
    DatabaseUsers? Users = null);

internal static class InfrastructureExtensions
{
    /// <summary>
    /// The switch, or what fits: a manifest is for a cloud, where a database in a container would lose its data, so its servers are external; everything
    /// else brings its own.
    /// </summary>
    /// <exception cref="DistributedApplicationException">The switch is wrong; the message names it.</exception>
    public static Infrastructure AddInfrastructure(this IDistributedApplicationBuilder builder) => builder.InfrastructureKind() switch
    {
        AppHost.InfrastructureKind.Embedded => builder.AddEmbedded(),
        AppHost.InfrastructureKind.External => builder.AddExternal(),
        _ => builder.AddContainers(),
    };

    /// <summary>Where a process of this application keeps what outlives it: below <c>--Data</c>, else beside the AppHost.</summary>
    public static string DataFolder(this IDistributedApplicationBuilder builder, string name) =>
        Path.GetFullPath(Path.Combine(builder.Configuration["Data"] ?? Path.Combine(builder.AppHostDirectory, "data"), name));

    /// <summary>
    /// How to sign in to a Kafka of somebody else, asked for at the deployment; the defaults are those of Event Hubs. A run takes the services' own
    /// keys.
    /// </summary>
    public static void AddKafkaAccess(this Infrastructure infrastructure, params ReadOnlySpan<IResourceBuilder<ProjectResource>> services)
    {
        var builder = services[0].ApplicationBuilder;
        if (infrastructure.Kind != AppHost.InfrastructureKind.External || builder.ExecutionContext.IsRunMode)
            return;
        var protocol = builder.AddParameter("kafka-security-protocol", "SaslSsl", publishValueAsDefault: true);
        var mechanism = builder.AddParameter("kafka-sasl-mechanism", "Plain", publishValueAsDefault: true);
        var username = builder.AddParameter("kafka-sasl-username", "$ConnectionString", publishValueAsDefault: true);
        var password = builder.AddParameter("kafka-sasl-password", secret: true);
        foreach (var service in services)
        {
            service
                .WithEnvironment("Kafka__SecurityProtocol", protocol)
                .WithEnvironment("Kafka__SaslMechanism", mechanism)
                .WithEnvironment("Kafka__SaslUsername", username)
                .WithEnvironment("Kafka__SaslPassword", password);
        }
    }

    public static bool PublishesManifest(this IDistributedApplicationBuilder builder) =>
        builder.ExecutionContext.IsPublishMode
        && (builder.Configuration["Publishing:Publisher"] is "manifest" || builder.Configuration["Pipeline:Step"] is "publish-manifest");

    private static InfrastructureKind InfrastructureKind(this IDistributedApplicationBuilder builder)
    {
        var given = builder.Configuration["Infrastructure"];
        if (string.IsNullOrEmpty(given))
            return builder.PublishesManifest() ? AppHost.InfrastructureKind.External : AppHost.InfrastructureKind.Containers;
        if (!Enum.TryParse<InfrastructureKind>(given, ignoreCase: true, out var kind) || !Enum.IsDefined(kind))
            throw new DistributedApplicationException($"Infrastructure must be containers, embedded or external, not '{given}'.");
        if (kind == AppHost.InfrastructureKind.Embedded && builder.ExecutionContext.IsPublishMode)
            throw new DistributedApplicationException("Infrastructure=embedded is for a run on one machine; it cannot be published.");
        return kind;
    }

    private static Infrastructure AddContainers(this IDistributedApplicationBuilder builder)
    {
        var postgres = builder.AddTimescale();
        var database = postgres.AddDatabase("signalflow");
        // Without the job that migrates there is nobody to make them.
        var users = builder.PublishesManifest() ? null : new DatabaseUsers(database);
        return new(
            AppHost.InfrastructureKind.Containers,
            builder.AddBrokers(),
            database,
            builder.Configuration.GetValue<bool>("Postgres:Replica") ? postgres.AddStandby(users) : null,
            builder.AddRedisContainer(),
            users);
    }

    private static Infrastructure AddExternal(this IDistributedApplicationBuilder builder) => new(
        AppHost.InfrastructureKind.External,
        builder.AddConnectionString("kafka"),
        builder.AddConnectionString("signalflow"),
        builder.Configuration.GetValue<bool>("Postgres:Replica") ? builder.AddConnectionString("signalflow-replica") : null,
        builder.AddRedisContainer());

    // Velocity state, the live channel and the UI's sign-ins; nothing in it outlives a restart for long, so no volume.
    private static IResourceBuilder<RedisResource> AddRedisContainer(this IDistributedApplicationBuilder builder) =>
        builder.AddRedis("redis").WithComposeHealthCheck("CMD-SHELL", "redis-cli -a \"$$REDIS_PASSWORD\" --no-auth-warning ping | grep -q PONG");
}
