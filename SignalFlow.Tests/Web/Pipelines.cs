using SignalFlow.Contracts;

namespace SignalFlow.Tests.Web;

/// <summary>States of the pipeline as the API tells them.</summary>
internal static class Pipelines
{
    public static readonly PipelineView None = new()
    {
        Instances = [],
        Partitions = [],
        Totals = new()
        {
            Instances = 0, Partitions = 0, Unassigned = 0, RecordsPerSecond = 0, PostsPerSecond = 0, BatchesPerSecond = 0, DeadLettersLastHour = 0
        },
    };

    public static readonly PipelineInstanceView Instance = new()
    {
        Instance = "host/1",
        Version = "1.0.0",
        StartedAt = Posts.Now.AddHours(-4),
        HeartbeatAt = Posts.Now.AddSeconds(-3),
        HeartbeatAgeSeconds = 3,
        State = "running",
        LastBatchAt = Posts.Now.AddMinutes(-1),
        BatchesPerSecond = 2.5,
        FlushP50Ms = 4,
        FlushP95Ms = 10,
        FlushP99Ms = 12.2,
        DeadLettersLastHour = 3,
        Partitions = 2,
    };

    /// <summary>One instance, and one partition that nobody reads.</summary>
    public static readonly PipelineView Working = new()
    {
        Instances = [Instance],
        Partitions =
        [
            Partition(KafkaTopics.Raw, 0, 0, 0, 12, 11), Partition(KafkaTopics.Raw, 1, null, null, 0, 0) with { Instance = null },
            Partition(KafkaTopics.Refresh, 0, 3, 75, 20, 19), Partition(KafkaTopics.Refresh, 1, null, null, 0, 0),
        ],
        Totals = new()
        {
            Instances = 1,
            Partitions = 4,
            Unassigned = 1,
            Lag = 3,
            TimeLagSeconds = 45,
            RecordsPerSecond = 32,
            PostsPerSecond = 30,
            BatchesPerSecond = 2.5,
            DeadLettersLastHour = 3,
        },
    };

    private static PipelinePartitionView Partition(string topic, int partition, long? lag, double? seconds, double records, double posts) => new()
    {
        Topic = topic,
        Partition = partition,
        Instance = "host/1",
        Lag = lag,
        TimeLagSeconds = seconds,
        RecordsPerSecond = records,
        PostsPerSecond = posts,
    };
}
