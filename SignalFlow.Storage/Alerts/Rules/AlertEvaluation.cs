using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace SignalFlow.Storage.Alerts.Rules;

/// <summary>
/// Looks at what is new for every rule and writes what it fires on. A rule's place moves in the transaction of its alerts, and an alert's key
/// follows from the data, so neither a crash nor a second evaluation makes two of one.
/// </summary>
internal sealed partial class AlertEvaluation(AlertMetrics metrics, TimeProvider time, ILogger<AlertEvaluation> logger)
{
    // A rule that has rested looks at so many texts at a time.
    private const int TextsAtOnce = 20_000;
    private const int MatchesAtOnce = 1_000;
    private const int StatementSeconds = 20;

    private static readonly TimeSpan CountersInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MostHours = TimeSpan.FromHours(24);

    /// <returns>The number of new alerts.</returns>
    public async Task<long> RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var present = await PresentAsync(connection, cancellationToken);
        var fired = 0L;
        foreach (var id in await RulesAsync(connection, cancellationToken))
        {
            try
            {
                fired += await EvaluateAsync(connection, id, present, cancellationToken);
            }
            catch (Exception exception) when (exception is PostgresException or FormatException)
            {
                // One rule must not hold up the others; what it has not looked at waits.
                metrics.Failed();
                LogFailed(id, exception);
                await NoteAsync(connection, id, exception, cancellationToken);
            }
        }

