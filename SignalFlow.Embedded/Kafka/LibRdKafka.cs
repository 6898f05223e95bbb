using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace SignalFlow.Embedded.Kafka;

/// <summary>librdkafka's mock cluster (<c>rdkafka_mock.h</c>), from the same native file that Confluent.Kafka loads.</summary>
internal static partial class LibRdKafka
{
    public const int Producer = 0;
    public const int ErrorTextSize = 512;

    private const string NativeName = "librdkafka";

    static LibRdKafka() => NativeLibrary.SetDllImportResolver(typeof(LibRdKafka).Assembly, Resolve);

    [LibraryImport(NativeName, EntryPoint = "rd_kafka_conf_new")]
    public static partial nint NewConfiguration();

    [LibraryImport(NativeName, EntryPoint = "rd_kafka_conf_destroy")]
    public static partial void DestroyConfiguration(nint configuration);

    [LibraryImport(NativeName, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetConfiguration(nint configuration, string name, string value, Span<byte> error, nuint errorSize);

    [LibraryImport(NativeName, EntryPoint = "rd_kafka_new")]
    public static partial nint NewClient(int type, nint configuration, Span<byte> error, nuint errorSize);

    [LibraryImport(NativeName, EntryPoint = "rd_kafka_destroy")]
    public static partial void DestroyClient(nint client);

    [LibraryImport(NativeName, EntryPoint = "rd_kafka_mock_cluster_new")]
    public static partial nint NewCluster(nint client, int brokers);

    [LibraryImport(NativeName, EntryPoint = "rd_kafka_mock_cluster_destroy")]
    public static partial void DestroyCluster(nint cluster);

    [LibraryImport(NativeName, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    public static partial nint Bootstraps(MockClusterHandle cluster);

    [LibraryImport(NativeName, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial ErrorCode CreateTopic(MockClusterHandle cluster, string topic, int partitions, int replicationFactor);

    [LibraryImport(NativeName, EntryPoint = "rd_kafka_mock_partition_set_leader", StringMarshalling = StringMarshalling.Utf8)]
    public static partial ErrorCode SetPartitionLeader(MockClusterHandle cluster, string topic, int partition, int broker);

    [LibraryImport(NativeName, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
    public static partial void SetInitialRebalanceDelay(MockClusterHandle cluster, int milliseconds);

    [LibraryImport(NativeName, EntryPoint = "rd_kafka_mock_broker_set_down")]
    public static partial ErrorCode SetBrokerDown(MockClusterHandle cluster, int broker);

    [LibraryImport(NativeName, EntryPoint = "rd_kafka_mock_broker_set_up")]
    public static partial ErrorCode SetBrokerUp(MockClusterHandle cluster, int broker);

    [LibraryImport(NativeName, EntryPoint = "rd_kafka_mock_broker_set_rtt")]
    public static partial ErrorCode SetRoundTripTime(MockClusterHandle cluster, int broker, int milliseconds);

    [LibraryImport(NativeName, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    public static partial void PushRequestErrors(MockClusterHandle cluster, short apiKey, nuint count, ReadOnlySpan<ErrorCode> errors);

    [LibraryImport(NativeName, EntryPoint = "rd_kafka_mock_clear_request_errors")]
    public static partial void ClearRequestErrors(MockClusterHandle cluster, short apiKey);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name != NativeName)
            return 0;

        foreach (var candidate in Candidates())
        {
            if (NativeLibrary.TryLoad(candidate, typeof(Library).Assembly, searchPath, out var handle))
                return handle;
        }

        throw new EmbeddedInfrastructureException(
            $"The embedded Kafka cannot start: none of the native libraries {string.Join(", ", Candidates())} of Confluent.Kafka "
            + $"loads on {RuntimeInformation.RuntimeIdentifier}. Give a Kafka of your own in ConnectionStrings:kafka.");
    }

    // Confluent.Kafka's order: musl has one build; elsewhere the build with GSSAPI comes first and the one without it serves
    // where libsasl2.so.3 is absent, as on Debian.
    private static string[] Candidates() =>
        RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? ["alpine-librdkafka"]
        : OperatingSystem.IsLinux() ? ["librdkafka", "centos8-librdkafka", "alpine-librdkafka"]
        : ["librdkafka"];
}
