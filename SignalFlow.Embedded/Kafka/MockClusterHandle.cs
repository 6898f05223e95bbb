using Microsoft.Win32.SafeHandles;

namespace SignalFlow.Embedded.Kafka;

/// <summary>A mock cluster and the client instance it lives on. Invariant: the cluster goes before its client.</summary>
internal sealed class MockClusterHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly nint _client;

    public MockClusterHandle(nint client, nint cluster)
        : base(ownsHandle: true)
    {
        _client = client;
        SetHandle(cluster);
    }

    protected override bool ReleaseHandle()
    {
        LibRdKafka.DestroyCluster(handle);
        LibRdKafka.DestroyClient(_client);
        return true;
    }
}
