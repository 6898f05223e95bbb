using System.Net.Sockets;
using Confluent.Kafka;
using Npgsql;
using SignalFlow.Storage.Posts;
using StackExchange.Redis;

namespace SignalFlow.Processing.Failures;

/// <summary>What to do about a failure.</summary>
internal enum FailureKind
{
    /// <summary>It passes: wait and do the same again. Never a reason to give up a record.</summary>
    Transient,

    /// <summary>The data are at fault: the same again fails again, other data do not.</summary>
    Poison,

    /// <summary>Neither waiting nor other data help: end the service, so that somebody looks.</summary>
    Fatal,
}

/// <summary>Sorts failures and says how long to wait. Pure.</summary>
internal static class FailurePolicy
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    public static FailureKind Of(Exception exception) => exception switch
    {
        // A check without a name is not one of the table's: the partition of the day has been dropped, and will be made again.
        PostgresException postgres when HistoryPartitions.IsMissing(postgres) => FailureKind.Transient,
        PostgresException postgres => OfSqlState(postgres.SqlState),
        NpgsqlException or RedisException or TimeoutException or IOException or SocketException => FailureKind.Transient,
        KafkaException kafka => OfKafka(kafka.Error),
        _ => FailureKind.Fatal,
    };

    /// <param name="sqlState">Five characters, of which the first two are the class.</param>
    public static FailureKind OfSqlState(string sqlState) => sqlState switch
    {
        // Deadlock, serialization: not the data's fault, whatever their class is.
        PostgresErrorCodes.TransactionIntegrityConstraintViolation => FailureKind.Poison,
        ['4', '0', ..] => FailureKind.Transient,
        // A primary that a failover has made read-only, and sessions that a time limit has ended.
        PostgresErrorCodes.ReadOnlySqlTransaction or "25P03" or "25P04" => FailureKind.Transient,
        // Connection, resources (also a full disk), not in the state for it (also locks), operator (also a cancelled statement), system,
        // old snapshots.
        ['0', '8', ..] or ['5', '3', ..] or ['5', '5', ..] or ['5', '7', ..] or ['5', '8', ..] or ['7', '2', ..] => FailureKind.Transient,
        // What the server says where its own work fails it, such as a file that it cannot write; not XX001 and XX002, which are broken data.
        "XX000" => FailureKind.Transient,
        // Cardinality, data, constraints, views' checks, limits such as that of an index row; and what a trigger refuses.
        ['2', '1', ..] or ['2', '2', ..] or ['2', '3', ..] or ['4', '4', ..] or ['5', '4', ..] or PostgresErrorCodes.RaiseException => FailureKind.Poison,
        _ => FailureKind.Fatal,
    };

    public static FailureKind OfKafka(Error error) =>
        error.IsFatal || error.Code is ErrorCode.Local_Fatal or ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed
            or ErrorCode.ClusterAuthorizationFailed
            ? FailureKind.Fatal
            : FailureKind.Transient;

    /// <summary>250 ms, doubled up to 15 s, with a tenth of jitter so that several replicas do not come back in step.</summary>
    /// <param name="attempt">The attempt that has failed, from 1.</param>
    /// <param name="jitter">0 to 1.</param>
    public static TimeSpan Backoff(int attempt, double jitter)
    {
        // The exponent is bounded, too: it must not overflow in an outage of days.
        var wait = FirstWait * Math.Pow(2, Math.Min(attempt - 1, 10));
        return (wait < LongestWait ? wait : LongestWait) * (0.9 + 0.2 * jitter);
    }
}
