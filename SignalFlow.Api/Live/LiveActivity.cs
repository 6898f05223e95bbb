using System.Diagnostics;

namespace SignalFlow.Api.Live;

/// <summary>The span of what arrives from processing.</summary>
internal static class LiveActivity
{
    public static readonly ActivitySource Source = new("SignalFlow.Api.Live");

    /// <summary>Part of the trace of the batch that it tells of. Null where nobody listens.</summary>
    public static Activity? Start(LiveBatch batch)
    {
        if (!Source.HasListeners())
            return null;
        // Processing of an earlier version says nothing of it; then it is a trace of its own.
        _ = ActivityContext.TryParse(batch.TraceParent, null, isRemote: true, out var parent);
        var activity = Source.StartActivity("live update", ActivityKind.Consumer, parent);
        activity?.SetTag("signalflow.posts", batch.Posts.Count);
        return activity;
    }
}
