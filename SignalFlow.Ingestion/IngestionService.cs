using Microsoft.Extensions.Options;
using Npgsql;
using SignalFlow.Ingestion.Planning;
using SignalFlow.Ingestion.Publishing;
using SignalFlow.Storage;
using SignalFlow.Storage.Ingestion;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Ingestion;

/// <summary>Waits for its shard, goes on where the last run stopped, keeps the list of subreddits current, and runs the loop of requests.</summary>
/// <param name="createRun">
/// Called when the service runs, not when it is constructed: hosted services are constructed before options are validated, and the
/// planner reads them, so the first wrong section would hide the others.
/// </param>
internal sealed partial class IngestionService(
    Func<IngestionRun> createRun,
    NpgsqlDataSource dataSource,
    SubredditConfigStore subreddits,
    IngestionStateStore states,
    IngestionStateWriter writer,
    ObservationPublisher publisher,
    IngestionPulse pulse,
    IOptions<IngestionOptions> options,
    TimeProvider time,
    ILogger<IngestionService> logger) : BackgroundService
{
    // Together less than the host's shutdown timeout of 30 s.
    private static readonly TimeSpan DrainBudget = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FlushBudget = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SaveBudget = TimeSpan.FromSeconds(5);

    private static readonly Backoff DatabaseBackoff = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(30));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await using var lease = new ShardLease(
                    dataSource, options.Value.ShardId, options.Value.ShardCount, Instance, time, logger);
                await PatientlyAsync(() => lease.AcquireAsync(pulse.StandBy, stoppingToken), stoppingToken);
                pulse.Begin();
                await PollAsync(lease, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private static string Instance => $"{Environment.MachineName}/{Environment.ProcessId}";

    /// <summary>Polls as long as the shard is ours. Another run begins with what the database holds, for another instance may have polled meanwhile.</summary>
    private async Task PollAsync(ShardLease lease, CancellationToken stoppingToken)
    {
        using var run = createRun();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        try
        {
            await PatientlyAsync(() => RestoreAsync(run, ending.Token), ending.Token);
            var requests = run.Loop.RunAsync(() => lease.IsHeld, ending.Token);
            var configuring = KeepConfiguredAsync(run, ending.Token);
            var writing = writer.RunAsync(run.Planner, ending.Token);
            // Whichever fails takes the service down; when stopping, or when the shard is another's, all end.
            var first = await Task.WhenAny(requests, configuring, writing, lease.Lost);
            await ending.CancelAsync();
            await first;
            await Task.WhenAll(requests, configuring, writing).WaitAsync(DrainBudget, time, CancellationToken.None);
        }
        catch (TimeoutException) when (ending.IsCancellationRequested)
        {
            LogNotDrained();
        }
        finally
        {
            publisher.Flush(FlushBudget);
            using var budget = new CancellationTokenSource(SaveBudget, time);
            if (!lease.Lost.IsCompleted)
                await writer.SaveAsync(run.Planner, budget.Token);
        }
    }

    private async Task RestoreAsync(IngestionRun run, CancellationToken cancellationToken)
    {
        var active = await subreddits.GetActiveAsync(cancellationToken);
        var state = await states.LoadAsync(options.Value.ShardId, time.GetUtcNow() - run.Planner.Cadence.Horizon, cancellationToken);
        lock (run.Planner.Gate)
        {
            var (added, removed) = run.Planner.Configure(active);
            run.Planner.Restore(state);
            LogConfigured(run.Planner.Subreddits.Count, added, removed);
            LogRestored(run.Planner.Tracked);
        }
    }

    private async Task KeepConfiguredAsync(IngestionRun run, CancellationToken cancellationToken)
    {
        var interval = options.Value.ConfigPollInterval / options.Value.Speed;
        using var timer = new PeriodicTimer(interval > TimeSpan.FromSeconds(1) ? interval : TimeSpan.FromSeconds(1), time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                try
                {
                    var active = await subreddits.GetActiveAsync(cancellationToken);
                    lock (run.Planner.Gate)
                    {
                        var (added, removed) = run.Planner.Configure(active);
                        if (added + removed > 0)
                            LogConfigured(run.Planner.Subreddits.Count, added, removed);
                    }

                    run.Loop.Wake();
                }
                catch (Exception exception) when (exception.IsOfDatabase())
                {
                    LogNotConfigured(exception.Message);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private async Task PatientlyAsync(Func<Task> action, CancellationToken cancellationToken)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                await action();
                return;
            }
            catch (Exception exception) when (exception.IsOfDatabase())
            {
                var delay = DatabaseBackoff.Delay(failures, Random.Shared.NextDouble());
                LogDatabaseAway(exception.Message, delay.TotalSeconds);
                await Task.Delay(delay, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Polling {Count} subreddits ({Added} new, {Removed} removed)")]
    private partial void LogConfigured(int count, int added, int removed);

    [LoggerMessage(LogLevel.Information, "Goes on refreshing {Count} posts of an earlier run")]
    private partial void LogRestored(int count);

    [LoggerMessage(LogLevel.Warning, "The database does not answer ({Reason}); asking again in {Seconds:F1} s")]
    private partial void LogDatabaseAway(string reason, double seconds);

    [LoggerMessage(LogLevel.Warning, "The list of subreddits cannot be read ({Reason}); the last one stays in force")]
    private partial void LogNotConfigured(string reason);

    [LoggerMessage(LogLevel.Warning, "Requests under way did not end in time; what they brought will be observed again")]
    private partial void LogNotDrained();
}
