using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SignalFlow.Processing.Consuming;

/// <summary>Alive while every consume loop turns: a thread that hangs is worth a restart, a broker that is away is not.</summary>
internal sealed class ConsumerHealth(TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMinutes(2);
    private readonly ConcurrentDictionary<ConsumeLoop, long> _beats = [];

    public void Beat(ConsumeLoop loop) => _beats[loop] = time.GetTimestamp();

    public void Stopped(ConsumeLoop loop) => _beats.TryRemove(loop, out _);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var stuck = _beats.Count(beat => time.GetElapsedTime(beat.Value) > LongestTurn);
        return Task.FromResult(stuck == 0
            ? HealthCheckResult.Healthy($"{_beats.Count} consumer(s)")
            : new HealthCheckResult(context.Registration.FailureStatus, $"{stuck} of {_beats.Count} consumers have not turned for {LongestTurn}"));
    }
}
