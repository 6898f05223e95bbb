using Microsoft.Extensions.Diagnostics.HealthChecks;
using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Ingestion;

/// <summary>Degraded while Reddit does not answer: that is nothing a restart or another instance would change.</summary>
internal sealed class RedditHealthCheck(RedditAvailability reddit, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Tolerated = TimeSpan.FromMinutes(1);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(reddit.Current is { } outage && time.GetUtcNow() - outage.Since > Tolerated
            ? HealthCheckResult.Degraded($"no answer from Reddit since {outage.Since:u} ({outage.Outcome})")
            : HealthCheckResult.Healthy());
}

/// <summary>Liveness: the loop of requests turns. Before its start the database is being waited for, which is no reason to restart.</summary>
internal sealed class RequestLoopHealthCheck(IngestionPulse pulse, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Tolerated = 4 * RequestLoop.LongestSleep;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(pulse.LastTurnAt is { } turned && time.GetUtcNow() - turned > Tolerated
            ? HealthCheckResult.Unhealthy($"the loop of requests has not turned since {turned:u}")
            : HealthCheckResult.Healthy());
}

/// <summary>Tells that another instance polls this shard: this one is ready to take over, which is no fault.</summary>
internal sealed class ShardHealthCheck(IngestionPulse pulse) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(HealthCheckResult.Healthy(pulse.Holder is { } holder ? $"standing by; {holder} polls this shard" : null));
}
