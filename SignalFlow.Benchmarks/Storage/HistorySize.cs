using System.Globalization;
using Npgsql;
using SignalFlow.Storage;
using SignalFlow.Storage.Migrations;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>Bytes per row of history with its indexes; in Timescale mode also after compression, which it does as the product's policy would.</summary>
internal static class HistorySize
{
    public static async Task<SizeFigures> MeasureAsync(FilledDatabase database, CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        if (await StorageUpkeep.ModeAsync(database.Source, cancellationToken) != StorageMode.Timescale)
        {
            var bytes = await NumberAsync(connection, """
                SELECT sum(pg_total_relation_size(oid)) / (SELECT count(*) FROM post_metrics_history)
                FROM pg_class WHERE relkind = 'r' AND relname ~ '^(post_metrics_history_[0-9]|_hyper_)' AND relpages > 0
                """, cancellationToken);
            return new(bytes, null);
        }

        var boundary = database.Data.Now.AddDays(-new StorageOptions().CompressAfterDays).Date;
        await CompressAsync(connection, boundary, cancellationToken);
        var rows = await NumberAsync(
            connection,
            string.Create(
                CultureInfo.InvariantCulture, $"SELECT count(*) FROM post_metrics_history WHERE captured_at < '{boundary:yyyy-MM-dd} 00:00Z'"),
            cancellationToken);
        return new(
            await NumberAsync(
                connection,
                $"SELECT before_compression_total_bytes / {rows} FROM hypertable_compression_stats('post_metrics_history')",
                cancellationToken),
            await NumberAsync(
                connection,
                $"SELECT after_compression_total_bytes / {rows} FROM hypertable_compression_stats('post_metrics_history')",
                cancellationToken));
    }

    private static async Task CompressAsync(NpgsqlConnection connection, DateTime boundary, CancellationToken cancellationToken)
    {
        await using var compress = new NpgsqlCommand(string.Create(CultureInfo.InvariantCulture, $"""
            SELECT compress_chunk(chunk, if_not_compressed => true) FROM show_chunks('post_metrics_history', older_than => TIMESTAMPTZ '{boundary:yyyy-MM-dd} 00:00Z') AS chunk
            """), connection);
        await compress.ExecuteNonQueryAsync(cancellationToken);
        await using var analyze = new NpgsqlCommand("VACUUM (ANALYZE) post_metrics_history", connection);
        await analyze.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<double> NumberAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToDouble(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
    }
}

/// <param name="BytesPerRow">As written.</param>
/// <param name="BytesPerRowCompressed">Null where nothing compresses.</param>
internal sealed record SizeFigures(double BytesPerRow, double? BytesPerRowCompressed);
