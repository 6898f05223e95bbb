using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Garnet;
using Garnet.common;
using Garnet.server;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SignalFlow.Embedded.Redis;

namespace SignalFlow.Embedded;

/// <summary>
/// A Redis-protocol server inside this process: Microsoft Garnet on the loopback interface, in memory only. Strings, hashes,
/// sets, expiry, pub/sub and Lua work; streams do not exist.
/// </summary>
/// <remarks>Nothing survives the process. Once <see cref="LogMemory"/> is full, the oldest entries are dropped.</remarks>
public sealed class EmbeddedRedis : IDisposable
{
    private const int PortAttempts = 5;
    private const string LogMemory = "64m";

    private readonly GarnetServer _server;
    private bool _disposed;

    private EmbeddedRedis(GarnetServer server, int port)
    {
        _server = server;
        Port = port;
    }

    public int Port { get; }

    /// <summary>For StackExchange.Redis.</summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <param name="port">The port to listen on; 0 picks a free one.</param>
    /// <param name="loggerFactory">Gets the server's warnings and errors.</param>
    /// <exception cref="EmbeddedInfrastructureException">The port is taken.</exception>
    public static EmbeddedRedis Start(int port = 0, ILoggerFactory? loggerFactory = null)
    {
        var loggers = new WarningsOnlyLoggerFactory(loggerFactory ?? NullLoggerFactory.Instance);
        for (var attempt = 1; ; attempt++)
        {
            var candidate = port == 0 ? LoopbackPort.Free() : port;
            GarnetServer? server = null;
            try
            {
                server = new GarnetServer(Options(candidate), loggers);
                server.Start();
                return new EmbeddedRedis(server, candidate);
            }
            catch (GarnetException e) when (e.InnerException is SocketException)
            {
                server?.Dispose();
                if (port != 0 || attempt == PortAttempts)
                    throw new EmbeddedInfrastructureException($"The embedded Redis cannot listen on 127.0.0.1:{candidate}: the port is taken.", e);
            }
        }
    }

    public void Dispose()
    {
        // Garnet does not bear being disposed twice.
        if (!Interlocked.Exchange(ref _disposed, true))
            _server.Dispose();
    }

    // Garnet's defaults are those of a dedicated machine: 16 GB of log and an index of 128 MB.
    private static GarnetServerOptions Options(int port) => new(NullLogger.Instance)
    {
        EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
        LogMemorySize = LogMemory,
        PageSize = "1m",
        IndexMemorySize = "2m",
        EnableLua = true,
        LuaOptions = new LuaOptions(),
        // As in Redis: nothing happens between the commands of a script.
        LuaTransactionMode = true,
        QuietMode = true,
    };
}
