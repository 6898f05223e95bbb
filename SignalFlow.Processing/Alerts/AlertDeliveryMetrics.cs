using System.Diagnostics.Metrics;

namespace SignalFlow.Processing.Alerts;

internal sealed class AlertDeliveryMetrics
{
    private static readonly string[] Channels = ["webhook", "slack", "discord", "email"];
    private static readonly string[] Outcomes = [Delivered, Retried, Failed];

    public const string Delivered = "delivered";
    public const string Retried = "retried";
    public const string Failed = "failed";

    private readonly Counter<long> _deliveries;
    private readonly Histogram<double> _duration;
    private long _pending;

    public AlertDeliveryMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ProcessingMetrics.MeterName);
        _deliveries = meter.CreateCounter<long>(
            "signalflow_alert_deliveries",
            description: "Attempts to send alerts by this process, by channel and outcome: delivered, retried (another follows), or failed (given up).");
        _duration = meter.CreateHistogram("signalflow_alert_delivery", "s", "How long an attempt took.", advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
        });
        meter.CreateObservableGauge(
            "signalflow_alert_deliveries_pending", () => Volatile.Read(ref _pending), description: "Alerts of all users that are due and not sent.");
        // Rates need a first value to rise from.
        foreach (var channel in Channels)
        {
            foreach (var outcome in Outcomes)
                _deliveries.Add(0, new("channel", channel), new("outcome", outcome));
        }
    }

    public void Attempted(string channel, string outcome, TimeSpan elapsed)
    {
        _deliveries.Add(1, new("channel", channel), new("outcome", outcome));
        _duration.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("channel", channel));
    }

    public void Pending(long count) => Volatile.Write(ref _pending, count);
}
