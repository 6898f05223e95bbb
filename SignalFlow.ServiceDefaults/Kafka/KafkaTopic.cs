namespace SignalFlow.ServiceDefaults;

/// <param name="Name">The topic's name.</param>
/// <param name="Partitions">Its partitions when it has to be created; null: <c>Kafka:Partitions</c>.</param>
/// <param name="MaxMessageBytes">Its largest message when it has to be created; null: the cluster's limit.</param>
public sealed record KafkaTopic(string Name, int? Partitions = null, int? MaxMessageBytes = null);
