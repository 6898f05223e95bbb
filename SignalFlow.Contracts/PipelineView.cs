namespace SignalFlow.Contracts;

/// <summary>The processes that work on records, what each has to itself, and all of them together. Rates are those of the last minute.</summary>
public sealed record PipelineView
{
    public required IReadOnlyList<PipelineInstanceView> Instances { get; init; }

    /// <summary>By topic and number; those that nobody owns are among them.</summary>
    public required IReadOnlyList<PipelinePartitionView> Partitions { get; init; }

    public required PipelineTotals Totals { get; init; }
}

public sealed record PipelineInstanceView
{
    public required string Instance { get; init; }
    public required string Version { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required DateTimeOffset HeartbeatAt { get; init; }
    public required double HeartbeatAgeSeconds { get; init; }

    /// <summary><c>running</c>; <c>paused</c>: the database does not take its batch; <c>silent</c>: six reports are missing; <c>stopped</c>: it has ended in order.</summary>
    public required string State { get; init; }

    public DateTimeOffset? LastBatchAt { get; init; }
    public required double BatchesPerSecond { get; init; }

    /// <summary>Milliseconds to store a batch that half of them did not exceed; null, as the next two, when there was none.</summary>
    public double? FlushP50Ms { get; init; }

    public double? FlushP95Ms { get; init; }
    public double? FlushP99Ms { get; init; }
    public required long DeadLettersLastHour { get; init; }

    /// <summary>How many partitions it owns.</summary>
    public required int Partitions { get; init; }
}

public sealed record PipelinePartitionView
{
    public required string Topic { get; init; }
    public required int Partition { get; init; }

    /// <summary>Who reads it; null: nobody does.</summary>
    public string? Instance { get; init; }

    /// <summary>Records that are not durable yet; null, as the time: not known.</summary>
    public long? Lag { get; init; }

    /// <summary>Age of the last durable record, when there are newer ones; else 0.</summary>
    public double? TimeLagSeconds { get; init; }

    public required double RecordsPerSecond { get; init; }

    /// <summary>A post counts once a batch.</summary>
    public required double PostsPerSecond { get; init; }
}

/// <summary>Of the instances that are neither silent nor stopped.</summary>
public sealed record PipelineTotals
{
    public required int Instances { get; init; }
    public required int Partitions { get; init; }

    /// <summary>Partitions that nobody reads.</summary>
    public required int Unassigned { get; init; }

    public long? Lag { get; init; }

    /// <summary>The greatest.</summary>
    public double? TimeLagSeconds { get; init; }

    public required double RecordsPerSecond { get; init; }
    public required double PostsPerSecond { get; init; }
    public required double BatchesPerSecond { get; init; }
    public required long DeadLettersLastHour { get; init; }
}