        return fired;
    }

    private async Task<int> EvaluateAsync(NpgsqlConnection connection, long id, Present present, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var limit = new NpgsqlCommand($"SET LOCAL statement_timeout = '{StatementSeconds}s'", connection))
            await limit.ExecuteNonQueryAsync(cancellationToken);
        if (await LockAsync(connection, id, cancellationToken) is not { } rule)
            return 0;
        var now = time.GetUtcNow();
        if (await FindAsync(connection, rule, present, now, cancellationToken) is not { } found)
            return 0;
        var (fired, suppressed) = await new FiredAlerts(connection, rule, now).WriteAsync(found.Matches, cancellationToken);
        await using (var command = new NpgsqlCommand("""
            UPDATE alert_rules SET evaluated_to = $2, counted_to = $3, evaluated_at = $4, error = NULL, suppressed = suppressed + $5 WHERE id = $1
            """, connection))
        {
            command.Parameters.Add(new() { Value = id });
            command.Parameters.Add(new() { Value = found.EvaluatedTo, NpgsqlDbType = NpgsqlDbType.Xid8 });
            command.Parameters.Add(new() { Value = found.CountedTo });
            command.Parameters.Add(new() { Value = now.UtcDateTime });
            command.Parameters.Add(new() { Value = (long)suppressed });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        metrics.Fired(rule.Condition.Kind, fired, suppressed, rule.Definition.MutedUntil > now);
        if (fired > 0)
            LogFired(id, rule.Condition.Kind, fired);
        return fired;
    }

    /// <returns>Null: there is nothing new.</returns>
    private static async Task<Found?> FindAsync(
        NpgsqlConnection connection, AlertRule rule, Present present, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var countedTo = rule.State.CountedTo.UtcDateTime;
        // Of another time of the database, which was restored: the numbers of its transactions begin anew.
        var from = Math.Min(rule.State.EvaluatedTo ?? present.Complete, present.Complete);
        if (rule.Condition.Kind == AlertKinds.Volume)
        {
            var open = VolumeMatches.Open(now);
            if (countedTo >= open)
                return null;
            var first = countedTo < open - MostHours ? open - MostHours : countedTo;
            return new(await VolumeMatches.FindAsync(connection, rule.Condition, first, open, cancellationToken), from, open);
        }

        var since = rule.State.Since.UtcDateTime;
        if (rule.Condition.Kind == AlertKinds.Query && rule.Condition.Parsed!.ReadsCounters)
        {
            if (countedTo > now)
                return null;
            var young = new MatchSpan.Growing(now.UtcDateTime.AddDays(-RuleMatches.MaxAgeDays), since, rule.Id);
            return new(
                await RuleMatches.FindAsync(connection, rule.Condition, young, MatchesAtOnce, cancellationToken),
                from, (now + CountersInterval).UtcDateTime);
        }

        var isEvent = AlertKinds.IsEvent(rule.Condition.Kind);
        if ((isEvent ? present.NewestEvent : present.NewestText) is not { } newest || newest < from)
            return from == rule.State.EvaluatedTo ? null : new([], from, countedTo);
        var to = isEvent ? present.Complete : await BoundAsync(connection, from, present.Complete, cancellationToken);
        var written = new MatchSpan.Written(from, to, since);
        return new(await RuleMatches.FindAsync(connection, rule.Condition, written, MatchesAtOnce, cancellationToken), to, countedTo);
    }

    /// <summary>What is complete: every transaction before the oldest that is still under way.</summary>
    private static async Task<Present> PresentAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        ulong complete;
        await using (var command = new NpgsqlCommand("SELECT pg_snapshot_xmin(pg_current_snapshot())", connection))
            complete = (ulong)(await command.ExecuteScalarAsync(cancellationToken))!;
        await using var newest = new NpgsqlCommand("""
            SELECT (SELECT written_in FROM post_nlp_features WHERE written_in < $1 ORDER BY written_in DESC LIMIT 1),
              (SELECT written_in FROM signal_events WHERE written_in < $1 ORDER BY written_in DESC LIMIT 1)
            """, connection);
        newest.Parameters.Add(new() { Value = complete, NpgsqlDbType = NpgsqlDbType.Xid8 });
        await using var reader = await newest.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(complete, Number(0), Number(1));

        ulong? Number(int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<ulong>(column);
    }

    // Whole transactions, and at least one.
    private static async Task<ulong> BoundAsync(NpgsqlConnection connection, ulong from, ulong complete, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"""
            SELECT written_in FROM post_nlp_features WHERE written_in >= $1 AND written_in < $2 ORDER BY written_in OFFSET {TextsAtOnce} LIMIT 1
            """, connection);
        command.Parameters.Add(new() { Value = from, NpgsqlDbType = NpgsqlDbType.Xid8 });
        command.Parameters.Add(new() { Value = complete, NpgsqlDbType = NpgsqlDbType.Xid8 });
        return await command.ExecuteScalarAsync(cancellationToken) is ulong bound ? Math.Max(bound, from + 1) : complete;
    }

    // Rules of those who may no longer have them rest.
    private static async Task<List<long>> RulesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            SELECT rule.id FROM alert_rules rule JOIN users owner ON owner.id = rule.user_id
            WHERE rule.active AND owner.is_active AND owner.role <> 'viewer' ORDER BY rule.id
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rules = new List<long>();
        while (await reader.ReadAsync(cancellationToken))
            rules.Add(reader.GetInt64(0));
        return rules;
    }

    private static async Task<AlertRule?> LockAsync(NpgsqlConnection connection, long id, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"SELECT {AlertRuleStore.Columns} FROM alert_rules rule WHERE id = $1 AND active FOR UPDATE SKIP LOCKED", connection);
        command.Parameters.Add(new() { Value = id });
        return (await AlertRuleStore.ReadAsync(command, cancellationToken)) is [var rule] ? rule : null;
    }

    private static async Task NoteAsync(NpgsqlConnection connection, long id, Exception exception, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("UPDATE alert_rules SET error = $2 WHERE id = $1", connection);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new()
        {
            Value = exception is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled }
                ? $"The query takes longer than {StatementSeconds} seconds; make it narrower." : "The evaluation failed.",
        });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "Alert rule {Rule} ({Kind}) fired {Count} times")]
    private partial void LogFired(long rule, string kind, int count);

    [LoggerMessage(LogLevel.Warning, "Alert rule {Rule} could not be evaluated")]
    private partial void LogFailed(long rule, Exception exception);

    /// <param name="Complete">Transactions before it have ended.</param>
    private sealed record Present(ulong Complete, ulong? NewestText, ulong? NewestEvent);

    private sealed record Found(List<RuleMatch> Matches, ulong EvaluatedTo, DateTime CountedTo);
}
