using System.Diagnostics;
using System.Text;
using Confluent.Kafka;

namespace SignalFlow.ServiceDefaults;

/// <summary>
/// Producer spans by OpenTelemetry's conventions for messaging, and the trace context in the headers of records. What is sent together has one span:
/// one for each record would cost more than the record.
/// </summary>
public static class KafkaActivity
{
    public const string SourceName = "SignalFlow.Kafka";

    public const string TraceParent = "traceparent";
    public const string TraceState = "tracestate";

    /// <summary>More of them tell nothing more, and exporters cut them off at 128.</summary>
    public const int MostLinks = 32;

    private static readonly ActivitySource Source = new(SourceName);

    /// <param name="topic">Null: several.</param>
    /// <param name="messages">How many are sent together.</param>
    /// <returns>Null where nobody listens.</returns>
    public static Activity? Send(string? topic, int messages)
    {
        if (!Source.HasListeners())
            return null;
        var activity = Source.StartActivity(topic is null ? "send" : $"send {topic}", ActivityKind.Producer);
        if (activity is not { IsAllDataRequested: true })
            return activity;
        activity.SetTag("messaging.system", "kafka");
        activity.SetTag("messaging.operation.type", "send");
        activity.SetTag("messaging.operation.name", "send");
        if (topic is not null)
            activity.SetTag("messaging.destination.name", topic);
        activity.SetTag("messaging.batch.message_count", messages);
        return activity;
    }

    /// <summary>The context of the present span; null where there is none.</summary>
    public static Headers? CurrentHeaders()
    {
        if (Activity.Current is not { IdFormat: ActivityIdFormat.W3C, Id: { } id } activity)
            return null;
        var headers = new Headers { { TraceParent, Encoding.ASCII.GetBytes(id) } };
        if (activity.TraceStateString is { Length: > 0 } state)
            headers.Add(TraceState, Encoding.UTF8.GetBytes(state));
        return headers;
    }
}
