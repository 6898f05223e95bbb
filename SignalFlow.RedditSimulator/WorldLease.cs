using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator;

/// <summary>Keeps the world running: extends the clock's lease, and ends it at an orderly stop.</summary>
internal sealed partial class WorldLease(WorldClock clock, TimeProvider time, ILogger<WorldLease> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = WorldClock.Lease / 4;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        TryKeep(clock.ReleaseLease);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!clock.IsKept)
            return;

        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                TryKeep(clock.ExtendLease);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Without a lease the world stands still until the next attempt; it never runs ahead of what is on disk.</summary>
    private void TryKeep(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotKept(e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The simulated world's clock could not be written (Simulator:StatePath); the world stands still until it can")]
    private partial void LogNotKept(Exception exception);
}
