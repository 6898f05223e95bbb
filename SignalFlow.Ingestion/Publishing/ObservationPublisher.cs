using System.Diagnostics;
using System.Text.Json;
using Confluent.Kafka;
using SignalFlow.Contracts;
using SignalFlow.ServiceDefaults;

namespace SignalFlow.Ingestion.Publishing;

/// <summary>Publishes observations and tells which of them Kafka has confirmed: only those count as seen.</summary>
internal sealed partial class ObservationPublisher(
    LastingProducer<string, byte[]> producer, IngestionMetrics metrics, TimeProvider time, ILogger<ObservationPublisher> logger)
{
    private static readonly TimeSpan QueueFullWait = TimeSpan.FromMilliseconds(100);

    /// <returns>The ids that Kafka has confirmed; ends when every delivery has been reported.</returns>
    public Task<IReadOnlySet<string>> PublishAsync(
        string topic, IReadOnlyCollection<PostObservation> observations, CancellationToken cancellationToken) =>
        producer.UseAsync(kafka => PublishAsync(kafka, topic, observations, cancellationToken));

    /// <summary>Waits for what is still on its way, at most <paramref name="budget"/>.</summary>
    public void Flush(TimeSpan budget)
    {
        var left = producer.Flush(budget);
        if (left > 0)
            LogUnflushed(left);
    }

    private async Task<IReadOnlySet<string>> PublishAsync(
        IProducer<string, byte[]> kafka, string topic, IReadOnlyCollection<PostObservation> observations, CancellationToken cancellationToken)
    {
        var deliveries = new Deliveries(observations.Count);
        using var activity = KafkaActivity.Send(topic, observations.Count);
        // One for all of them: the context is that of the answer, not of each post.
        var headers = KafkaActivity.CurrentHeaders();
        foreach (var observation in observations)
        {
            var message = new Message<string, byte[]>
            {
                Key = observation.Id,
                Value = JsonSerializer.SerializeToUtf8Bytes(observation, ContractsJsonContext.Default.PostObservation),
                Headers = headers,
            };
            if (await EnqueueAsync(kafka, topic, message, deliveries.Report, cancellationToken) is { } error)
                deliveries.Report(observation.Id, error);
        }

        var persisted = await deliveries.Completed;
        metrics.Published(topic, persisted.Count);
        if (persisted.Count == observations.Count)
            return persisted;
        activity?.SetStatus(ActivityStatusCode.Error, deliveries.LastError?.Reason);
        LogUndelivered(observations.Count - persisted.Count, topic, deliveries.LastError?.Reason ?? "not persisted");
        return persisted;
    }

    private async ValueTask<Error?> EnqueueAsync(
        IProducer<string, byte[]> kafka, string topic, Message<string, byte[]> message, Action<DeliveryReport<string, byte[]>> report,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                kafka.Produce(topic, message, report);
                return null;
            }
            catch (ProduceException<string, byte[]> exception) when (exception.Error.Code == ErrorCode.Local_QueueFull)
            {
                // By design: the queue's bound is what makes polling wait while Kafka is away.
                if (cancellationToken.IsCancellationRequested)
                    return exception.Error;
                await Task.Delay(QueueFullWait, time, CancellationToken.None);
            }
            catch (ProduceException<string, byte[]> exception)
            {
                return exception.Error;
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Kafka did not take {Count} observation(s) for {Topic} ({Reason}); they will be observed again")]
    private partial void LogUndelivered(int count, string topic, string reason);

    [LoggerMessage(LogLevel.Warning, "{Count} observation(s) were still on their way to Kafka at the end")]
    private partial void LogUnflushed(int count);

    private sealed class Deliveries
    {
        private readonly Lock _lock = new();
        private readonly HashSet<string> _persisted = [];

        // Reports come on librdkafka's thread, which must not run what awaits them.
        private readonly TaskCompletionSource<IReadOnlySet<string>> _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _outstanding;

        public Deliveries(int count)
        {
            _outstanding = count;
            if (count == 0)
                _completed.SetResult(_persisted);
        }

        public Task<IReadOnlySet<string>> Completed => _completed.Task;

        public Error? LastError { get; private set; }

        public void Report(DeliveryReport<string, byte[]> report) =>
            Report(report.Message.Key, report.Status == PersistenceStatus.Persisted ? null : report.Error);

        public void Report(string id, Error? error)
        {
            lock (_lock)
            {
                if (error is null)
                    _persisted.Add(id);
                else
                    LastError = error;
                if (--_outstanding == 0)
                    _completed.SetResult(_persisted);
            }
        }
    }
}
