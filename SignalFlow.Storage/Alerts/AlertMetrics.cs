using System.Diagnostics.Metrics;

namespace SignalFlow.Storage.Alerts;

/// <summary>What the rules of all users did, evaluated by this process.</summary>
internal sealed class AlertMetrics
{
    private readonly Counter<long> _alerts;
    private readonly Counter<long> _failures;

    public AlertMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(StorageExtensions.MeterName);
        _alerts = meter.CreateCounter<long>(
            "signalflow_alerts", description: "Alerts by kind of rule and outcome: fired, muted, or suppressed by the rule's limit.");
        _failures = meter.CreateCounter<long>("signalflow_alert_rule_failures", description: "Evaluations of a rule that failed.");
        // Rates need a first value to rise from.
        _failures.Add(0);
        foreach (var kind in AlertKinds.All)
        {
            foreach (var outcome in (string[])["fired", "muted", "suppressed"])
                Add(kind, outcome, 0);
        }
    }

    public void Fired(string kind, int fired, int suppressed, bool muted)
    {
        Add(kind, muted ? "muted" : "fired", fired);
        Add(kind, "suppressed", suppressed);
    }

    public void Failed() => _failures.Add(1);

    private void Add(string kind, string outcome, int count) => _alerts.Add(count, new("kind", kind), new("outcome", outcome));
}
