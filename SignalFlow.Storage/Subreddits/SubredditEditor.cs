using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using NpgsqlTypes;
using SignalFlow.Storage.Audit;

namespace SignalFlow.Storage.Subreddits;

/// <summary>A row of <c>subreddit_config</c> as administrators see it.</summary>
/// <param name="Version">Of the row; another one after any change, whoever made it.</param>
public sealed record EditedSubreddit(string Name, string Tier, int? IntervalSeconds, bool IsActive, long Version);

/// <param name="Tier">Null: as it is.</param>
/// <param name="HasInterval">False: the interval stays as it is.</param>
/// <param name="IsActive">Null: as it is.</param>
public sealed record SubredditEdit(string? Tier, bool HasInterval, int? IntervalSeconds, bool? IsActive)
{
    public EditedSubreddit Of(EditedSubreddit row) => row with
    {
        Tier = Tier ?? row.Tier,
        IntervalSeconds = HasInterval ? IntervalSeconds : row.IntervalSeconds,
        IsActive = IsActive ?? row.IsActive,
    };
}

public enum SubredditEditOutcome
{
    Done,

    /// <summary>It was so already.</summary>
    Unchanged,
    Missing,

    /// <summary>The name is taken.</summary>
    Exists,

    /// <summary>Somebody else has changed it since it was read.</summary>
    Stale,
}

/// <summary>
/// Changes <c>subreddit_config</c> for administrators, with an entry in the audit log in the same transaction. Ingestion reads the table
/// by itself. The version of a row is PostgreSQL's own number of the transaction that wrote it, so a change by hand counts, too.
/// </summary>
public sealed class SubredditEditor(NpgsqlDataSource dataSource)
{
    private const string Columns = "name, priority, interval_seconds, is_active, xmin::text::bigint";

