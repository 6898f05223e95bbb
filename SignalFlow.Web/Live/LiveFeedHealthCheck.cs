using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SignalFlow.Web.Live;

/// <summary>Degraded, never unhealthy, while the live stream is away: pages still show the last known state.</summary>
internal sealed class LiveFeedHealthCheck(PostFeed feed) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var state = feed.Connection.State;
        return Task.FromResult(state == LiveState.Live
            ? HealthCheckResult.Healthy("The live stream is connected.")
            : HealthCheckResult.Degraded($"The live stream is not connected: {state}."));
    }
}
