using Npgsql;

namespace SignalFlow.Storage.Subreddits;

/// <param name="Name">The subreddit as an operator wrote it; Reddit ignores case.</param>
/// <param name="Priority">The tier: <c>fast</c>, <c>medium</c> or <c>slow</c>.</param>
/// <param name="IntervalSeconds">Seconds between polls; null: the tier's interval.</param>
public sealed record SubredditConfig(string Name, string Priority, int? IntervalSeconds);

/// <summary>What to poll: table <c>subreddit_config</c>, which operators edit while the system runs.</summary>
public sealed class SubredditConfigStore(NpgsqlDataSource dataSource)
{
    public async Task<IReadOnlyList<SubredditConfig>> GetActiveAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            "SELECT name, priority, interval_seconds FROM subreddit_config WHERE is_active ORDER BY lower(name)");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var subreddits = new List<SubredditConfig>();
        while (await reader.ReadAsync(cancellationToken))
            subreddits.Add(new(reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetInt32(2)));
        return subreddits;
    }

    /// <summary>Makes sure that <paramref name="names"/> are polled: missing rows are added, inactive ones activated.</summary>
    public async Task ActivateAsync(IReadOnlyCollection<string> names, string priority, string addedBy, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            INSERT INTO subreddit_config (name, priority, added_by)
            SELECT DISTINCT ON (lower(name)) name, $2, $3 FROM unnest($1) AS given (name)
            ON CONFLICT (lower(name)) DO UPDATE SET is_active = true, updated_at = now() WHERE NOT subreddit_config.is_active
            """);
        command.Parameters.Add(new() { Value = names.ToArray() });
        command.Parameters.Add(new() { Value = priority });
        command.Parameters.Add(new() { Value = addedBy });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
