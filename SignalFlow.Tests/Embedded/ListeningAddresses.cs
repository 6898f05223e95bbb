using System.Net.NetworkInformation;

namespace SignalFlow.Tests.Embedded;

internal static class ListeningAddresses
{
    public static IEnumerable<string> Of(int port) =>
        IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners()
            .Where(endpoint => endpoint.Port == port)
            .Select(endpoint => endpoint.Address.ToString());
}
