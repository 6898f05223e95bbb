using System.Diagnostics.Metrics;

namespace SignalFlow.Api.Live;

internal sealed class LiveMetrics
{
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _updates;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _tooSlow;

    public LiveMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("SignalFlow.Api");
        _connections = meter.CreateUpDownCounter<long>("signalflow_live_connections", description: "Open live connections.");
        _updates = meter.CreateCounter<long>("signalflow_live_updates", description: "Updates received from processing.");
        _sent = meter.CreateCounter<long>("signalflow_live_messages_sent", description: "Updates sent to live connections.");
        _tooSlow = meter.CreateCounter<long>("signalflow_live_slow_clients", description: "Connections closed because they fell behind.");
    }

    public void Opened() => _connections.Add(1);
    public void Closed() => _connections.Add(-1);
    public void Received() => _updates.Add(1);
    public void Sent() => _sent.Add(1);
    public void TooSlow() => _tooSlow.Add(1);
}
