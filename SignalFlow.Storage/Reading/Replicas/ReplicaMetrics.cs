using System.Diagnostics.Metrics;

namespace SignalFlow.Storage.Reading.Replicas;

internal sealed class ReplicaMetrics
{
    private readonly Counter<long> _reads;
    private readonly Counter<long> _repeated;

    public ReplicaMetrics(IMeterFactory meters, IReadOnlyList<ReadReplica> replicas)
    {
        var meter = meters.Create(StorageExtensions.MeterName);
        _reads = meter.CreateCounter<long>("signalflow_reads", description: "Queries of the read model, by where they were sent.");
        _repeated = meter.CreateCounter<long>("signalflow_reads_repeated", description: "Queries sent again because their server had gone.");
        meter.CreateObservableGauge(
            "signalflow_replica_lag",
            () => replicas.Where(replica => replica.Status.Lag is not null)
                .Select(replica => new Measurement<double>(replica.Status.Lag!.Value.TotalSeconds, Of(replica))),
            "s",
            "How old the data of a replica are.");
        meter.CreateObservableGauge(
            "signalflow_replica_in_use",
            () => replicas.Select(replica => new Measurement<int>(replica.IsUsed ? 1 : 0, Of(replica))),
            description: "Whether reads go to a replica.");
        // Rates need a first value to rise from.
        _repeated.Add(0);
    }

    public void Read(ReadTarget target) => _reads.Add(1, new KeyValuePair<string, object?>("target", target.Kind));

    public void Repeated() => _repeated.Add(1);

    private static KeyValuePair<string, object?> Of(ReadReplica replica) => new("replica", replica.Number);
}
