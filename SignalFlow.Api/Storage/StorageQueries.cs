using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Storage.Migrations;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Api.Storage;

/// <summary>
/// Reads PostgreSQL's and TimescaleDB's own books, on the primary: a replica's tell nothing of jobs. No table is counted. Many may look at
/// it all the time, so an answer serves for some seconds.
/// </summary>
internal sealed class StorageQueries(NpgsqlDataSource dataSource, HistoryPartitions partitions, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Reuse = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _asking = new(1);
    private (StorageView View, long At)? _last;

    public async Task<StorageView> GetAsync(CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            if (_last is not { } last || time.GetElapsedTime(last.At) >= Reuse)
                _last = last = (await AskAsync(cancellationToken), time.GetTimestamp());
            return last.View;
        }
        finally
        {
            _asking.Release();
        }
    }

    public void Dispose() => _asking.Dispose();

    private async Task<StorageView> AskAsync(CancellationToken cancellationToken)
    {
        var mode = await partitions.ModeAsync(cancellationToken);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var chunks = await ReadAsync(connection, HistoryChunks.Sql(mode), HistoryChunks.Read, cancellationToken);
        var jobs = await ReadAsync(connection, StorageJobRuns.Own, StorageJobRuns.Read, cancellationToken);
        if (mode == StorageMode.Timescale)
            jobs.AddRange(await ReadAsync(connection, StorageJobRuns.OfScheduler, StorageJobRuns.Read, cancellationToken));
        var (version, timescale, schema, bytes) = (await ReadAsync(
            connection,
            """
            SELECT current_setting('server_version'), (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'),
              (SELECT max(version) FROM schema_migrations), pg_database_size(current_database())
            """,
            row => (row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetInt32(2), row.GetInt64(3)),
            cancellationToken))[0];
        var history = new HistoryStorage
        {
            Bytes = chunks.Sum(chunk => chunk.Bytes),
            CompressionRatio = HistoryChunks.CompressionRatio(chunks),
            OldestObservationAt = await EdgeAsync(connection, "min", chunks.AsEnumerable().Reverse(), cancellationToken),
            NewestObservationAt = await EdgeAsync(connection, "max", chunks, cancellationToken),
            Chunks = chunks,
        };
        return new()
        {
            Mode = mode.ToString().ToLowerInvariant(),
            ServerVersion = version,
            TimescaleVersion = mode == StorageMode.Plain ? null : timescale,
            SchemaVersion = schema,
            DatabaseBytes = bytes,
            History = history,
            Tables = await TablesAsync(connection, chunks, cancellationToken),
            Jobs = jobs,
        };
    }

    // The first chunk from that end that holds a row tells; the ones made ahead hold none.
    private static async Task<DateTimeOffset?> EdgeAsync(
        NpgsqlConnection connection, string edge, IEnumerable<HistoryChunk> chunks, CancellationToken cancellationToken)
    {
        foreach (var chunk in chunks)
        {
            await using var command = new NpgsqlCommand(
                $"SELECT {edge}(captured_at) FROM post_metrics_history WHERE captured_at >= $1 AND captured_at < $2", connection)
            {
                Parameters = { new() { Value = chunk.Start.UtcDateTime }, new() { Value = chunk.End.UtcDateTime } },
            };
            if (await command.ExecuteScalarAsync(cancellationToken) is DateTime at)
                return at;
        }

        return null;
    }

    private static async Task<List<TableStorage>> TablesAsync(NpgsqlConnection connection, List<HistoryChunk> chunks, CancellationToken cancellationToken)
    {
        var tables = await ReadAsync(
            connection,
            """
            SELECT relname::text, pg_total_relation_size(oid), nullif(reltuples, -1)::bigint
            FROM pg_class
            WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND NOT relispartition AND relname <> 'post_metrics_history'
            """,
            row => new TableStorage(row.GetString(0), row.GetInt64(1), row.IsDBNull(2) ? null : row.GetInt64(2)),
            cancellationToken);
        tables.Add(new(
            "post_metrics_history",
            chunks.Sum(chunk => chunk.Bytes),
            chunks.Exists(chunk => chunk.Rows is not null) ? chunks.Sum(chunk => chunk.Rows ?? 0) : null));
        return [.. tables.OrderByDescending(table => table.Bytes).ThenBy(table => table.Name, StringComparer.Ordinal)];
    }

    private static async Task<List<T>> ReadAsync<T>(
        NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }
}
