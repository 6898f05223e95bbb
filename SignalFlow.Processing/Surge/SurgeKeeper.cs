namespace SignalFlow.Processing.Surge;

/// <summary>Makes the baselines of each cut before they are needed, and folds marked posts from their history.</summary>
internal sealed partial class SurgeKeeper(
    SurgeBaselines baselines, SurgeRefold refold, SurgeClock clock, TimeProvider time, ILogger<SurgeKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // A cut is in use from one period after it: time enough for what was observed before it to be stored.
    private const double Grace = 0.25;

    private long _made;
    private bool _isFailing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
                await RunAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await MakeAsync(cancellationToken);
            while (await refold.RunAsync(cancellationToken) > 0)
            {
            }

            _isFailing = false;
        }
        // Whatever it is: posts are stored without it, and what is marked stays marked.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (!_isFailing)
                LogFailed(exception);
            _isFailing = true;
        }
    }

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        var now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var cut = (long)(now - Grace * clock.Period) / clock.Period * clock.Period;
        if (cut == _made)
            return;
        await baselines.MakeAsync(cut, cancellationToken);
        _made = cut;
    }

    [LoggerMessage(LogLevel.Warning, "Signals could not be kept; trying again every 2 s")]
    private partial void LogFailed(Exception exception);
}
