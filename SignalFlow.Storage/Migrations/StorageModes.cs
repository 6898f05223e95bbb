using Npgsql;

namespace SignalFlow.Storage.Migrations;

/// <summary>Finds out the <see cref="StorageMode"/>: of a database from its tables, of one that has none yet from its server.</summary>
internal static class StorageModes
{
    /// <summary>The first script that differs, and the last one without which the tables do not tell the mode.</summary>
    private const int FirstVersion = 8, LastVersion = 9;

    private const string OfSchema = """
        SELECT CASE
          WHEN (SELECT relkind FROM pg_class WHERE oid = 'post_metrics_history'::regclass) = 'p' THEN 'Plain'
          WHEN to_regclass('post_metrics_hourly_rows') IS NOT NULL THEN 'Apache'
          ELSE 'Timescale' END
        """;

    public static bool AreDecidedBy(Dictionary<int, string> applied) => applied.ContainsKey(LastVersion);

    /// <summary>The mode of a database with the present schema.</summary>
    public static async Task<StorageMode> OfSchemaAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        Enum.Parse<StorageMode>((await ReadAsync(connection, OfSchema, cancellationToken))!);

    /// <param name="offered">By the server.</param>
    public static async Task<StorageMode> OfSchemaAsync(
        NpgsqlConnection connection, Dictionary<int, string> applied, StorageMode offered, CancellationToken cancellationToken)
    {
        // Half of it is there: the partitions of a migration that was interrupted stay partitions.
        if (!AreDecidedBy(applied) && !applied.ContainsKey(FirstVersion))
            return offered;
        var mode = await OfSchemaAsync(connection, cancellationToken);
        return AreDecidedBy(applied) || mode == StorageMode.Plain ? mode : offered;
    }

    /// <summary>What the server offers; makes the extension if it can.</summary>
    /// <param name="connection">Broken afterwards where the library is not preloaded: the server ends a session that asks for it then.</param>
    /// <param name="whyPlain">Told where TimescaleDB is on the server and cannot be used.</param>
    public static async Task<StorageMode> OfServerAsync(NpgsqlConnection connection, Action<string> whyPlain, CancellationToken cancellationToken)
    {
        if (await ReadAsync(connection, "SELECT name::text FROM pg_available_extensions WHERE name = 'timescaledb'", cancellationToken) is null)
            return StorageMode.Plain;
        try
        {
            if (await ReadAsync(connection, "SELECT extname::text FROM pg_extension WHERE extname = 'timescaledb'", cancellationToken) is null)
                await ReadAsync(connection, "CREATE EXTENSION timescaledb", cancellationToken);
            // Only a session that has loaded the library knows the setting.
            await ReadAsync(connection, "SELECT max(hypertable_name)::text FROM timescaledb_information.hypertables", cancellationToken);
            var license = await ReadAsync(connection, "SELECT current_setting('timescaledb.license', true)", cancellationToken);
            return license == "timescale" ? StorageMode.Timescale : StorageMode.Apache;
        }
        catch (PostgresException exception)
        {
            whyPlain(exception.MessageText);
            return StorageMode.Plain;
        }
    }

    private static async Task<string?> ReadAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }
}