    public async Task<(SubredditEditOutcome Outcome, EditedSubreddit? Row)> AddAsync(
        EditedSubreddit row, string addedBy, SubredditAudit audit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var added = await OneAsync(
            connection,
            $"""
            INSERT INTO subreddit_config (name, priority, interval_seconds, is_active, added_by) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (lower(name)) DO NOTHING RETURNING {Columns}
            """,
            cancellationToken,
            [.. Values(row), new NpgsqlParameter<string> { TypedValue = addedBy }]);
        if (added is null)
            return (SubredditEditOutcome.Exists, null);
        await audit.AddAsync(connection, "subreddit.add", null, added, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (SubredditEditOutcome.Done, added);
    }

    /// <param name="name">In any case.</param>
    /// <param name="version">That the change is based on; null: any.</param>
    /// <param name="edit">What is to change.</param>
    /// <param name="action">Of the entry in the audit log.</param>
    /// <param name="audit">Who.</param>
    /// <param name="cancellationToken">Nothing is changed then.</param>
    public async Task<(SubredditEditOutcome Outcome, EditedSubreddit? Row)> ChangeAsync(
        string name, long? version, SubredditEdit edit, string action, SubredditAudit audit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (outcome, old) = await LockAsync(connection, name, version, cancellationToken);
        if (old is null || outcome != SubredditEditOutcome.Done)
            return (outcome, old);
        var wanted = edit.Of(old);
        if (wanted == old)
            return (SubredditEditOutcome.Unchanged, old);
        var changed = await UpdateAsync(connection, wanted, cancellationToken);
        await audit.AddAsync(connection, action, old, changed, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (SubredditEditOutcome.Done, changed);
    }

    /// <summary>Takes it out of the configuration; its posts stay.</summary>
    public async Task<SubredditEditOutcome> DeleteAsync(string name, long? version, SubredditAudit audit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (outcome, old) = await LockAsync(connection, name, version, cancellationToken);
        if (old is null || outcome != SubredditEditOutcome.Done)
            return outcome;
        await using (var command = new NpgsqlCommand("DELETE FROM subreddit_config WHERE name = $1", connection))
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = old.Name });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await audit.AddAsync(connection, "subreddit.delete", old, null, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return SubredditEditOutcome.Done;
    }

    /// <summary>Adds and changes many at once, all or none.</summary>
    /// <param name="rows">No two of one name.</param>
    /// <param name="addedBy">Of those that are new.</param>
    /// <param name="apply">False: only tells what would become of them.</param>
    /// <param name="audit">Who.</param>
    /// <param name="cancellationToken">Nothing is changed then.</param>
    /// <returns>For each: null when it is new, else whether it changes.</returns>
    public async Task<IReadOnlyList<bool?>> ImportAsync(
        IReadOnlyList<(string Name, SubredditEdit Edit)> rows, string addedBy, bool apply, SubredditAudit audit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Reading goes on; another edit waits for the end, so what is reported is what happens.
        if (apply)
            await ExecuteAsync(connection, "LOCK TABLE subreddit_config IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
        var stored = await AllAsync(connection, cancellationToken);
        var results = new List<bool?>(rows.Count);
        foreach (var (name, edit) in rows)
        {
            var old = stored.GetValueOrDefault(name);
            var wanted = edit.Of(old ?? new(name, "medium", null, true, 0));
            results.Add(old is null ? null : wanted != old);
            if (!apply || wanted == old)
                continue;
            var written = old is null
                ? await OneAsync(
                    connection,
                    $"INSERT INTO subreddit_config (name, priority, interval_seconds, is_active, added_by) VALUES ($1, $2, $3, $4, $5) RETURNING {Columns}",
                    cancellationToken,
                    [.. Values(wanted), new NpgsqlParameter<string> { TypedValue = addedBy }])
                : await UpdateAsync(connection, wanted, cancellationToken);
            await audit.AddAsync(connection, old is null ? "subreddit.add" : "subreddit.change", old, written, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return results;
    }

    private static async Task<(SubredditEditOutcome Outcome, EditedSubreddit? Row)> LockAsync(
        NpgsqlConnection connection, string name, long? version, CancellationToken cancellationToken)
    {
        var row = await OneAsync(
            connection, $"SELECT {Columns} FROM subreddit_config WHERE lower(name) = lower($1) FOR UPDATE", cancellationToken,
            new NpgsqlParameter<string> { TypedValue = name });
        if (row is null)
            return (SubredditEditOutcome.Missing, null);
        return (version is { } expected && expected != row.Version ? SubredditEditOutcome.Stale : SubredditEditOutcome.Done, row);
    }

    private static async Task<EditedSubreddit> UpdateAsync(NpgsqlConnection connection, EditedSubreddit row, CancellationToken cancellationToken) =>
        (await OneAsync(
            connection,
            $"""
            UPDATE subreddit_config SET priority = $2, interval_seconds = $3, is_active = $4, updated_at = now()
            WHERE name = $1 RETURNING {Columns}
            """,
            cancellationToken,
            Values(row)))!;

    private static NpgsqlParameter[] Values(EditedSubreddit row) =>
    [
        new NpgsqlParameter<string> { TypedValue = row.Name },
        new NpgsqlParameter<string> { TypedValue = row.Tier },
        new() { Value = (object?)row.IntervalSeconds ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer },
        new NpgsqlParameter<bool> { TypedValue = row.IsActive },
    ];

    private static async Task<EditedSubreddit?> OneAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    private static async Task<Dictionary<string, EditedSubreddit>> AllAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT {Columns} FROM subreddit_config", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new Dictionary<string, EditedSubreddit>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = Read(reader);
            rows.Add(row.Name, row);
        }

        return rows;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static EditedSubreddit Read(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetInt32(2), reader.GetBoolean(3), reader.GetInt64(4));
}

/// <summary>Who changes subreddits, for the audit log.</summary>
/// <param name="entry">Makes the entry: action, target, what was, what is.</param>
/// <param name="at">When.</param>
public sealed class SubredditAudit(Func<string, string, string?, string?, AuditEntry> entry, DateTimeOffset at)
{
    internal Task AddAsync(
        NpgsqlConnection connection, string action, EditedSubreddit? old, EditedSubreddit? current, CancellationToken cancellationToken) =>
        AuditLog.AddAsync(
            connection, entry(action, $"subreddit:{(old ?? current)!.Name}", Json(old), Json(current)), at, cancellationToken);

    private static string? Json(EditedSubreddit? row) => row is null
        ? null
        : JsonSerializer.Serialize(
            new AuditedSubreddit(row.Name, row.Tier, row.IntervalSeconds, row.IsActive), AuditedSubredditJsonContext.Default.AuditedSubreddit);
}

internal sealed record AuditedSubreddit(string Name, string Tier, int? IntervalSeconds, bool Active);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AuditedSubreddit))]
internal sealed partial class AuditedSubredditJsonContext : JsonSerializerContext;
