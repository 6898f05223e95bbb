using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;
using SignalFlow.Embedded.Kafka;

namespace SignalFlow.Embedded;

/// <summary>
/// A Kafka cluster inside this process: librdkafka's mock brokers, which speak the real protocol over TCP on the loopback
/// interface to any client in any process. Consumer groups, rebalances, idempotent producers and compression work.
/// </summary>
/// <remarks>
/// It keeps messages in memory only, at most 5 MiB or 100,000 message sets a partition, has no admin requests
/// (<see cref="CreateTopic"/> stands in for CreateTopics; a topic that is first produced to gets four partitions) and moves no
/// leader by itself when a broker is down. A default for one machine and a broker for tests, not for production.
/// </remarks>
public sealed class EmbeddedKafka : IDisposable
{
    // Kafka waits 3 s for more members before a group's first assignment; one process starts all of its members at once.
    private const int InitialRebalanceDelayMs = 200;

    private readonly MockClusterHandle _cluster;
    private readonly int _brokers;

    private EmbeddedKafka(MockClusterHandle cluster, int brokers)
    {
        _cluster = cluster;
        _brokers = brokers;
        BootstrapServers = Marshal.PtrToStringUTF8(LibRdKafka.Bootstraps(cluster))
            ?? throw new EmbeddedInfrastructureException("The embedded Kafka did not say on which ports it listens.");
    }

    /// <summary>Addresses of all brokers, <c>127.0.0.1:port,…</c>.</summary>
    public string BootstrapServers { get; }

    /// <summary>Starts a cluster whose brokers have the ids 1 to <paramref name="brokers"/>.</summary>
    /// <exception cref="EmbeddedInfrastructureException">The native library is missing or cannot open its ports.</exception>
    public static EmbeddedKafka Start(int brokers = 3)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(brokers, 1);

        var client = NewClient();
        var cluster = LibRdKafka.NewCluster(client, brokers);
        if (cluster == 0)
        {
            LibRdKafka.DestroyClient(client);
            throw new EmbeddedInfrastructureException($"The embedded Kafka could not open {brokers} loopback ports for its brokers.");
        }

        var handle = new MockClusterHandle(client, cluster);
        LibRdKafka.SetInitialRebalanceDelay(handle, InitialRebalanceDelayMs);
        return new EmbeddedKafka(handle, brokers);
    }

    /// <summary>Creates a topic. Where every broker has a replica, the partitions' leaders are spread evenly.</summary>
    /// <exception cref="EmbeddedInfrastructureException">The topic exists already, or the numbers do not fit the cluster.</exception>
    public void CreateTopic(string name, int partitions, int replicationFactor)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(replicationFactor, 1);
        ThrowIfFailed(
            LibRdKafka.CreateTopic(_cluster, name, partitions, replicationFactor),
            $"create the topic {name} with {partitions} partitions and {replicationFactor} replicas");

        // librdkafka picks each leader at random, which can leave a broker without any.
        if (replicationFactor < _brokers)
            return;

        for (var partition = 0; partition < partitions; partition++)
            SetPartitionLeader(name, partition, (partition % _brokers) + 1);
    }

    /// <summary>Makes a broker leader of a partition; null leaves the partition without a leader.</summary>
    public void SetPartitionLeader(string topic, int partition, int? broker) =>
        ThrowIfFailed(
            LibRdKafka.SetPartitionLeader(_cluster, topic, partition, broker ?? -1),
            $"make broker {broker?.ToString(CultureInfo.InvariantCulture) ?? "none"} the leader of {topic}/{partition}");

    /// <summary>Cuts the broker's connections and refuses new ones. Its partitions keep it as their leader.</summary>
    public void SetBrokerDown(int id) => ThrowIfFailed(LibRdKafka.SetBrokerDown(_cluster, id), $"take broker {id} down");

    public void SetBrokerUp(int id) => ThrowIfFailed(LibRdKafka.SetBrokerUp(_cluster, id), $"bring broker {id} up");

    /// <summary>Delays every answer of a broker; whole milliseconds.</summary>
    public void SetRoundTripTime(int id, TimeSpan roundTripTime) =>
        ThrowIfFailed(
            LibRdKafka.SetRoundTripTime(_cluster, id, checked((int)roundTripTime.TotalMilliseconds)),
            $"set the round-trip time of broker {id}");

    /// <summary>
    /// Answers the next requests of a kind, on any broker, with these errors, one each, in this order.
    /// <see cref="ErrorCode.Local_Transport"/> cuts the connection instead of answering.
    /// </summary>
    public void PushRequestErrors(KafkaRequest request, params ReadOnlySpan<ErrorCode> errors) =>
        LibRdKafka.PushRequestErrors(_cluster, (short)request, (nuint)errors.Length, errors);

    /// <summary>Forgets the errors pushed for a kind of request and not used yet.</summary>
    public void ClearRequestErrors(KafkaRequest request) => LibRdKafka.ClearRequestErrors(_cluster, (short)request);

    public void Dispose() => _cluster.Dispose();

    private static nint NewClient()
    {
        var error = new byte[LibRdKafka.ErrorTextSize];
        var configuration = LibRdKafka.NewConfiguration();
        // The instance only carries the cluster; its own notices ("no bootstrap.servers configured") would go to stderr.
        if (LibRdKafka.SetConfiguration(configuration, "log_level", "2", error, (nuint)error.Length) != 0)
            throw Refused(configuration, error);

        var client = LibRdKafka.NewClient(LibRdKafka.Producer, configuration, error, (nuint)error.Length);
        return client != 0 ? client : throw Refused(configuration, error);
    }

    private static EmbeddedInfrastructureException Refused(nint configuration, ReadOnlySpan<byte> error)
    {
        LibRdKafka.DestroyConfiguration(configuration);
        var length = error.IndexOf((byte)0);
        return new EmbeddedInfrastructureException($"The embedded Kafka cannot start: {Encoding.UTF8.GetString(error[..Math.Max(length, 0)])}.");
    }

    private static void ThrowIfFailed(ErrorCode code, string action)
    {
        if (code != ErrorCode.NoError)
            throw new EmbeddedInfrastructureException($"The embedded Kafka could not {action}: {new Error(code).Reason}.");
    }
}
