using System.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace SignalFlow.Storage.Reading.Replicas;

/// <summary>
/// Gives each query a connection to where its request reads, and repeats it on the primary when that server has gone. A pooled context keeps
/// its connection over requests, so it changes only with the target.
/// </summary>
internal sealed class ReadExecutionStrategy(ExecutionStrategyDependencies dependencies, ReplicaMetrics metrics)
    : ExecutionStrategy(dependencies, Repetitions, Pause)
{
    private const int Repetitions = 2;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private ReadTarget? _target;
    private NpgsqlConnection? _connection;

    private SignalFlowDbContext Context => (SignalFlowDbContext)Dependencies.CurrentContext.Context;

    protected override void OnFirstExecution()
    {
        base.OnFirstExecution();
        Connect(Context.Session?.Target);
    }

    protected override void OnRetry()
    {
        metrics.Repeated();
        Connect(Context.Session?.FallBack());
    }

    /// <summary>The primary is another server, so the first repetition need not wait.</summary>
    protected override TimeSpan? GetNextDelay(Exception lastException) => ExceptionsEncountered.Count switch
    {
        1 => TimeSpan.Zero,
        <= Repetitions => Pause,
        _ => null,
    };

    protected override bool ShouldRetryOn(Exception exception) => exception switch
    {
        // The server stops or has crashed, has no connection left, or replay on a standby needed what the query was reading.
        PostgresException { SqlState: var state } => state is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.TooManyConnections
            || state.StartsWith("57P", StringComparison.Ordinal) || state.StartsWith("08", StringComparison.Ordinal),
        // A query that takes too long takes it on the primary too, unless it is the replica that hangs.
        NpgsqlException { InnerException: TimeoutException } => Context.Session is { HasLostTarget: true },
        NpgsqlException => true,
        _ => false,
    };

    private void Connect(ReadTarget? target)
    {
        if (target is null)
            return;

        metrics.Read(target);
        var database = Context.Database;
        if (target == _target && ReferenceEquals(database.GetDbConnection(), _connection))
            return;
        // Whoever holds the connection open reads where it leads.
        if (database.GetDbConnection().State != ConnectionState.Closed)
            return;

        _target = target;
        _connection = target.DataSource.CreateConnection();
        database.SetDbConnection(_connection, contextOwnsConnection: true);
    }
}
