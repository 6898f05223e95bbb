using System.Diagnostics.Metrics;

namespace SignalFlow.Api.DeadLetters.Replaying;

/// <summary>What operators do with dead letters; processing counts what comes of it.</summary>
internal sealed class ReplayMetrics
{
    public const string MeterName = "SignalFlow.Api";

    private readonly Counter<long> _replays;
    private readonly Counter<long> _discards;

    public ReplayMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _replays = meter.CreateCounter<long>(
            "signalflow_dlq_replays", description: "Dead letters taken for a replay: sent, returned (Kafka was away), refused.");
        _discards = meter.CreateCounter<long>("signalflow_dlq_discards", description: "Dead letters discarded.");
        // Rates need a first value to rise from.
        Replayed(0, 0, 0);
        Discarded(0);
    }

    public void Replayed(long sent, long returned, long refused)
    {
        _replays.Add(sent, new KeyValuePair<string, object?>("outcome", "sent"));
        _replays.Add(returned, new KeyValuePair<string, object?>("outcome", "returned"));
        _replays.Add(refused, new KeyValuePair<string, object?>("outcome", "refused"));
    }

    public void Discarded(long letters) => _discards.Add(letters);
}
