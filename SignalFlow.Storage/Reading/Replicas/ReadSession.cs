using NpgsqlTypes;

namespace SignalFlow.Storage.Reading.Replicas;

/// <summary>
/// Where one request reads. That is decided by its first query and then kept, so that no later query sees an older state; it can only
/// change to the primary.
/// </summary>
public sealed class ReadSession
{
    private readonly ReadTargets _targets;
    private NpgsqlLogSequenceNumber? _position;
    private ReadTarget? _target;

    internal ReadSession(ReadTargets targets) => _targets = targets;

    /// <summary>How long a client needs to remember what <see cref="GetWrittenAsync"/> told it.</summary>
    public TimeSpan PositionLifetime => _targets.PositionLifetime;

    internal ReadTarget Target => _target ??= _targets.Choose(_position);

    /// <summary>Reads see at least what the primary had written up to <paramref name="position"/>. To be called before the first query.</summary>
    public void Require(NpgsqlLogSequenceNumber position) =>
        _position = _position is { } other && other > position ? other : position;

    /// <summary>All reads go to the primary from now on, as those of a request that writes must.</summary>
    public void RequirePrimary() => _target = _targets.Primary;

    /// <summary>A position of the primary's log that covers everything committed so far.</summary>
    public async Task<NpgsqlLogSequenceNumber> GetWrittenAsync(CancellationToken cancellationToken)
    {
        // Not how far the log is written: a commit that does not wait for the disk is only inserted yet.
        await using var command = _targets.Primary.DataSource.CreateCommand("SELECT pg_current_wal_insert_lsn()");
        return (NpgsqlLogSequenceNumber)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Whether the monitor has given up the replica that this request reads from.</summary>
    internal bool HasLostTarget => _targets.Replicas.Any(replica => replica.Target == _target && !replica.IsUsed);

    /// <summary>After a read has failed because of its server.</summary>
    internal ReadTarget FallBack() => _target = _targets.PrimaryAnswers ? _targets.Primary : _targets.Choose(_position);
}
