using Microsoft.Extensions.Logging;
using Npgsql;

namespace SignalFlow.Storage.Ingestion;

/// <summary>
/// The right to poll the subreddits of a shard. It is an advisory lock of a database session that is kept open: whoever dies loses it at
/// once, whoever hangs loses it when another instance ends his session.
/// </summary>
/// <remarks>
/// While the database is away nobody can take the lease over, so its holder goes on; when it comes back, he must get the lock again.
/// A pooler that gives a session to several clients (transaction mode) would break the lock: the connection must be direct.
/// </remarks>
public sealed partial class ShardLease(
    NpgsqlDataSource dataSource, int shardId, int shardCount, string instance, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    /// <summary>Between two signs of life of the holder, and between two attempts of whoever stands by.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    // A holder that has given no sign of life for so long hangs.
    private const int HangsAfterSeconds = 40;

    // The first half of the lock's key, so that it collides with nothing else: "sfsh".
    private const int LockClass = 0x73_66_73_68;

    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ending = new();
    private NpgsqlConnection? _session;
    private Task _beating = Task.CompletedTask;
    private long _confirmedAt;
    private volatile bool _databaseAway;

    /// <summary>Completes when another instance has the shard.</summary>
    public Task Lost => _lost.Task;

    /// <summary>
    /// Whether requests may be sent: not after this process stood still for so long that another may have taken over, until the next beat
    /// has shown that none has.
    /// </summary>
    public bool IsHeld =>
        !_lost.Task.IsCompleted
        && (_databaseAway || time.GetElapsedTime(Volatile.Read(ref _confirmedAt)) < TimeSpan.FromSeconds(HangsAfterSeconds / 2));

    /// <summary>Returns when this instance has the shard; until then another polls it.</summary>
    /// <param name="standingBy">Called once when there is another, with its name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task AcquireAsync(Action<string> standingBy, CancellationToken cancellationToken)
    {
        string? holder = null;
        while (!await TryAcquireAsync(cancellationToken))
        {
            var (name, isHanging) = await FindHolderAsync(cancellationToken);
            if (name != holder)
            {
                holder = name;
                LogStandingBy(shardId, name ?? "unknown");
                standingBy(name ?? "unknown");
            }

            if (isHanging && await EndHolderAsync(cancellationToken))
                LogEnded(shardId, name ?? "unknown", HangsAfterSeconds);
            else
                await Task.Delay(Beat, time, cancellationToken);
        }

        LogAcquired(shardId, shardCount);
        await WarnOfOtherCountsAsync(cancellationToken);
        _beating = BeatAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _beating;
        if (_session is not null)
        {
            // A pooled session would carry the lock on.
            await TryUnlockAsync(_session);
            await _session.DisposeAsync();
        }

        _ending.Dispose();
    }

    /// <exception cref="NpgsqlException">The database does not answer; not only this one, see <see cref="DatabaseExceptions"/>.</exception>
    private async Task<bool> TryAcquireAsync(CancellationToken cancellationToken)
    {
        var session = await dataSource.OpenConnectionAsync(cancellationToken);
        try
        {
            // Without these the server would learn of a dead machine after two hours. Sockets of the local kind ignore them.
            await ExecuteAsync(
                session, "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3", cancellationToken);
            await using var lockShard = new NpgsqlCommand("SELECT pg_try_advisory_lock($1, $2)", session)
            {
                Parameters = { new() { Value = LockClass }, new() { Value = shardId } },
            };
            if (await lockShard.ExecuteScalarAsync(cancellationToken) is not true)
                return false;
            await using var sign = new NpgsqlCommand("""
                INSERT INTO ingestion_shards (shard_id, shard_count, instance, acquired_at, heartbeat_at) VALUES ($1, $2, $3, now(), now())
                ON CONFLICT (shard_id) DO UPDATE
                SET shard_count = excluded.shard_count, instance = excluded.instance, acquired_at = now(), heartbeat_at = now()
                """, session)
            {
                Parameters = { new() { Value = shardId }, new() { Value = shardCount }, new() { Value = instance } },
            };
            await sign.ExecuteNonQueryAsync(cancellationToken);
            Confirm();
            (_session, session) = (session, null);
            return true;
        }
        finally
        {
            if (session is not null)
            {
                await TryUnlockAsync(session);
                await session.DisposeAsync();
            }
        }
    }

    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(Beat, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token) && !_lost.Task.IsCompleted)
                await BeatOnceAsync(_ending.Token);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task BeatOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await IsSessionAliveAsync(cancellationToken))
                return;
            // The lock went with the session: it is ours again, or another's. Requests wait for the answer only if there is one.
            if (await TryAcquireAsync(cancellationToken))
            {
                LogBack(shardId);
                return;
            }

            LogLost(shardId);
            _lost.TrySetResult();
        }
        catch (Exception exception) when (exception.IsOfDatabase())
        {
            if (!_databaseAway)
                LogAway(shardId, exception.Message);
            _databaseAway = true;
        }
    }

    private async Task<bool> IsSessionAliveAsync(CancellationToken cancellationToken)
    {
        if (_session is not { } session)
            return false;
        try
        {
            await using var beat = new NpgsqlCommand("UPDATE ingestion_shards SET heartbeat_at = now() WHERE shard_id = $1", session)
            {
                CommandTimeout = 5,
                Parameters = { new() { Value = shardId } },
            };
            await beat.ExecuteNonQueryAsync(cancellationToken);
            Confirm();
            return true;
        }
        catch (Exception exception) when (exception.IsOfDatabase())
        {
            _session = null;
            await TryUnlockAsync(session);
            await session.DisposeAsync();
            return false;
        }
    }

    private void Confirm()
    {
        Volatile.Write(ref _confirmedAt, time.GetTimestamp());
        _databaseAway = false;
    }

    private async Task<(string? Instance, bool IsHanging)> FindHolderAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            SELECT instance, heartbeat_at < now() - make_interval(secs => $2) FROM ingestion_shards WHERE shard_id = $1
            """);
        command.Parameters.Add(new() { Value = shardId });
        command.Parameters.Add(new() { Value = (double)HangsAfterSeconds });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetString(0), reader.GetBoolean(1)) : (null, false);
    }

    /// <summary>Ends the session of a holder that hangs, and with it the lock.</summary>
    private async Task<bool> EndHolderAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            SELECT bool_or(pg_terminate_backend(pid)) FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND classid = $1 AND objid = $2
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """);
        command.Parameters.Add(new() { Value = (uint)LockClass, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Oid });
        command.Parameters.Add(new() { Value = (uint)shardId, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Oid });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private async Task WarnOfOtherCountsAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            SELECT shard_id, shard_count FROM ingestion_shards
            WHERE shard_id <> $1 AND shard_count <> $2 AND heartbeat_at > now() - make_interval(secs => $3)
            """);
        command.Parameters.Add(new() { Value = shardId });
        command.Parameters.Add(new() { Value = shardCount });
        command.Parameters.Add(new() { Value = (double)HangsAfterSeconds });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            LogOtherCount(reader.GetInt32(0), reader.GetInt32(1), shardId, shardCount);
    }

    private static async Task TryUnlockAsync(NpgsqlConnection session)
    {
        try
        {
            if (session.State == System.Data.ConnectionState.Open)
                await ExecuteAsync(session, "SELECT pg_advisory_unlock_all()", CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // A broken session has lost its locks already.
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session) { CommandTimeout = 5 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "This instance polls shard {Shard} of {Shards}")]
    private partial void LogAcquired(int shard, int shards);

    [LoggerMessage(LogLevel.Warning, "Shard {Shard} is polled by {Holder} already: check Ingestion:ShardId. Standing by to take over")]
    private partial void LogStandingBy(int shard, string holder);

    [LoggerMessage(LogLevel.Warning, "Shard {Shard}: {Holder} has given no sign of life for {Seconds} s; its session has been ended")]
    private partial void LogEnded(int shard, string holder, int seconds);

    [LoggerMessage(LogLevel.Warning, "Shard {Shard}: the database does not answer ({Reason}); going on, nobody else can take over meanwhile")]
    private partial void LogAway(int shard, string reason);

    [LoggerMessage(LogLevel.Information, "Shard {Shard}: the database is back, this instance goes on")]
    private partial void LogBack(int shard);

    [LoggerMessage(LogLevel.Warning, "Shard {Shard}: another instance has taken over; standing by")]
    private partial void LogLost(int shard);

    [LoggerMessage(LogLevel.Warning,
        "Shard {OtherShard} runs with Ingestion:ShardCount {OtherCount}, shard {Shard} with {Count}: some subreddits are polled twice or not at all")]
    private partial void LogOtherCount(int otherShard, int otherCount, int shard, int count);
}
