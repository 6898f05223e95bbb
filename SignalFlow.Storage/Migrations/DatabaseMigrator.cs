using System.Data;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace SignalFlow.Storage.Migrations;

/// <summary>
/// Brings a database to the schema of this code: numbered scripts in order, each in a transaction of its own, recorded in
/// <c>schema_migrations</c>. Any number of processes may call it at once; an advisory lock lets one work.
/// </summary>
public sealed partial class DatabaseMigrator(NpgsqlDataSource dataSource, TimeProvider time, ILogger<DatabaseMigrator> logger)
{
    // Any constant serves, as long as nothing else in the database uses it. This one spells "sflow".
    private const long LockKey = 0x73_66_6C_6F_77;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    /// <summary>The scripts of this program. Fewer stand for an earlier version of it.</summary>
    internal IReadOnlyList<Migration> Migrations { get; init; } = Migration.All;

    /// <summary>Waits as long as the server is away, also in the middle: a script is applied as a whole or not at all.</summary>
    /// <exception cref="SchemaException">The database is newer than this code, or an applied script was changed afterwards.</exception>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        for (var wait = TimeSpan.FromSeconds(1); ; wait = Longer(wait))
        {
            try
            {
                await MigrateOnceAsync(cancellationToken);
                return;
            }
            catch (Exception exception) when (IsAway(exception))
            {
                LogWaitingForServer(exception.Message, wait);
                await Task.Delay(wait, time, cancellationToken);
            }
        }
    }

    private async Task MigrateOnceAsync(CancellationToken cancellationToken)
    {
        var offered = await OfferedModeAsync(cancellationToken);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        // What a script had to leave out.
        connection.Notice += (_, notice) =>
        {
            if (notice.Notice.InvariantSeverity == "WARNING")
                LogWarned(notice.Notice.MessageText);
        };
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({LockKey})", cancellationToken);
        try
        {
            await ExecuteAsync(connection, CreateBookkeeping, cancellationToken);
            var applied = await ReadAppliedAsync(connection, cancellationToken);
            Check(applied);
            if (applied.Count == Migrations.Count)
                return;
            using var activity = StorageExtensions.Activities.StartActivity("storage migrate");
            activity?.SetTag("signalflow.items", Migrations.Count - applied.Count);
            var mode = await StorageModes.OfSchemaAsync(connection, applied, offered, cancellationToken);
            foreach (var migration in Migrations.Where(migration => !applied.ContainsKey(migration.Version)))
            {
                await ApplyAsync(connection, migration, mode, cancellationToken);
                LogApplied(migration.Name, mode);
            }
        }
        finally
        {
            await UnlockAsync(connection);
        }
    }

    /// <summary>On a connection of its own, because asking may cost it. Without meaning once the database has its mode.</summary>
    private async Task<StorageMode> OfferedModeAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (await BookkeepingExistsAsync(connection, cancellationToken)
            && StorageModes.AreDecidedBy(await ReadAppliedAsync(connection, cancellationToken)))
        {
            return StorageMode.Plain;
        }

        // Two that make the extension at once would refuse each other.
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({LockKey})", cancellationToken);
        try
        {
            return await StorageModes.OfServerAsync(connection, LogTimescaleUnusable, cancellationToken);
        }
        finally
        {
            await UnlockAsync(connection);
        }
    }

    // Not cancellable: a pooled connection would carry the lock on. A broken one has lost it already.
    private static async Task UnlockAsync(NpgsqlConnection connection)
    {
        if (connection.State == ConnectionState.Open)
            await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({LockKey})", CancellationToken.None);
    }

    /// <summary>Whether the database has the schema of this code, without waiting for it or for its server.</summary>
    /// <exception cref="SchemaException">The database is newer than this code, or not its own.</exception>
    public async Task<bool> HasSchemaAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await HasSchemaAsync(connection, cancellationToken);
    }

    /// <summary>Returns when the database has the schema of this code; until then asks again, with growing pauses.</summary>
    /// <exception cref="SchemaException">The database is newer than this code.</exception>
    public async Task WaitForSchemaAsync(CancellationToken cancellationToken)
    {
        for (var wait = TimeSpan.FromMilliseconds(250); ; wait = Longer(wait))
        {
            try
            {
                if (await HasSchemaAsync(cancellationToken))
                    return;
                LogWaitingForSchema(wait);
            }
            catch (Exception exception) when (IsAway(exception))
            {
                LogWaitingForServer(exception.Message, wait);
            }

            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private async Task<bool> HasSchemaAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var applied = await BookkeepingExistsAsync(connection, cancellationToken)
            ? await ReadAppliedAsync(connection, cancellationToken)
            : [];
        Check(applied);
        return applied.Count == Migrations.Count;
    }

    private const string CreateBookkeeping = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
          version    integer PRIMARY KEY,
          name       text NOT NULL,
          checksum   text NOT NULL,
          applied_at timestamptz NOT NULL DEFAULT now()
        )
        """;

    private void Check(Dictionary<int, string> applied)
    {
        var newest = Migrations[^1].Version;
        if (applied.Keys.Where(version => version > newest).DefaultIfEmpty().Max() is var ahead and > 0)
        {
            throw new SchemaException(
                $"The database has schema version {ahead}, this program knows versions up to {newest}. Run a newer SignalFlow on it.");
        }

        foreach (var migration in Migrations)
        {
            if (applied.TryGetValue(migration.Version, out var checksum) && !migration.HasChecksum(checksum))
            {
                throw new SchemaException(
                    $"Migration {migration.Name} was applied to this database with another content (checksum {checksum}). "
                    + "Applied migrations are never edited; restore the script or the database.");
            }
        }
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, Migration migration, StorageMode mode, CancellationToken cancellationToken)
    {
        using var activity = StorageExtensions.Activities.StartActivity("storage migration");
        activity?.SetTag("signalflow.migration", migration.Name);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var script = migration.Scripts[mode];
        await ExecuteAsync(connection, script.Sql, cancellationToken);
        await using (var record = new NpgsqlCommand("INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)", connection)
        {
            Parameters = { new() { Value = migration.Version }, new() { Value = migration.Name }, new() { Value = script.Checksum } },
        })
        {
            await record.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<bool> BookkeepingExistsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT to_regclass('schema_migrations') IS NOT NULL", connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<Dictionary<int, string>> ReadAppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var applied = new Dictionary<int, string>();
        await using var command = new NpgsqlCommand("SELECT version, checksum FROM schema_migrations", connection);
        try
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                applied.Add(reader.GetInt32(0), reader.GetString(1));
        }
        // The original system has a table of this name, too.
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UndefinedColumn)
        {
            throw new SchemaException(
                "The database belongs to another program: its schema_migrations has no checksums. Give SignalFlow a database of its own; "
                + "what the original system has stored comes over with 'SignalFlow.Processing import'.");
        }

        return applied;
    }

    // Not there yet, starting up, ending, or out of disk. A wrong password is none of these and must be seen at once.
    private static bool IsAway(Exception exception) =>
        exception.IsOfDatabase() && exception is not PostgresException { IsTransient: false, SqlState: not PostgresErrorCodes.InternalError };

    private static TimeSpan Longer(TimeSpan wait) => wait * 2 < LongestWait ? wait * 2 : LongestWait;

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "Applied migration {Name} ({Mode} mode)")]
    private partial void LogApplied(string name, StorageMode mode);

    [LoggerMessage(LogLevel.Warning, "{Warning}")]
    private partial void LogWarned(string warning);

    [LoggerMessage(LogLevel.Warning, "The server has TimescaleDB, but it cannot be used here ({Reason}); history goes into partitions of plain PostgreSQL")]
    private partial void LogTimescaleUnusable(string reason);

    [LoggerMessage(LogLevel.Information, "The database does not have this program's schema yet; asking again in {Wait}")]
    private partial void LogWaitingForSchema(TimeSpan wait);

    [LoggerMessage(LogLevel.Warning, "The database is not ready ({Reason}); asking again in {Wait}")]
    private partial void LogWaitingForServer(string reason, TimeSpan wait);
}

/// <summary>The database and this program do not belong together; the message says why and what helps.</summary>
public sealed class SchemaException(string message) : Exception(message);
