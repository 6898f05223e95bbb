using System.Diagnostics;
using System.Text;
using Confluent.Kafka;

namespace SignalFlow.Processing.Batches;

/// <summary>One consumer span a batch, linked to the spans that produced its records (OpenTelemetry messaging conventions).</summary>
internal static class BatchActivity
{
    public static Activity? Start(IReadOnlyList<ConsumeResult<byte[], byte[]>> records)
    {
        if (!ProcessingMetrics.Activities.HasListeners())
            return null;

        var links = records.Select(Context).OfType<ActivityContext>().Distinct().Select(context => new ActivityLink(context));
        var tags = new ActivityTagsCollection
        {
            ["messaging.system"] = "kafka",
            ["messaging.operation.type"] = "process",
            ["messaging.batch.message_count"] = records.Count,
        };
        return ProcessingMetrics.Activities.StartActivity("process posts", ActivityKind.Consumer, parentContext: default, tags, links);
    }

    private static ActivityContext? Context(ConsumeResult<byte[], byte[]> record)
    {
        if (record.Message.Headers is not { } headers || !headers.TryGetLastBytes("traceparent", out var traceParent))
            return null;
        var traceState = headers.TryGetLastBytes("tracestate", out var state) ? Encoding.UTF8.GetString(state) : null;
        return ActivityContext.TryParse(Encoding.UTF8.GetString(traceParent), traceState, isRemote: true, out var context) ? context : null;
    }
}
