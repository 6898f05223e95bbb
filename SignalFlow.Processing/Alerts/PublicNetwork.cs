using System.Net;
using System.Net.Sockets;

namespace SignalFlow.Processing.Alerts;

/// <summary>
/// Connects only to addresses of the Internet. The addresses that are checked are those that are connected to, so a name that changes its mind
/// between the two gains nothing.
/// </summary>
/// <param name="allowPrivate">Lets everything through.</param>
/// <param name="resolve">Gives a name's addresses.</param>
internal sealed class PublicNetwork(bool allowPrivate, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    // What is not for everybody to reach: https://www.iana.org/assignments/iana-ipv4-special-registry and its counterpart for IPv6.
    private static readonly IPNetwork[] Special =
    [
        .. from text in (string[])
           [
               "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24",
               "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
               "240.0.0.0/4",
           ]
           select IPNetwork.Parse(text),
    ];

    // Of IPv6 only what is given out to the Internet, without what stands for addresses of IPv4 or is for tests.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] SpecialV6 =
        [IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("2002::/16"), IPNetwork.Parse("3fff::/20")];

    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => !Array.Exists(Special, network => network.Contains(address)),
            AddressFamily.InterNetworkV6 => GlobalUnicast.Contains(address) && !Array.Exists(SpecialV6, network => network.Contains(address)),
            _ => false,
        };
    }

    /// <exception cref="PrivateTargetException">One of the name's addresses is none of the Internet.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancellationToken);
        if (!allowPrivate && !Array.TrueForAll(addresses, IsPublic))
            throw new PrivateTargetException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>Without the address: who may not reach it need not learn it.</summary>
internal sealed class PrivateTargetException() : IOException("The target is not an address of the Internet; Alerts:AllowPrivateTargets allows others.");
