namespace SignalFlow.Embedded;

/// <summary>Kafka protocol requests that <see cref="EmbeddedKafka.PushRequestErrors"/> can make fail. The values are the protocol's API keys.</summary>
public enum KafkaRequest
{
    Produce = 0,
    Fetch = 1,
    ListOffsets = 2,
    Metadata = 3,
    OffsetCommit = 8,
    OffsetFetch = 9,
    FindCoordinator = 10,
    JoinGroup = 11,
    Heartbeat = 12,
    LeaveGroup = 13,
    SyncGroup = 14,
    InitProducerId = 22,
}
