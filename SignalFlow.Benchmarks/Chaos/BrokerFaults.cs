using Confluent.Kafka;
using SignalFlow.Contracts;
using SignalFlow.Embedded;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>Brokers that are away, slow, or refuse.</summary>
internal sealed class BrokerFaults(EmbeddedKafka kafka, ChaosServices services)
{
    private const int Brokers = 3;

    // What brokers answer while they restart, elect and rebalance; not what tells a client that it may not, which ends a service.
    private static readonly (KafkaRequest Request, ErrorCode[] Errors)[] Refusals =
    [
        (KafkaRequest.Produce, [ErrorCode.NotLeaderForPartition, ErrorCode.NotEnoughReplicas, ErrorCode.RequestTimedOut, ErrorCode.Local_Transport]),
        (KafkaRequest.Fetch, [ErrorCode.NotLeaderForPartition, ErrorCode.LeaderNotAvailable, ErrorCode.Local_Transport]),
        (KafkaRequest.OffsetCommit,
            [ErrorCode.GroupCoordinatorNotAvailable, ErrorCode.NotCoordinatorForGroup, ErrorCode.RebalanceInProgress, ErrorCode.Local_Transport]),
        (KafkaRequest.OffsetFetch, [ErrorCode.NotCoordinatorForGroup, ErrorCode.GroupCoordinatorNotAvailable, ErrorCode.Local_Transport]),
        (KafkaRequest.Heartbeat, [ErrorCode.NotCoordinatorForGroup, ErrorCode.RebalanceInProgress, ErrorCode.UnknownMemberId, ErrorCode.Local_Transport]),
        (KafkaRequest.JoinGroup, [ErrorCode.GroupCoordinatorNotAvailable, ErrorCode.Local_Transport]),
        (KafkaRequest.SyncGroup, [ErrorCode.RebalanceInProgress, ErrorCode.Local_Transport]),
        (KafkaRequest.FindCoordinator, [ErrorCode.GroupCoordinatorNotAvailable, ErrorCode.Local_Transport]),
        (KafkaRequest.Metadata, [ErrorCode.Local_Transport]),
    ];

    // A group at rest does not ask these; who joins does.
    private static readonly KafkaRequest[] OfJoining =
        [KafkaRequest.OffsetFetch, KafkaRequest.JoinGroup, KafkaRequest.SyncGroup, KafkaRequest.FindCoordinator, KafkaRequest.Metadata];

    public Fault Down(Random random)
    {
        var ids = Enumerable.Range(1, Brokers).OrderBy(_ => random.Next()).Take(1 + random.Next(Brokers)).ToArray();
        var time = Fault.Seconds(random, 0.5, 5);
        return new(
            "brokers down", $"{ids.Length} of {Brokers} for {Fault.Text(time)}",
            Fault.For(time, () => Array.ForEach(ids, kafka.SetBrokerDown), () => Array.ForEach(ids, kafka.SetBrokerUp)));
    }

    public Fault LeadersChange(Random random)
    {
        var moves = Enumerable.Range(0, 1 + random.Next(12))
            .Select(_ => (
                Topic: random.Next(2) == 0 ? KafkaTopics.Raw : KafkaTopics.Refresh,
                Partition: random.Next(ChaosServers.Partitions), Broker: 1 + random.Next(Brokers)))
            .ToArray();
        // Never without one: the mock brokers of librdkafka 2.x read through a null pointer when a partition without a leader is fetched from.
        return new("leaders change", $"{moves.Length} partitions", Fault.For(
            TimeSpan.Zero, () => Array.ForEach(moves, move => kafka.SetPartitionLeader(move.Topic, move.Partition, move.Broker)), () => { }));
    }

    public Fault Refuse(Random random)
    {
        var (request, errors) = Refusals[random.Next(Refusals.Length)];
        var pushed = Enumerable.Range(0, 1 + random.Next(6)).Select(_ => errors[random.Next(errors.Length)]).ToArray();
        var time = Fault.Seconds(random, 0.5, 2);
        var detail = $"{request}: {string.Join(", ", pushed)}";
        return OfJoining.Contains(request)
            ? new("requests refused", $"{detail}, while processing-2 starts", cancellationToken => RefuseJoiningAsync(request, pushed, cancellationToken))
            : new("requests refused", detail, Fault.For(time, () => kafka.PushRequestErrors(request, pushed), () => kafka.ClearRequestErrors(request)));
    }

    private async Task RefuseJoiningAsync(KafkaRequest request, ErrorCode[] errors, CancellationToken cancellationToken)
    {
        var joining = services[ChaosServices.SecondProcessing];
        await joining.StopAsync();
        kafka.PushRequestErrors(request, errors);
        joining.Start();
        await joining.HealthyAsync(cancellationToken);
        kafka.ClearRequestErrors(request);
    }

    public Fault Slow(Random random)
    {
        var broker = 1 + random.Next(Brokers);
        var delay = TimeSpan.FromMilliseconds(100 + random.Next(1_500));
        var time = Fault.Seconds(random, 1, 5);
        return new(
            "broker slow", $"{broker} answers after {Fault.Text(delay)}, for {Fault.Text(time)}",
            Fault.For(time, () => kafka.SetRoundTripTime(broker, delay), () => kafka.SetRoundTripTime(broker, TimeSpan.Zero)));
    }
}
