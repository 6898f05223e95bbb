using System.Reflection;
using SignalFlow.Storage.Pipeline;

namespace SignalFlow.Processing.Reporting;

/// <summary>Says every few seconds, and when the service ends, how this process is doing, so that the API can show it.</summary>
internal sealed partial class PipelineReporter(
    PipelineMonitor monitor, PipelineStateStore states, TimeProvider time, ILogger<PipelineReporter> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FarewellBudget = TimeSpan.FromSeconds(2);
    private static readonly string Instance = $"{Environment.MachineName}/{Environment.ProcessId}";

    private static readonly string Version =
        typeof(PipelineReporter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    private bool _isFailing;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var budget = new CancellationTokenSource(FarewellBudget, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellationToken);
        await ReportAsync(Report() with { IsStopped = true, IsPaused = false, Partitions = [] }, either.Token);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
                await ReportAsync(Report(), stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Said by the last report.
        }
    }

    private PipelineReport Report() => monitor.Report(Instance, Version);

    private async Task ReportAsync(PipelineReport report, CancellationToken cancellationToken)
    {
        try
        {
            await states.ReportAsync(report, cancellationToken);
            _isFailing = false;
        }
        // Whatever it is: posts are what the service is there for, and the next report comes in a moment.
        catch (Exception exception)
        {
            if (!_isFailing && !cancellationToken.IsCancellationRequested)
                LogFailed(exception, Interval);
            _isFailing = true;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The state of the pipeline could not be reported; trying again every {Interval}")]
    private partial void LogFailed(Exception exception, TimeSpan interval);
}
