namespace SignalFlow.Contracts;

/// <summary>How the API and what it depends on are, and how the rest of the system says that it is.</summary>
public sealed record HealthDetails
{
    /// <summary><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>, as of each check: the worst of them.</summary>
    public required string Status { get; init; }

    /// <summary>By name.</summary>
    public required IReadOnlyDictionary<string, HealthCheckDetails> Checks { get; init; }

    /// <summary>Null, as the next: the database does not tell.</summary>
    public HealthOfPipeline? Pipeline { get; init; }

    /// <summary>Of each shard of ingestion.</summary>
    public IReadOnlyList<HealthOfQuota>? Quota { get; init; }
}

public sealed record HealthCheckDetails
{
    public required string Status { get; init; }
    public required double LatencyMs { get; init; }
    public string? Description { get; init; }
}

/// <summary>What <c>/api/pipeline/</c> has in full.</summary>
public sealed record HealthOfPipeline
{
    /// <summary>The newest of any process.</summary>
    public DateTimeOffset? LastBatchAt { get; init; }

    public required PipelineTotals Totals { get; init; }
}

/// <summary>What <c>/api/ingestion/</c> has in full. Nulls: not known yet.</summary>
public sealed record HealthOfQuota
{
    public required int ShardId { get; init; }
    public required double HeartbeatAgeSeconds { get; init; }
    public int? RequestsLimit { get; init; }
    public int? RequestsLastMinute { get; init; }
    public double? RatelimitRemaining { get; init; }
    public DateTimeOffset? RatelimitResetAt { get; init; }
    public DateTimeOffset? PausedUntil { get; init; }
}
