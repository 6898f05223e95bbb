using SignalFlow.Contracts;
using SignalFlow.Storage.Pipeline;

namespace SignalFlow.Api.Pipeline;

/// <summary>What the reports of all processes say together.</summary>
internal static class PipelineSummary
{
    private const double SilentAfterSeconds = 30;

    private static readonly string[] Topics = [KafkaTopics.Raw, KafkaTopics.Refresh];

    public static PipelineView Of(IReadOnlyList<ReportedInstance> reported)
    {
        var working = reported.Where(instance => State(instance) is "running" or "paused").ToList();
        var partitions = Partitions(reported, working);
        return new()
        {
            Instances = [.. reported.Select(View)],
            Partitions = partitions,
            Totals = new()
            {
                Instances = working.Count,
                Partitions = partitions.Count,
                Unassigned = partitions.Count(partition => partition.Instance is null),
                Lag = partitions.Sum(partition => partition.Lag) is var lag && partitions.Exists(partition => partition.Lag is not null) ? lag : null,
                TimeLagSeconds = partitions.Max(partition => partition.TimeLagSeconds),
                RecordsPerSecond = partitions.Sum(partition => partition.RecordsPerSecond),
                PostsPerSecond = partitions.Sum(partition => partition.PostsPerSecond),
                BatchesPerSecond = working.Sum(instance => instance.Report.BatchesPerSecond),
                DeadLettersLastHour = working.Sum(instance => instance.Report.DeadLettersLastHour),
            },
        };
    }

    private static PipelineInstanceView View(ReportedInstance instance)
    {
        var report = instance.Report;
        return new()
        {
            Instance = report.Instance,
            Version = report.Version,
            StartedAt = report.StartedAt,
            HeartbeatAt = instance.ReportedAt,
            HeartbeatAgeSeconds = instance.AgeSeconds,
            State = State(instance),
            LastBatchAt = report.LastBatchAt,
            BatchesPerSecond = report.BatchesPerSecond,
            FlushP50Ms = report.Flush?.P50,
            FlushP95Ms = report.Flush?.P95,
            FlushP99Ms = report.Flush?.P99,
            DeadLettersLastHour = report.DeadLettersLastHour,
            Partitions = report.Partitions.Count,
        };
    }

    private static string State(ReportedInstance instance) => instance switch
    {
        { Report.IsStopped: true } => "stopped",
        { AgeSeconds: > SilentAfterSeconds } => "silent",
        { Report.IsPaused: true } => "paused",
        _ => "running",
    };

    /// <summary>As many as somebody has ever counted; of two that claim one, as during a rebalance, the newer report counts.</summary>
    private static List<PipelinePartitionView> Partitions(IReadOnlyList<ReportedInstance> reported, List<ReportedInstance> working)
    {
        var owners = new Dictionary<(string Topic, int Partition), (string Instance, PartitionReport Report)>();
        foreach (var instance in working.OrderByDescending(instance => instance.AgeSeconds))
        {
            foreach (var partition in instance.Report.Partitions)
                owners[(partition.Topic, partition.Partition)] = (instance.Report.Instance, partition);
        }

        var count = reported.Max(instance => instance.Report.PartitionCount) ?? 0;
        var all = Topics.SelectMany(topic => Enumerable.Range(0, count).Select(partition => (Topic: topic, Partition: partition)))
            .Union(owners.Keys)
            .OrderBy(partition => partition.Topic, StringComparer.Ordinal).ThenBy(partition => partition.Partition);
        return [.. all.Select(partition => owners.TryGetValue(partition, out var owner)
            ? View(owner.Instance, owner.Report)
            : Unassigned(partition.Topic, partition.Partition))];
    }

    private static PipelinePartitionView View(string instance, PartitionReport partition) => new()
    {
        Topic = partition.Topic,
        Partition = partition.Partition,
        Instance = instance,
        Lag = partition.Lag,
        TimeLagSeconds = partition.TimeLagSeconds,
        RecordsPerSecond = partition.RecordsPerSecond,
        PostsPerSecond = partition.PostsPerSecond,
    };

    private static PipelinePartitionView Unassigned(string topic, int partition) =>
        new() { Topic = topic, Partition = partition, RecordsPerSecond = 0, PostsPerSecond = 0 };
}
