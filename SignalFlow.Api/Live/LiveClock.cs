namespace SignalFlow.Api.Live;

/// <summary>Lets the feed look at its clients once a second.</summary>
internal sealed class LiveClock(LiveFeed feed, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                feed.Look();
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }
}
