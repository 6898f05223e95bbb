using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SignalFlow.Storage.Reading.Replicas;

/// <summary>Degraded while a replica is not read from: the primary serves meanwhile.</summary>
internal sealed class ReplicaHealthCheck(ReadTargets targets) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var unused = targets.Replicas.Where(replica => !replica.IsUsed).Select(replica => targets.Replicas.Count == 1
            ? $"not read from: {replica.Status.Reason}"
            : $"replica {replica.Number} is not read from: {replica.Status.Reason}").ToList();
        return Task.FromResult(unused.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join("; ", unused)));
    }
}

/// <summary>While reads go on from a replica, a primary that is away is no reason to take the process out of rotation.</summary>
internal sealed class PrimaryHealthCheck(IHealthCheck primary, ReadTargets targets) : IHealthCheck
{
    private static readonly HealthCheckResult Degraded = HealthCheckResult.Degraded("the database does not answer; reads go on from a replica");

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var isServed = targets.Replicas.Any(replica => replica.IsUsed);
        // Known without waiting for a server that hangs.
        if (isServed && !targets.PrimaryAnswers)
            return Degraded;

        var result = await primary.CheckHealthAsync(context, cancellationToken);
        return isServed && result.Status == HealthStatus.Unhealthy ? Degraded : result;
    }
}
