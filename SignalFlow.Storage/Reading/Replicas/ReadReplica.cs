using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using SignalFlow.ServiceDefaults;

namespace SignalFlow.Storage.Reading.Replicas;

/// <summary>One standby: where its reads go, and whether they may.</summary>
internal sealed class ReadReplica : IAsyncDisposable
{
    private readonly NpgsqlMultiHostDataSource _reading;
    private readonly NpgsqlDataSource _watching;
    private volatile ReplicaStatus _status = ReplicaStatus.Unknown;

    public ReadReplica(int number, ReplicaSettings settings, ILoggerFactory logging)
    {
        Number = number;
        Name = settings.Name;
        var reading = new NpgsqlDataSourceBuilder(StorageExtensions.ForReading(settings.Reading)) { Name = StorageExtensions.ReplicaConnectionName };
        _reading = reading.TraceWithin().UseLoggerFactory(logging).BuildMultiHost();
        Target = new(ReadTarget.ReplicaKind, _reading.WithTargetSession(
            settings.AndPrimary ? TargetSessionAttributes.PreferStandby : TargetSessionAttributes.Standby));
        var watching = new NpgsqlDataSourceBuilder(settings.Watching) { Name = $"{StorageExtensions.ReplicaConnectionName}-monitor" };
        _watching = watching.TraceWithin().UseLoggerFactory(logging).Build();
    }

    /// <summary>Its place in the connection string, from 1: names it where names of hosts should not be seen.</summary>
    public int Number { get; }

    /// <summary>Host and port.</summary>
    public string Name { get; }

    public ReadTarget Target { get; }

    public ReplicaStatus Status => _status;

    public bool IsUsed => _status.State == ReplicaState.Following;

    /// <param name="position">What the read must see; null: anything within the limit.</param>
    public bool Serves(NpgsqlLogSequenceNumber? position) =>
        _status is { State: ReplicaState.Following } status && (position is not { } needed || status.Replayed >= needed);

    /// <returns>Whether the state is another one than before.</returns>
    public bool Become(ReplicaStatus status)
    {
        var changed = status.State != _status.State;
        _status = status;
        // Its connections are broken or will be; nothing should find that out when the server is back.
        if (changed && status.State == ReplicaState.Away)
            _reading.Clear();
        return changed;
    }

    /// <summary>Asks the replica itself.</summary>
    /// <returns>Null: it is no standby. Else up to where it has replayed the primary's log.</returns>
    public async Task<NpgsqlLogSequenceNumber?> AskAsync(CancellationToken cancellationToken)
    {
        await using var command = _watching.CreateCommand("SELECT CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn(), '0/0') END");
        return await command.ExecuteScalarAsync(cancellationToken) as NpgsqlLogSequenceNumber?;
    }

    public async ValueTask DisposeAsync()
    {
        await _watching.DisposeAsync();
        await _reading.DisposeAsync();
    }
}
