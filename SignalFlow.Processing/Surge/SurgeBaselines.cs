using System.Collections.Concurrent;
using Npgsql;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Surge;

/// <summary>
/// The tables of baselines in <c>surge_baselines</c>, made by whoever needs one first, and kept in memory. What an observation is compared with
/// follows from its own time and from what is stored: a table is made only while it is the newest that is in use, and never afterwards, so an
/// observation that is looked at again later, by anybody, meets the same one.
/// </summary>
internal sealed partial class SurgeBaselines(
    NpgsqlDataSource dataSource, SurgeClock clock, SurgeMetrics metrics, TimeProvider time, ILogger<SurgeBaselines> logger)
{
    // "sf", as the jobs of the storage, and a number that none of them has.
    private const int LockClass = 0x73_66;
    private const int LockId = 101;

    // One of 400 subreddits takes a megabyte. The pipeline asks for the newest two; all of a day are only needed for posts that are folded from their
    // whole history. What is in use is never dropped, however many there are: another one would be another result.
    private static readonly TimeSpan Unused = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Retention = TimeSpan.FromDays(3);

    private readonly ConcurrentDictionary<long, Kept> _byCut = new();

    /// <summary>Sees to it that <see cref="At"/> knows what these instants are compared with.</summary>
    /// <param name="observedAt">Microseconds since the Unix epoch.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public async ValueTask EnsureAsync(IEnumerable<long> observedAt, CancellationToken cancellationToken)
    {
        foreach (var cut in observedAt.Select(clock.CutOf).Distinct())
        {
            if (!TryUse(cut))
                await LoadAsync(cut, cancellationToken);
        }
    }

    /// <summary>What an observation is compared with; <see cref="EnsureAsync"/> has been asked for its instant.</summary>
    public BaselineTable At(long observedAt) => _byCut.TryGetValue(clock.CutOf(observedAt), out var kept) ? kept.Table : BaselineTable.Empty;

    /// <summary>Makes the table of a cut if it is not there yet.</summary>
    public async Task MakeAsync(long cut, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({LockClass}, {LockId})", [], cancellationToken);
        await using (var known = new NpgsqlCommand(
            "SELECT FROM surge_baselines WHERE cut = $1 AND speed = $2", connection) { Parameters = { Instant(cut), Speed } })
        {
            await using var reader = await known.ExecuteReaderAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken))
                return;
        }

        var began = time.GetTimestamp();
        var (rows, posts) = await BaselineSource.ReadAsync(connection, cut, clock, cancellationToken);
        await ExecuteAsync(
            connection, "INSERT INTO surge_baselines (cut, speed, posts, content, made_at) VALUES ($1, $2, $3, $4, now())",
            [Instant(cut), Speed, new NpgsqlParameter<int> { TypedValue = posts }, new NpgsqlParameter<byte[]> { TypedValue = BaselineRowsCodec.Encode(rows) }],
            cancellationToken);
        await ExecuteAsync(
            connection, "DELETE FROM surge_baselines WHERE cut < $1::timestamptz - $2",
            [Instant(cut), new NpgsqlParameter<TimeSpan> { TypedValue = Retention }], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        metrics.BaselinesMade(time.GetElapsedTime(began));
        LogMade(PostWriter.ToDateTime(cut), posts, time.GetElapsedTime(began));
    }

    private async Task LoadAsync(long cut, CancellationToken cancellationToken)
    {
        var now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var isInUse = cut <= now - clock.Period && cut > now - 2 * clock.Period;
        if (isInUse)
            await MakeAsync(cut, cancellationToken);
        var table = await ReadAsync(cut, cancellationToken);
        // Of the time to come: tables that are nearer may still be made.
        if (cut > now - clock.Period)
            return;
        DropUnused();
        _byCut[cut] = new(table, time.GetTimestamp());
        metrics.TablesKept(_byCut.Count);
    }

    /// <summary>False: it is not there, or has just been dropped.</summary>
    private bool TryUse(long cut)
    {
        while (_byCut.TryGetValue(cut, out var kept))
        {
            if (_byCut.TryUpdate(cut, kept with { UsedAt = time.GetTimestamp() }, kept))
                return true;
        }

        return false;
    }

    private void DropUnused()
    {
        foreach (var entry in _byCut)
        {
            // Only as it is here: somebody may have begun to use it since.
            if (time.GetElapsedTime(entry.Value.UsedAt) > Unused)
                _byCut.TryRemove(entry);
        }
    }

    private async Task<BaselineTable> ReadAsync(long cut, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT content FROM surge_baselines WHERE cut <= $1 AND speed = $2 ORDER BY cut DESC LIMIT 1");
        command.Parameters.Add(Instant(cut));
        command.Parameters.Add(Speed);
        return await command.ExecuteScalarAsync(cancellationToken) is byte[] content ? new(BaselineRowsCodec.Decode(content)) : BaselineTable.Empty;
    }

    private NpgsqlParameter<int> Speed => new() { TypedValue = clock.Speed };

    private static NpgsqlParameter<DateTime> Instant(long microseconds) => new() { TypedValue = PostWriter.ToDateTime(microseconds) };

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "Made the baselines of {Cut:u} from {Posts} posts in {Elapsed}")]
    private partial void LogMade(DateTime cut, int posts, TimeSpan elapsed);

    private sealed record Kept(BaselineTable Table, long UsedAt);
}
