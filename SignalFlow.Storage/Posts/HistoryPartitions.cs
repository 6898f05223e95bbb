using System.Globalization;
using Npgsql;
using SignalFlow.Storage.Migrations;

namespace SignalFlow.Storage.Posts;

/// <summary>
/// Makes the daily partitions of <c>post_metrics_history</c>, a few days ahead of the observations. A hypertable makes its chunks itself.
/// </summary>
public sealed class HistoryPartitions(NpgsqlDataSource dataSource)
{
    private const int DaysAhead = 3;
    private const long LockKey = 0x73_66_70_61_72;

    // Partitions leave by retention, as a rule long after the last observation of their day.
    private readonly HashSet<DateOnly> _known = [];
    private readonly Lock _lock = new();
    private StorageMode? _mode;

    /// <summary>How the database keeps history; asked once.</summary>
    public async ValueTask<StorageMode> ModeAsync(CancellationToken cancellationToken)
    {
        if (_mode is { } known)
            return known;
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var mode = await StorageModes.OfSchemaAsync(connection, cancellationToken);
        _mode = mode;
        return mode;
    }

    /// <summary>Returns when every one of <paramref name="days"/> (UTC) has its partition.</summary>
    public async Task EnsureAsync(IEnumerable<DateOnly> days, CancellationToken cancellationToken)
    {
        List<DateOnly> missing;
        lock (_lock)
            missing = [.. days.Where(day => !_known.Contains(day)).Distinct()];
        if (missing.Count == 0 || await ModeAsync(cancellationToken) != StorageMode.Plain)
            return;

        var wanted = missing
            .SelectMany(day => Enumerable.Range(0, DaysAhead + 1).Select(day.AddDays))
            .Distinct().Order().ToList();
        await CreateAsync(wanted, cancellationToken);
        lock (_lock)
            _known.UnionWith(missing);
    }

    /// <summary>The day of an observation has no partition: somebody has dropped it since it was made.</summary>
    public static bool IsMissing(PostgresException exception) =>
        // PostgreSQL has no code of its own for it. A check constraint that a row violates has a name.
        exception is { SqlState: PostgresErrorCodes.CheckViolation, ConstraintName: null };

    /// <summary>Has the partitions looked for again.</summary>
    public void Forget()
    {
        lock (_lock)
            _known.Clear();
        _mode = null;
    }

    private async Task CreateAsync(List<DateOnly> days, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // One at a time: two processes that create the same table at the same moment would fail.
        await using (var held = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({LockKey})", connection))
            await held.ExecuteNonQueryAsync(cancellationToken);
        foreach (var day in days)
        {
            var name = HistoryPartition.Name(day);
            var (exists, attached) = await FindAsync(connection, name, cancellationToken);
            if (attached)
                continue;
            // Attached, not created as a partition: that would lock the table against all writers, and wait for all readers to do so.
            // A table that is there and not attached is one that retention had begun to drop.
            var create = exists ? "" : $"CREATE TABLE {name} (LIKE post_metrics_history INCLUDING ALL);";
            await using var command = new NpgsqlCommand(string.Create(CultureInfo.InvariantCulture, $"""
                {create} ALTER TABLE post_metrics_history ATTACH PARTITION {name}
                FOR VALUES FROM ('{day:yyyy-MM-dd} 00:00:00+00') TO ('{day.AddDays(1):yyyy-MM-dd} 00:00:00+00')
                """), connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<(bool Exists, bool Attached)> FindAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT to_regclass($1) IS NOT NULL, EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass($1))", connection)
        {
            Parameters = { new() { Value = name } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetBoolean(0), reader.GetBoolean(1));
    }
}
