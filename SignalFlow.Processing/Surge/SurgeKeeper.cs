namespace SignalFlow.Processing.Surge;

/// <summary>Makes the baselines of each cut before they are needed, and folds marked posts from their history.</summary>
internal sealed partial class SurgeKeeper(
    SurgeBaselines baselines, SurgeRefold refold, SurgePhaseCounts phases, SurgeMetrics metrics, SurgeClock clock, TimeProvider time,
    ILogger<SurgeKeeper> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(15);

    // A cut is in use from one period after it: time enough for what was observed before it to be stored.
    private const double Grace = 0.25;

    private long _made;
    private long _counted = long.MinValue;
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
            int folded;
            do
                metrics.Refolded(folded = await refold.RunAsync(cancellationToken));
            while (folded > 0);
            await CountAsync(cancellationToken);
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

    private async Task CountAsync(CancellationToken cancellationToken)
    {
        if (_counted != long.MinValue && time.GetElapsedTime(_counted) < CountInterval)
            return;
        _counted = time.GetTimestamp();
        metrics.Phases(await phases.ReadAsync(cancellationToken));
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
