using Npgsql;

namespace SignalFlow.Storage;

/// <summary>Tells what comes of the database, or of its being away, from what is wrong with the program.</summary>
public static class DatabaseExceptions
{
    /// <summary>
    /// Whether the database has refused, or does not answer. Nearly all of that is Npgsql's own exception, also that a host's name is not found, as that
    /// of a container is not while it is stopped; what a stream or a wait throws by itself is taken for the same.
    /// </summary>
    public static bool IsOfDatabase(this Exception exception) =>
        exception is NpgsqlException or TimeoutException or IOException;
}
