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
    : ExecutionStrategy(dependencies, ReadRepetition.Most, ReadRepetition.Pause)
{
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

    protected override TimeSpan? GetNextDelay(Exception lastException) => ReadRepetition.DelayAfter(ExceptionsEncountered.Count);

    protected override bool ShouldRetryOn(Exception exception) => ReadRepetition.IsFor(exception, Context.Session);

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
