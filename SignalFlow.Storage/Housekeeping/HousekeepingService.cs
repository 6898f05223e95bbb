using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace SignalFlow.Storage.Housekeeping;

/// <summary>Runs the jobs of the storage, each at its interval. Any number of processes may do it at once.</summary>
internal sealed partial class HousekeepingService(
    StorageJobs jobs, StorageJobRunner runner, StorageSampler sampler, StorageMetrics metrics, TimeProvider time, ILogger<HousekeepingService> logger)
    : BackgroundService
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SampleInterval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var all = await FindJobsAsync(stoppingToken);
            metrics.Expect(all.Select(job => job.Name));
            await Task.WhenAll([.. all.Select(job => RepeatAsync(job, stoppingToken)), SampleAsync(stoppingToken)]);
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // The end; also what the database says that has gone first, since nothing is tried again.
        }
    }

    private async Task<IReadOnlyList<StorageJob>> FindJobsAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return await jobs.ForDatabaseAsync(stop);
            }
            catch (Exception exception) when (exception.IsOfDatabase())
            {
                LogNoDatabase(exception.Message);
                await Task.Delay(RetryInterval, time, stop);
            }
        }
    }

    private async Task RepeatAsync(StorageJob job, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                if (await runner.RunAsync(job, stop) is { } items)
                    LogDone(job.Name, items);
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                // Housekeeping must not take the service with it; the next run tries again.
                LogFailed(job.Name, job.Interval, exception);
            }

            await Task.Delay(job.Interval, time, stop);
        }
    }

    // In every process, whoever does the jobs: the figures are the database's.
    private async Task SampleAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await sampler.SampleAsync(stop);
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                // The gauges keep their last values, and the age of the last success grows.
                LogNotSampled(exception.Message);
            }

            await Task.Delay(SampleInterval, time, stop);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Storage job {Job} done: {Items}")]
    private partial void LogDone(string job, long items);

    [LoggerMessage(LogLevel.Warning, "Storage job {Job} failed; it runs again in {Interval}")]
    private partial void LogFailed(string job, TimeSpan interval, Exception exception);

    [LoggerMessage(LogLevel.Debug, "The storage was not measured: {Reason}")]
    private partial void LogNotSampled(string reason);

    [LoggerMessage(LogLevel.Warning, "Housekeeping waits for the database: {Reason}")]
    private partial void LogNoDatabase(string reason);
}
