using System.Net.Sockets;
using Npgsql;

namespace SignalFlow.Storage;

/// <summary>Tells what comes of the database, or of its being away, from what is wrong with the program.</summary>
public static class DatabaseExceptions
{
    /// <summary>
    /// Whether the database has refused, or does not answer. Not all of that is Npgsql's own exception: a host whose name is not found, as that of a
    /// container is not while it is stopped, is the bare one of its socket.
    /// </summary>
    public static bool IsOfDatabase(this Exception exception) =>
        exception is NpgsqlException or TimeoutException or IOException or SocketException;
}
