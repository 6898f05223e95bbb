using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using SignalFlow.Contracts;
using SignalFlow.ServiceDefaults;

namespace SignalFlow.Processing.Batches;

/// <summary>
/// One consumer span a batch, from its preparation to its announcement, linked to the spans that produced its records (OpenTelemetry messaging
/// conventions), with a span for each stage below it.
/// </summary>
internal static class BatchActivity
{
    private static readonly string[] StageNames = [.. Enum.GetNames<Stage>().Select(name => $"batch {name.ToLowerInvariant()}")];

    /// <returns>Null where nobody listens.</returns>
    public static Activity? Start(IReadOnlyList<ConsumeResult<byte[], byte[]>> records)
    {
        if (!ProcessingMetrics.Activities.HasListeners())
            return null;
        var activity = ProcessingMetrics.Activities.StartActivity("process posts", ActivityKind.Consumer);
        if (activity is not { IsAllDataRequested: true })
            return activity;
        activity.SetTag("messaging.system", "kafka");
        activity.SetTag("messaging.operation.type", "process");
        activity.SetTag("messaging.operation.name", "process");
        activity.SetTag("messaging.batch.message_count", records.Count);
        Locate(activity, records);
        Link(activity, records);
        return activity;
    }

    /// <summary>Part of a batch; null outside of one.</summary>
    public static Activity? Begin(Stage stage) =>
        Activity.Current is null ? null : ProcessingMetrics.Activities.StartActivity(StageNames[(int)stage]);

    /// <summary>The batch was not stored. Whoever tries again begins another span.</summary>
    public static void Fail(Activity? activity, Exception exception)
    {
        activity?.SetStatus(ActivityStatusCode.Error, exception.GetType().Name);
        activity?.Dispose();
    }

    private static void Locate(Activity activity, IReadOnlyList<ConsumeResult<byte[], byte[]>> records)
    {
        var partitions = records.Select(record => record.TopicPartition).Distinct().ToList();
        var topics = partitions.Select(partition => partition.Topic).Distinct().ToList();
        if (topics is [var topic])
            activity.SetTag("messaging.destination.name", topic);
        if (partitions is [var only])
            activity.SetTag("messaging.destination.partition.id", $"{only.Partition.Value}");
        else
            activity.SetTag("signalflow.partitions", partitions.Select(partition => $"{partition.Topic}:{partition.Partition.Value}").ToArray());
    }

    private static void Link(Activity activity, IReadOnlyList<ConsumeResult<byte[], byte[]>> records)
    {
        var linked = new HashSet<ActivityContext>();
        byte[]? last = null;
        foreach (var record in records)
        {
            if (record.Message.Headers is not { } headers)
                continue;
            if (headers.TryGetLastBytes(DeadLetterHeaders.ReplayTraceParent, out var replay))
                Add(replay, state: null);
            // Records of one answer come one after the other.
            if (!headers.TryGetLastBytes(KafkaActivity.TraceParent, out var trace) || trace is null || last.AsSpan().SequenceEqual(trace))
                continue;
            last = trace;
            Add(trace, headers.TryGetLastBytes(KafkaActivity.TraceState, out var state) ? Encoding.UTF8.GetString(state) : null);
        }

        if (linked.Count > KafkaActivity.MostLinks)
            activity.SetTag("signalflow.links_left_out", linked.Count - KafkaActivity.MostLinks);

        void Add(byte[]? trace, string? state)
        {
            // A span that nobody keeps would be a link to nowhere.
            if (trace is not null
                && ActivityContext.TryParse(Encoding.UTF8.GetString(trace), state, isRemote: true, out var context)
                && context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded)
                && linked.Add(context)
                && linked.Count <= KafkaActivity.MostLinks)
            {
                activity.AddLink(new(context));
            }
        }
    }
}
