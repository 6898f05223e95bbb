namespace SignalFlow.Processing.DeadLetters;

/// <summary>Runs the loop that keeps the dead letters in <c>dlq_events</c>, on a thread of its own.</summary>
internal sealed partial class DeadLetterConsumer(IServiceProvider services, ILogger<DeadLetterConsumer> logger) : BackgroundService
{
    // The loop is synchronous, so LongRunning really keeps its thread.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Factory.StartNew(
        () =>
        {
            try
            {
                ActivatorUtilities.CreateInstance<DeadLetterLoop>(services).Run(stoppingToken);
            }
            catch (Exception exception)
            {
                LogFatal(exception, exception.Message);
                throw;
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
        TaskScheduler.Default);

    [LoggerMessage(LogLevel.Critical, "Dead letters cannot be stored, and waiting would not help: {Reason}. The service ends")]
    private partial void LogFatal(Exception exception, string reason);
}
