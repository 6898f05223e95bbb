using System.Diagnostics.Metrics;

namespace SignalFlow.Api.Live;

internal sealed class LiveMetrics
{
    private static readonly KeyValuePair<string, object?>[] Tags = [new("transport", "websocket"), new("transport", "signalr"), new("transport", "sse")];

    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _updates;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _coalesced;
    private readonly Counter<long> _missed;
    private readonly Counter<long> _tooSlow;
    private readonly Histogram<double> _delay;

    public LiveMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("SignalFlow.Api");
        _connections = meter.CreateUpDownCounter<long>("signalflow_live_connections", description: "Open live connections, by transport.");
        _refused = meter.CreateCounter<long>("signalflow_live_refused", description: "Connections refused, by reason (total, user, address, origin).");
        _updates = meter.CreateCounter<long>("signalflow_live_updates", description: "Updates received from processing.");
        _lost = meter.CreateCounter<long>("signalflow_live_lost_updates", description: "Times that updates were lost and clients were sent to the database.");
        _sent = meter.CreateCounter<long>("signalflow_live_messages_sent", description: "Messages sent to live connections, by transport.");
        _bytes = meter.CreateCounter<long>("signalflow_live_sent_bytes", "By", "Bytes of these messages, by transport.");
        _coalesced = meter.CreateCounter<long>("signalflow_live_coalesced", description: "States that joined a message which waited for a slow client.");
        _missed = meter.CreateCounter<long>("signalflow_live_missed", description: "States passed over because too many waited for a slow client.");
        _tooSlow = meter.CreateCounter<long>("signalflow_live_slow_clients", description: "Connections closed because they took nothing, by transport.");
        _delay = meter.CreateHistogram(
            "signalflow_live_delay", "s", "From the commit to the sending, of a message's oldest state.", advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30],
            });
        // Rates need a first value to rise from.
        _lost.Add(0);
    }

    public void Opened(LiveTransport transport) => _connections.Add(1, Tags[(int)transport]);
    public void Closed(LiveTransport transport) => _connections.Add(-1, Tags[(int)transport]);
    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
    public void Received() => _updates.Add(1);
    public void Lost() => _lost.Add(1);
    public void Coalesced(int posts) => _coalesced.Add(posts);
    public void Missed(int posts) => _missed.Add(posts);
    public void TooSlow(LiveTransport transport) => _tooSlow.Add(1, Tags[(int)transport]);

    public void Sent(LiveTransport transport, int bytes, TimeSpan? delay)
    {
        _sent.Add(1, Tags[(int)transport]);
        _bytes.Add(bytes, Tags[(int)transport]);
        if (delay is { } known)
            _delay.Record(known.TotalSeconds, Tags[(int)transport]);
    }
}
