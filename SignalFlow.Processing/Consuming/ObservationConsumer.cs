using Microsoft.Extensions.Options;

namespace SignalFlow.Processing.Consuming;

/// <summary>Runs the consume loops, each on a thread of its own.</summary>
internal sealed partial class ObservationConsumer(
    IServiceProvider services, IOptions<ProcessingOptions> options, ILogger<ObservationConsumer> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var loops = Enumerable.Range(0, options.Value.Consumers).Select(_ => StartAsync(stop)).ToArray();
        await Task.WhenAll(loops);
    }

    // The loop is synchronous, so LongRunning really keeps its thread.
    private Task StartAsync(CancellationTokenSource stop) => Task.Factory.StartNew(
        () =>
        {
            try
            {
                ActivatorUtilities.CreateInstance<ConsumeLoop>(services).Run(stop.Token);
            }
            catch (Exception exception)
            {
                LogFatal(exception, exception.Message);
                // One loop that fails for good ends the service; the orchestrator starts it anew.
                stop.Cancel();
                throw;
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
        TaskScheduler.Default);

    [LoggerMessage(LogLevel.Critical, "Processing cannot go on, and neither waiting nor other records would help: {Reason}. The service ends")]
    private partial void LogFatal(Exception exception, string reason);
}
