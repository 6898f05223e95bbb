using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Npgsql;
using SignalFlow.Storage.Migrations;

namespace SignalFlow.Storage.Subreddits;

/// <summary>A row that another system's <c>subreddit_config</c> has.</summary>
public sealed record SubredditRow(string Name, string Priority, int? IntervalSeconds, bool IsActive, string AddedBy);

public enum SubredditMergeOutcome
{
    /// <summary>The name was not here.</summary>
    Added,

    /// <summary>Here it was as it had been shipped; now it says what the other system says.</summary>
    Taken,

    /// <summary>Both say the same.</summary>
    Same,

    /// <summary>An operator has added or changed it here, and that stays.</summary>
    Kept,

    /// <summary>It was shipped, and an operator has removed it here.</summary>
    Removed,
}

/// <summary>
/// Brings another system's subreddits into <c>subreddit_config</c>. What an operator has done here is never undone: only names that are not here and rows
/// that are still as the second migration has written them take what the other system says. Doing it again changes nothing.
/// </summary>
public sealed partial class SubredditMerge(NpgsqlDataSource dataSource)
{
    private const int ShippedBy = 2;

    /// <summary>Name and tier of every row that the migration has written. It is never edited, so this is what it has written everywhere.</summary>
    private static readonly FrozenDictionary<string, string> Shipped = ShippedRow()
        .Matches(Migration.All[ShippedBy - 1].Scripts[StorageMode.Plain].Sql)
        .ToFrozenDictionary(row => row.Groups[1].Value, row => row.Groups[2].Value, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the table can hold the row.</summary>
    public static bool IsValid(SubredditRow row) =>
        ValidName().IsMatch(row.Name) && row.Priority is "fast" or "medium" or "slow" && row.IntervalSeconds is null or >= 10;

    /// <param name="rows">Valid, and no two of one name in whatever case.</param>
    /// <param name="cancellationToken">Nothing is changed then.</param>
    /// <returns>What became of each, in their order.</returns>
    public async Task<IReadOnlyList<SubredditMergeOutcome>> MergeAsync(IReadOnlyList<SubredditRow> rows, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Reading goes on; an operator's edit waits for the end, and then counts.
        await using (var held = new NpgsqlCommand("LOCK TABLE subreddit_config IN SHARE ROW EXCLUSIVE MODE", connection))
            await held.ExecuteNonQueryAsync(cancellationToken);
        var stored = await ReadAsync(connection, cancellationToken);
        var outcomes = rows.Select(row => Outcome(row, stored)).ToList();
        await WriteAsync(
            connection, [.. rows.Where((_, index) => outcomes[index] is SubredditMergeOutcome.Added or SubredditMergeOutcome.Taken)], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return outcomes;
    }

    private static SubredditMergeOutcome Outcome(SubredditRow row, Dictionary<string, Stored> stored)
    {
        if (!stored.TryGetValue(row.Name, out var here))
            return Shipped.ContainsKey(row.Name) ? SubredditMergeOutcome.Removed : SubredditMergeOutcome.Added;
        if ((here.Row.Priority, here.Row.IntervalSeconds, here.Row.IsActive) == (row.Priority, row.IntervalSeconds, row.IsActive))
            return SubredditMergeOutcome.Same;
        return here.IsAsShipped ? SubredditMergeOutcome.Taken : SubredditMergeOutcome.Kept;
    }

    private static async Task<Dictionary<string, Stored>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT name, priority, interval_seconds, is_active, added_by, updated_at = created_at FROM subreddit_config", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var stored = new Dictionary<string, Stored>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = new SubredditRow(
                reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetInt32(2), reader.GetBoolean(3), reader.GetString(4));
            // Somebody who edits by hand may leave updated_at alone, so every column has to be as it was.
            var isAsShipped = row is { IntervalSeconds: null, IsActive: true, AddedBy: "default" }
                && Shipped.GetValueOrDefault(row.Name) == row.Priority
                && reader.GetBoolean(5);
            stored.Add(row.Name, new(row, isAsShipped));
        }

        return stored;
    }

    private static async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<SubredditRow> rows, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            INSERT INTO subreddit_config (name, priority, interval_seconds, is_active, added_by)
            SELECT * FROM unnest($1, $2, $3, $4, $5)
            ON CONFLICT (lower(name)) DO UPDATE SET
              priority = excluded.priority, interval_seconds = excluded.interval_seconds, is_active = excluded.is_active,
              added_by = excluded.added_by, updated_at = now()
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. rows.Select(row => row.Name)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. rows.Select(row => row.Priority)] });
        command.Parameters.Add(new NpgsqlParameter<int?[]> { TypedValue = [.. rows.Select(row => row.IntervalSeconds)] });
        command.Parameters.Add(new NpgsqlParameter<bool[]> { TypedValue = [.. rows.Select(row => row.IsActive)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. rows.Select(row => row.AddedBy)] });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed record Stored(SubredditRow Row, bool IsAsShipped);

    [GeneratedRegex(@"\('(\w+)', '(\w+)'\)", RegexOptions.CultureInvariant)]
    private static partial Regex ShippedRow();

    // As the table's check.
    [GeneratedRegex(@"^[A-Za-z0-9_]{2,50}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ValidName();
}
