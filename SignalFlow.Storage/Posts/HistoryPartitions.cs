using System.Globalization;
using Npgsql;

namespace SignalFlow.Storage.Posts;

/// <summary>Makes the daily partitions of <c>post_metrics_history</c>, a few days ahead of the observations.</summary>
public sealed class HistoryPartitions(NpgsqlDataSource dataSource)
{
    private const int DaysAhead = 3;
    private const long LockKey = 0x73_66_70_61_72;

    // Partitions leave by retention, as a rule long after the last observation of their day.
    private readonly HashSet<DateOnly> _known = [];
    private readonly Lock _lock = new();

    /// <summary>Returns when every one of <paramref name="days"/> (UTC) has its partition.</summary>
    public async Task EnsureAsync(IEnumerable<DateOnly> days, CancellationToken cancellationToken)
    {
        List<DateOnly> missing;
        lock (_lock)
            missing = [.. days.Where(day => !_known.Contains(day)).Distinct()];
        if (missing.Count == 0)
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
    }

    private async Task CreateAsync(List<DateOnly> days, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // IF NOT EXISTS alone is not safe against another process that creates the same table at the same moment.
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(new($"SELECT pg_advisory_xact_lock({LockKey})"));
        foreach (var day in days)
        {
            batch.BatchCommands.Add(new(string.Create(CultureInfo.InvariantCulture, $"""
                CREATE TABLE IF NOT EXISTS post_metrics_history_{day:yyyyMMdd} PARTITION OF post_metrics_history
                FOR VALUES FROM ('{day:yyyy-MM-dd} 00:00:00+00') TO ('{day.AddDays(1):yyyy-MM-dd} 00:00:00+00')
                """)));
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
