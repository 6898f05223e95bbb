using System.Net;
using System.Net.Sockets;

namespace SignalFlow.ServiceDefaults;

/// <summary>Whom limits by address count.</summary>
public static class ClientAddress
{
    private const int Ipv6NetworkBytes = 8;

    /// <summary>
    /// An address of IPv4, in either of its forms; of IPv6 the network (/64) that it is in, as whoever has one address there has all of them.
    /// </summary>
    public static IPAddress Counted(IPAddress? address)
    {
        if (address is null)
            return IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(Ipv6NetworkBytes).Clear();
        return new(bytes);
    }
}
