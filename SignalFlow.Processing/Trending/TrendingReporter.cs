using SignalFlow.Processing.Failures;
using SignalFlow.Storage.Trending;

namespace SignalFlow.Processing.Trending;

/// <summary>Says once a minute which thresholds this process works with, so that the API can show them.</summary>
internal sealed partial class TrendingReporter(
    SeedTrending trending, TrendingThresholdStore thresholds, TimeProvider time, ILogger<TrendingReporter> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly string Instance = $"{Environment.MachineName}/{Environment.ProcessId}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                await ReportAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The report is forgotten by the others after a while.
        }
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        var limits = trending.Limits;
        try
        {
            await thresholds.ReportAsync(
                Instance, limits.VelocityHigh, limits.VelocityLow, limits.SentimentMin, limits.CommentMin, limits.Cutoff, cancellationToken);
        }
        // Nothing depends on it; posts are what the service is there for.
        catch (Exception exception) when (FailurePolicy.Of(exception) == FailureKind.Transient)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The thresholds of trending posts could not be reported; trying again in a minute")]
    private partial void LogFailed(Exception exception);
}
