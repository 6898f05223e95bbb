using Npgsql;
using SignalFlow.Storage.Migrations;

namespace SignalFlow.Storage.Posts;

/// <summary>
/// Makes the daily partitions of <c>post_metrics_history</c>, a few days ahead of the observations. A hypertable makes its chunks itself.
/// </summary>
public sealed class HistoryPartitions(NpgsqlDataSource dataSource)
{
    private const int DaysAhead = 3;

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

    // The table is not this user's as a rule, so its owner's function does it.
    private async Task CreateAsync(List<DateOnly> days, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT make_history_day(day) FROM unnest($1) AS day");
        command.Parameters.Add(new NpgsqlParameter<DateOnly[]> { TypedValue = [.. days] });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
