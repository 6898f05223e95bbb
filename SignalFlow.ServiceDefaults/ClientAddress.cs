using System.Net;
using System.Net.Sockets;

namespace SignalFlow.ServiceDefaults;

/// <summary>Whom a limit by address counts.</summary>
public static class ClientAddress
{
    private const int SubscriberBytes = 8;

    /// <summary>
    /// An IPv4 address as it is, however it is written; of an IPv6 address the first 64 bits: whoever has one has all that begin so, and would
    /// be somebody else with each of them.
    /// </summary>
    public static IPAddress SubscriberOf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, SubscriberBytes, bytes.Length - SubscriberBytes);
        return new(bytes);
    }
}
