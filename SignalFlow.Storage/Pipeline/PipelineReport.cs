namespace SignalFlow.Storage.Pipeline;

/// <summary>What a process that works on records says of itself. Rates are those of the last minute.</summary>
public sealed record PipelineReport
{
    public required string Instance { get; init; }
    public required string Version { get; init; }
    public required DateTime StartedAt { get; init; }

    /// <summary>It ends, and this is its last report.</summary>
    public required bool IsStopped { get; init; }

    /// <summary>It takes no records, because the database does not take its batch.</summary>
    public required bool IsPaused { get; init; }

    public DateTime? LastBatchAt { get; init; }
    public required double BatchesPerSecond { get; init; }

    /// <summary>Null: no batch was stored in the last minute.</summary>
    public FlushTimes? Flush { get; init; }

    public required long DeadLettersLastHour { get; init; }

    /// <summary>Of each topic of posts; null while the broker has not said it.</summary>
    public int? PartitionCount { get; init; }

    /// <summary>Those that it owns.</summary>
    public required IReadOnlyList<PartitionReport> Partitions { get; init; }
}

/// <summary>Milliseconds to store a batch: that half, 95 % and 99 % of them did not exceed.</summary>
public sealed record FlushTimes(double P50, double P95, double P99);

/// <param name="Lag">Records that are not durable yet; null, as the time: none has come since the partition was assigned.</param>
/// <param name="PostsPerSecond">A post counts once a batch, however many records name it.</param>
public sealed record PartitionReport(
    string Topic, int Partition, long? Lag, double? TimeLagSeconds, double RecordsPerSecond, double PostsPerSecond);

/// <param name="ReportedAt">By the database's clock.</param>
/// <param name="AgeSeconds">Since then, by the same clock.</param>
public sealed record ReportedInstance(PipelineReport Report, DateTime ReportedAt, double AgeSeconds);
