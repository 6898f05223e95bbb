using System.Net.Sockets;
using Confluent.Kafka;
using CsCheck;
using Npgsql;
using SignalFlow.Processing.Failures;
using StackExchange.Redis;

namespace SignalFlow.Tests.Processing;

public sealed class FailurePolicyTests
{
    [Theory]
    // Connection: refused, broken.
    [InlineData("08001", "Transient")]
    [InlineData("08006", "Transient")]
    // Disk, memory, connections used up.
    [InlineData("53100", "Transient")]
    [InlineData("53200", "Transient")]
    [InlineData("53300", "Transient")]
    // Locks, a database that is being dropped or renamed.
    [InlineData("55P03", "Transient")]
    [InlineData("55006", "Transient")]
    // Cancelled, shut down, crashed, starting.
    [InlineData("57014", "Transient")]
    [InlineData("57P01", "Transient")]
    [InlineData("57P02", "Transient")]
    [InlineData("57P03", "Transient")]
    [InlineData("58030", "Transient")]
    [InlineData("72000", "Transient")]
    // Serialization, deadlock; but a constraint that a transaction's end finds violated is a constraint.
    [InlineData("40001", "Transient")]
    [InlineData("40P01", "Transient")]
    [InlineData("40002", "Poison")]
    // A primary that has become a replica; time limits.
    [InlineData("25006", "Transient")]
    [InlineData("25P03", "Transient")]
    [InlineData("25P04", "Transient")]
    [InlineData("25001", "Fatal")]
    // Data: cardinality, range, NUL, not null, foreign key, unique, check, view's check, index row too large, raised by a trigger.
    [InlineData("21000", "Poison")]
    [InlineData("22003", "Poison")]
    [InlineData("22021", "Poison")]
    [InlineData("22P05", "Poison")]
    [InlineData("23502", "Poison")]
    [InlineData("23503", "Poison")]
    [InlineData("23505", "Poison")]
    [InlineData("23514", "Poison")]
    [InlineData("44000", "Poison")]
    [InlineData("54000", "Poison")]
    [InlineData("P0001", "Poison")]
    // Schema, rights, password, database, plan, internal.
    [InlineData("42P01", "Fatal")]
    [InlineData("42703", "Fatal")]
    [InlineData("42501", "Fatal")]
    [InlineData("28P01", "Fatal")]
    [InlineData("3D000", "Fatal")]
    [InlineData("0A000", "Fatal")]
    [InlineData("XX000", "Transient")]
    [InlineData("XX001", "Fatal")]
    public void Every_class_of_SQLSTATE_has_its_kind(string sqlState, string kind) =>
        Assert.Equal(kind, FailurePolicy.Of(new PostgresException("m", "ERROR", "ERROR", sqlState, constraintName: "c")).ToString());

    [Fact]
    public void A_dropped_partition_of_the_history_is_not_the_datas_fault()
    {
        // PostgreSQL says check_violation for it, without the name of a constraint.
        Assert.Equal(FailureKind.Transient, FailurePolicy.Of(new PostgresException("m", "ERROR", "ERROR", PostgresErrorCodes.CheckViolation)));
    }

    [Theory]
    [InlineData(ErrorCode.Local_Transport, "Transient")]
    [InlineData(ErrorCode.Local_AllBrokersDown, "Transient")]
    [InlineData(ErrorCode.Local_MsgTimedOut, "Transient")]
    [InlineData(ErrorCode.Local_QueueFull, "Transient")]
    [InlineData(ErrorCode.Local_MaxPollExceeded, "Transient")]
    [InlineData(ErrorCode.NotEnoughReplicas, "Transient")]
    [InlineData(ErrorCode.UnknownTopicOrPart, "Transient")]
    [InlineData(ErrorCode.RebalanceInProgress, "Transient")]
    [InlineData(ErrorCode.Local_Fatal, "Fatal")]
    [InlineData(ErrorCode.TopicAuthorizationFailed, "Fatal")]
    [InlineData(ErrorCode.GroupAuthorizationFailed, "Fatal")]
    [InlineData(ErrorCode.ClusterAuthorizationFailed, "Fatal")]
    public void Kafka_is_waited_for_unless_it_forbids(ErrorCode code, string kind) =>
        Assert.Equal(kind, FailurePolicy.Of(new KafkaException(code)).ToString());

    [Fact]
    public void A_client_that_Kafka_declares_broken_is_not_used_on() =>
        Assert.Equal(FailureKind.Fatal, FailurePolicy.Of(new KafkaException(new Error(ErrorCode.OutOfOrderSequenceNumber, "m", isFatal: true))));

    [Fact]
    public void Networks_and_time_limits_pass_and_our_own_mistakes_do_not()
    {
        Exception[] transient =
        [
            new NpgsqlException("broken pipe"), new TimeoutException(), new IOException(), new SocketException(),
            new RedisException("m"),
        ];
        Exception[] fatal = [new InvalidOperationException(), new ArgumentException("m"), new InvalidCastException(), new ObjectDisposedException("m")];

        Assert.All(transient, exception => Assert.Equal(FailureKind.Transient, FailurePolicy.Of(exception)));
        Assert.All(fatal, exception => Assert.Equal(FailureKind.Fatal, FailurePolicy.Of(exception)));
    }

    [Fact]
    public void Waits_double_from_250_ms_to_15_s_give_or_take_a_tenth_however_long_it_lasts()
    {
        Assert.Equal(
            [0.25, 0.5, 1, 2, 4, 8, 15, 15, 15],
            Enumerable.Range(1, 9).Select(attempt => Math.Round(FailurePolicy.Backoff(attempt, 0.5).TotalSeconds, 6)));
        Gen.Select(Gen.Int[1, int.MaxValue], Gen.Double[0, 1]).Sample((attempt, jitter) =>
        {
            var middle = FailurePolicy.Backoff(attempt, 0.5);
            var wait = FailurePolicy.Backoff(attempt, jitter);
            return wait >= middle * 0.899 && wait <= middle * 1.101 && wait <= TimeSpan.FromSeconds(16.5);
        });
    }
}
