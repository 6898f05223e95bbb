using System.Collections.Concurrent;
using System.Diagnostics;

namespace SignalFlow.Tests.Telemetry;

/// <summary>Keeps the spans of one trace only, so that tests beside are as without anybody who listens.</summary>
internal sealed class TraceRecorder : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();

    public TraceRecorder(params string[] sources)
    {
        Root = new(_trace, ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true);
        _listener = new()
        {
            ShouldListenTo = source => sources.Contains(source.Name),
            Sample = (ref options) => options.Parent.TraceId == _trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = Ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Where the trace begins.</summary>
    public ActivityContext Root { get; }

    public string TraceParent => $"00-{_trace}-{Root.SpanId}-01";

    public ConcurrentQueue<Activity> Ended { get; } = [];

    public Activity? Find(string name) => Ended.FirstOrDefault(activity => activity.OperationName == name);

    public void Dispose() => _listener.Dispose();
}
