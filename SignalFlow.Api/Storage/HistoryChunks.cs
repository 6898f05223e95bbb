using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Storage.Migrations;

namespace SignalFlow.Api.Storage;

/// <summary>The days of <c>post_metrics_history</c>, newest first: name, start, end, bytes, estimated rows, bytes before compression.</summary>
internal static class HistoryChunks
{
    // Partitions are made by their day's name; the bounds are taken from it rather than from the text of an expression.
    private const string Partitions = """
        SELECT partition.relname::text, day.start, day.start + interval '24 hours', pg_total_relation_size(partition.oid),
          nullif(partition.reltuples, -1)::bigint, NULL::bigint
        FROM pg_inherits parent
        JOIN pg_class partition ON partition.oid = parent.inhrelid
        CROSS JOIN LATERAL (SELECT to_timestamp(right(partition.relname, 8) || ' +00', 'YYYYMMDD TZH') AS start) AS day
        WHERE parent.inhparent = 'post_metrics_history'::regclass
        ORDER BY day.start DESC
        """;

    private const string Chunks = """
        SELECT chunk.chunk_name::text, chunk.range_start, chunk.range_end, size.total_bytes,
          nullif((SELECT reltuples FROM pg_class WHERE oid = format('%I.%I', chunk.chunk_schema, chunk.chunk_name)::regclass), -1)::bigint, NULL::bigint
        FROM timescaledb_information.chunks chunk
        JOIN chunks_detailed_size('post_metrics_history') size USING (chunk_schema, chunk_name)
        WHERE chunk.hypertable_name = 'post_metrics_history' AND chunk.hypertable_schema = current_schema()
        ORDER BY chunk.range_start DESC
        """;

    // The estimate of a compressed chunk counts rows that stand for many.
    private const string CompressibleChunks = """
        SELECT chunk.chunk_name::text, chunk.range_start, chunk.range_end, size.total_bytes,
          CASE WHEN NOT chunk.is_compressed
            THEN nullif((SELECT reltuples FROM pg_class WHERE oid = format('%I.%I', chunk.chunk_schema, chunk.chunk_name)::regclass), -1)::bigint
            ELSE nullif((SELECT max(numrows_pre_compression) FROM _timescaledb_catalog.compression_chunk_size books
              JOIN _timescaledb_catalog.chunk ON chunk.id = books.chunk_id
              WHERE chunk.table_name = compressed.chunk_name AND chunk.schema_name = compressed.chunk_schema), 0) END,
          CASE WHEN chunk.is_compressed THEN compressed.before_compression_total_bytes END
        FROM timescaledb_information.chunks chunk
        JOIN chunks_detailed_size('post_metrics_history') size USING (chunk_schema, chunk_name)
        LEFT JOIN chunk_compression_stats('post_metrics_history') compressed USING (chunk_schema, chunk_name)
        WHERE chunk.hypertable_name = 'post_metrics_history' AND chunk.hypertable_schema = current_schema()
        ORDER BY chunk.range_start DESC
        """;

    public static string Sql(StorageMode mode) => mode switch
    {
        StorageMode.Plain => Partitions,
        StorageMode.Apache => Chunks,
        _ => CompressibleChunks,
    };

    public static HistoryChunk Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetDateTime(1), row.GetDateTime(2), row.GetInt64(3),
        row.IsDBNull(4) ? null : row.GetInt64(4), row.IsDBNull(5) ? null : row.GetInt64(5));

    public static double? CompressionRatio(List<HistoryChunk> chunks)
    {
        var compressed = chunks.FindAll(chunk => chunk.UncompressedBytes is not null);
        return compressed.Count == 0
            ? null
            : (double)compressed.Sum(chunk => chunk.UncompressedBytes!.Value) / Math.Max(1, compressed.Sum(chunk => chunk.Bytes));
    }
}
