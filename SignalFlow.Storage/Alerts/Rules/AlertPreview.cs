using Npgsql;

namespace SignalFlow.Storage.Alerts.Rules;

/// <summary>What a rule would have fired on.</summary>
/// <param name="Matches">One of each alert, oldest first.</param>
/// <param name="PerSensitivity">Alerts for each of <see cref="AlertSensitivity.All"/>.</param>
/// <param name="IsTruncated">There were more matches than were looked at.</param>
public sealed record AlertBacktest(
    DateTimeOffset From, DateTimeOffset To, IReadOnlyList<RuleMatch> Matches, IReadOnlyDictionary<string, int> PerSensitivity, bool IsTruncated);

/// <summary>Tries a rule on what is stored: by the same statements that look for it when it is at work.</summary>
public static class AlertPreview
{
    public const int Days = 7;
    private const int MostMatches = 5_000;
    private const int StatementSeconds = 8;

    /// <returns>Null: it takes too long.</returns>
    public static async Task<AlertBacktest?> RunAsync(
        NpgsqlDataSource dataSource, RuleCondition rule, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var limit = new NpgsqlCommand($"SET LOCAL statement_timeout = '{StatementSeconds}s'; SET TRANSACTION READ ONLY", connection))
            await limit.ExecuteNonQueryAsync(cancellationToken);
        try
        {
            return await RunAsync(connection, rule, now, cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.QueryCanceled && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<AlertBacktest> RunAsync(NpgsqlConnection connection, RuleCondition rule, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var isVolume = rule.Kind == AlertKinds.Volume;
        var to = isVolume ? VolumeMatches.Open(now) : now.UtcDateTime;
        var from = to.AddDays(-Days);
        // The most sensitive finds what the others do, and more.
        var widest = rule with { Sensitivity = AlertSensitivity.High };
        var all = isVolume
            ? await VolumeMatches.FindAsync(connection, widest, from, to, cancellationToken)
            : await RuleMatches.FindAsync(connection, widest, new MatchSpan.Happened(from, to), MostMatches + 1, cancellationToken);
        var perSensitivity = AlertSensitivity.All.ToDictionary(
            sensitivity => sensitivity, sensitivity => Of(all, rule with { Sensitivity = sensitivity }).Count);
        return new(from, to, Of(all, rule), perSensitivity, all.Count > MostMatches);
    }

    private static IReadOnlyList<RuleMatch> Of(List<RuleMatch> all, RuleCondition rule) => RuleMatch.Distinct(
        all.Where(match => match.Strength is not { } strength
            || strength >= rule.LeastStrength && (match.Observed is not { } observed || observed >= AlertSensitivity.LeastVolume(rule.Sensitivity))),
        rule.Dedupe);
}
