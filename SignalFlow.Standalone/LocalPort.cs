using System.Net;
using System.Net.Sockets;

namespace SignalFlow.Standalone;

internal static class LocalPort
{
    private const int Attempts = 5;

    /// <summary>The port to listen on, free on 127.0.0.1 and [::1]: <paramref name="port"/> itself, or any for 0.</summary>
    /// <exception cref="StandaloneException">Another program listens there. Told before servers start, not after.</exception>
    public static int Claim(int port)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return ClaimBoth(port);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // A port picked on one address may be another program's on the other.
                if (port != 0 || attempt == Attempts)
                    throw Taken(port, exception);
            }
            catch (SocketException exception)
            {
                throw new StandaloneException($"Port {port} cannot be used ({exception.Message}); choose another one with --port N.", exception);
            }
        }
    }

    public static StandaloneException Taken(int port, Exception exception) =>
        new($"Port {port} is taken by another program; choose another one with --port N (0 picks a free one).", exception);

    private static int ClaimBoth(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        var claimed = ((IPEndPoint)listener.LocalEndpoint).Port;
        try
        {
            using var second = new TcpListener(IPAddress.IPv6Loopback, claimed);
            second.Start();
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
        {
            // A machine without IPv6.
        }

        return claimed;
    }
}
