using System.Net;
using System.Net.Sockets;

namespace SignalFlow.Standalone;

internal static class LocalPort
{
    /// <summary>The port to listen on: <paramref name="port"/> itself, or a free one for 0.</summary>
    /// <exception cref="StandaloneException">Another program listens there. Told before servers start, not after.</exception>
    public static int Claim(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        catch (SocketException exception)
        {
            throw new StandaloneException(
                exception.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"Port {port} is taken by another program; choose another one with --port N (0 picks a free one)."
                    : $"Port {port} cannot be used ({exception.Message}); choose another one with --port N.",
                exception);
        }
    }
}
