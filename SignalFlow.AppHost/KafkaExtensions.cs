using System.Globalization;

namespace SignalFlow.AppHost;

/// <summary>Between ingestion and processing, so that either may stop, fall behind or be scaled alone.</summary>
internal static class KafkaExtensions
{
    private const int Broker = 9092;
    private const int Controller = 9093;
    private const int Internal = 9094;

    private const string Image = "apache/kafka";
    private const string Tag = "4.1.0";

    // Sixteen bytes in base64, the same in all brokers: it is what makes them one cluster.
    private const string ClusterId = "c2lnbmFsZmxvdy1rYWZrYQ";

    /// <summary>
    /// One broker, enough to develop against, or with <c>--Kafka:Brokers=3</c> three that keep every record twice at least. The services create their topics
    /// with the replication the cluster allows.
    /// </summary>
    /// <exception cref="DistributedApplicationException">Another number of brokers.</exception>
    public static IResourceBuilder<IResourceWithConnectionString> AddBrokers(this IDistributedApplicationBuilder builder) =>
        builder.Configuration["Kafka:Brokers"] switch
        {
            null or "" or "1" => builder.AddBroker(),
            "3" => builder.AddCluster(3),
            var other => throw new DistributedApplicationException($"Kafka:Brokers must be 1 or 3, not '{other}'."),
        };

    private static IResourceBuilder<KafkaServerResource> AddBroker(this IDistributedApplicationBuilder builder) => builder.AddKafka("kafka")
        .WithDataVolume("signalflow-kafka")
        .WithKafkaUI(ui => ui.WithUrlForEndpoint("http", url => url.DisplayText = "Kafka UI"))
        .WithComposeHealthCheck("CMD-SHELL", $"kafka-broker-api-versions --bootstrap-server localhost:{Broker} > /dev/null");

    private static IResourceBuilder<ConnectionStringResource> AddCluster(this IDistributedApplicationBuilder builder, int count)
    {
        var brokers = Enumerable.Range(1, count).Select(id => builder.AddBroker(id, count)).ToList();
        var kafka = builder.AddConnectionString("kafka", servers =>
        {
            for (var index = 0; index < count; index++)
                servers.Append($"{(index == 0 ? "" : ",")}{brokers[index].GetEndpoint("tcp").Property(EndpointProperty.HostAndPort)}");
        });
        foreach (var broker in brokers)
            broker.WithParentRelationship(kafka);
        if (builder.ExecutionContext.IsRunMode)
            builder.AddKafkaUI(count);
        return kafka;
    }

    private static IResourceBuilder<ContainerResource> AddBroker(this IDistributedApplicationBuilder builder, int id, int count)
    {
        var name = NameOf(id);
        var broker = builder.AddContainer(name, Image, Tag)
            .WithEndpoint(targetPort: Broker, scheme: "tcp", name: "tcp")
            .WithVolume($"signalflow-{name}", "/var/lib/kafka/data")
            .WithIconName("MailMultiple");
        // Services of a run are processes of this machine, to whom the broker has another port than inside its container; those of a deployment are in the
        // brokers' network.
        var advertised = builder.ExecutionContext.IsRunMode
            ? ReferenceExpression.Create(
                $"CLIENT://localhost:{broker.GetEndpoint("tcp", KnownNetworkIdentifiers.LocalhostNetwork).Property(EndpointProperty.Port)},INTERNAL://{name}:{Text(Internal)}")
            : ReferenceExpression.Create($"CLIENT://{broker.GetEndpoint("tcp").Property(EndpointProperty.HostAndPort)},INTERNAL://{name}:{Text(Internal)}");
        var voters = string.Join(',', Enumerable.Range(1, count).Select(other => $"{Text(other)}@{NameOf(other)}:{Text(Controller)}"));
        return broker
            .WithEnvironment("CLUSTER_ID", ClusterId)
            .WithEnvironment("KAFKA_NODE_ID", Text(id))
            .WithEnvironment("KAFKA_PROCESS_ROLES", "broker,controller")
            .WithEnvironment("KAFKA_CONTROLLER_QUORUM_VOTERS", voters)
            .WithEnvironment("KAFKA_LISTENERS", $"CLIENT://:{Text(Broker)},INTERNAL://:{Text(Internal)},CONTROLLER://:{Text(Controller)}")
            .WithEnvironment("KAFKA_ADVERTISED_LISTENERS", advertised)
            .WithEnvironment("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT")
            .WithEnvironment("KAFKA_INTER_BROKER_LISTENER_NAME", "INTERNAL")
            .WithEnvironment("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER")
            .WithEnvironment("KAFKA_LOG_DIRS", "/var/lib/kafka/data")
            .WithEnvironment("KAFKA_DEFAULT_REPLICATION_FACTOR", Text(count))
            .WithEnvironment("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", Text(count))
            .WithEnvironment("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", Text(count))
            .WithEnvironment("KAFKA_MIN_INSYNC_REPLICAS", "2")
            .WithEnvironment("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "2")
            .WithComposeHealthCheck(
                "CMD-SHELL", $"/opt/kafka/bin/kafka-broker-api-versions.sh --bootstrap-server {name}:{Text(Internal)} > /dev/null");
    }

    private static void AddKafkaUI(this IDistributedApplicationBuilder builder, int count) => builder.AddContainer("kafka-ui", "kafbat/kafka-ui", "v1.4.2")
        .WithHttpEndpoint(targetPort: 8080)
        .WithEnvironment("KAFKA_CLUSTERS_0_NAME", "kafka")
        .WithEnvironment("KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS", string.Join(',', Enumerable.Range(1, count).Select(id => $"{NameOf(id)}:{Text(Internal)}")))
        .WithUrlForEndpoint("http", url => url.DisplayText = "Kafka UI");

    private static string NameOf(int id) => "kafka-" + Text(id);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
