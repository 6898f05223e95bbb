using System.Diagnostics.Metrics;

namespace SignalFlow.Web;

internal sealed class WebMetrics
{
    public const string MeterName = "SignalFlow.Web";

    private readonly Counter<long> _updates;
    private int _connected;
    private int _circuits;

    public WebMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _updates = meter.CreateCounter<long>("signalflow_web_live_updates_total", description: "Post updates received from the live stream.");
        meter.CreateObservableGauge("signalflow_web_live_connected", () => Volatile.Read(ref _connected),
            description: "1 while the live stream of the API is connected.");
        meter.CreateObservableGauge("signalflow_web_circuits", () => Volatile.Read(ref _circuits),
            description: "Browser sessions held by this process.");
    }

    public void LiveUpdates(int posts) => _updates.Add(posts);

    public void LiveConnected(bool connected) => Volatile.Write(ref _connected, connected ? 1 : 0);

    public void CircuitOpened() => Interlocked.Increment(ref _circuits);

    public void CircuitClosed() => Interlocked.Decrement(ref _circuits);
}
