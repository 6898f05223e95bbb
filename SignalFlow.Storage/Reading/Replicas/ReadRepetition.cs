using Npgsql;

namespace SignalFlow.Storage.Reading.Replicas;

/// <summary>When a read is sent again because its server has gone, and how often.</summary>
internal static class ReadRepetition
{
    public const int Most = 2;

    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>The primary is another server, so the first repetition need not wait.</summary>
    /// <param name="failures">So far.</param>
    /// <returns>Null: it is not repeated any more.</returns>
    public static TimeSpan? DelayAfter(int failures) => failures switch
    {
        1 => TimeSpan.Zero,
        <= Most => Pause,
        _ => null,
    };

    public static bool IsFor(Exception exception, ReadSession? session) => exception switch
    {
        // The server stops or has crashed, has no connection left, or replay on a standby needed what the query was reading.
        PostgresException { SqlState: var state } => state is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.TooManyConnections
            || state.StartsWith("57P", StringComparison.Ordinal) || state.StartsWith("08", StringComparison.Ordinal),
        // A query that takes too long takes it on the primary too, unless it is the replica that hangs.
        NpgsqlException { InnerException: TimeoutException } => session is { HasLostTarget: true },
        NpgsqlException => true,
        _ => false,
    };
}
