using Microsoft.Extensions.Options;
using SignalFlow.Storage.Alerts;
using SignalFlow.Storage.Alerts.Delivery;

namespace SignalFlow.Processing.Alerts;

/// <summary>Keeps sending, several messages at a time. Any number of processes may do it at once.</summary>
internal sealed partial class AlertSender(
    AlertDispatch dispatch,
    AlertDeliveryStore deliveries,
    AlertDeliveryMetrics metrics,
    IOptions<AlertOptions> options,
    TimeProvider time,
    ILogger<AlertSender> logger) : BackgroundService
{
    private static readonly TimeSpan IdlePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll([.. Enumerable.Range(0, options.Value.Senders).Select(_ => SendAsync(stoppingToken)), CountAsync(stoppingToken)]);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end.
        }
    }

    private async Task SendAsync(CancellationToken stop)
    {
        while (true)
        {
            var pause = IdlePause;
            try
            {
                while (await dispatch.SendNextAsync(stop))
                {
                }
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                // Alerts must not take the service with them; what was claimed is free again in a minute.
                LogFailed(exception);
                pause = FailurePause;
            }

            await Task.Delay(pause, time, stop);
        }
    }

    private async Task CountAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                metrics.Pending(await deliveries.CountDueAsync(time.GetUtcNow(), stop));
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                // The gauge keeps its last value.
                LogNotCounted(exception.Message);
            }

            await Task.Delay(CountInterval, time, stop);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Alerts are not sent for a moment")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(LogLevel.Debug, "Alerts that wait were not counted: {Reason}")]
    private partial void LogNotCounted(string reason);
}
