using Microsoft.Extensions.Options;
using Npgsql;
using SignalFlow.Ingestion.Planning;
using SignalFlow.Storage.Posts;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Ingestion;

/// <summary>Goes on where the last run stopped, keeps the list of subreddits current, and runs the loop of requests.</summary>
/// <param name="createLoop">
/// Called when the service runs, not when it is constructed: hosted services are constructed before options are validated, and the
/// loop reads them, so the first wrong section would hide the others.
/// </param>
internal sealed partial class IngestionService(
    Func<RequestLoop> createLoop,
    SubredditConfigStore subreddits,
    TrackedPostStore trackedPosts,
    IOptions<IngestionOptions> options,
    TimeProvider time,
    ILogger<IngestionService> logger) : BackgroundService
{
    // Together less than the host's shutdown timeout of 30 s.
    private static readonly TimeSpan DrainBudget = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FlushBudget = TimeSpan.FromSeconds(5);

    private static readonly Backoff DatabaseBackoff = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(30));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var loop = createLoop();
        try
        {
            await RestoreAsync(loop, stoppingToken);
            var requests = loop.RunAsync(stoppingToken);
            // Whichever fails takes the service down; when stopping, both end.
            await await Task.WhenAny(requests, KeepConfiguredAsync(loop, stoppingToken));
            await requests.WaitAsync(DrainBudget, time, CancellationToken.None);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (TimeoutException) when (stoppingToken.IsCancellationRequested)
        {
            LogNotDrained();
        }
        finally
        {
            loop.Flush(FlushBudget);
        }
    }

    private async Task RestoreAsync(RequestLoop loop, CancellationToken cancellationToken)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                loop.Configure(await subreddits.GetActiveAsync(cancellationToken));
                var horizon = new Cadence(options.Value).Horizon;
                loop.Restore(
                    await trackedPosts.LoadAsync(time.GetUtcNow() - horizon, cancellationToken),
                    await trackedPosts.LoadSubredditsAsync(cancellationToken));
                return;
            }
            catch (NpgsqlException exception)
            {
                var delay = DatabaseBackoff.Delay(failures, Random.Shared.NextDouble());
                LogDatabaseAway(exception.Message, delay.TotalSeconds);
                await Task.Delay(delay, time, cancellationToken);
            }
        }
    }

    private async Task KeepConfiguredAsync(RequestLoop loop, CancellationToken stoppingToken)
    {
        var interval = options.Value.ConfigPollInterval / options.Value.Speed;
        using var timer = new PeriodicTimer(interval > TimeSpan.FromSeconds(1) ? interval : TimeSpan.FromSeconds(1), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    loop.Configure(await subreddits.GetActiveAsync(stoppingToken));
                }
                catch (NpgsqlException exception)
                {
                    LogNotConfigured(exception.Message);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    [LoggerMessage(LogLevel.Warning, "The database does not answer ({Reason}); asking again in {Seconds:F1} s")]
    private partial void LogDatabaseAway(string reason, double seconds);

    [LoggerMessage(LogLevel.Warning, "The list of subreddits cannot be read ({Reason}); the last one stays in force")]
    private partial void LogNotConfigured(string reason);

    [LoggerMessage(LogLevel.Warning, "Requests under way did not end in time; what they brought will be observed again")]
    private partial void LogNotDrained();
}
