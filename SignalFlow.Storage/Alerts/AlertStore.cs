using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using SignalFlow.Contracts;

namespace SignalFlow.Storage.Alerts;

/// <summary>Which alerts of a list.</summary>
/// <param name="RuleId">Null: of all rules.</param>
/// <param name="Acknowledged">Null: both.</param>
/// <param name="Beyond">Leaves out this alert and all on this side of it; null: begins at the newest.</param>
/// <param name="Backwards">Towards the newest.</param>
public sealed record AlertFilter(long? RuleId, bool? Acknowledged, long? Beyond, bool Backwards, int Rows);

/// <summary>
/// The table <c>alerts</c>. Titles are those of the posts as they are now. Every access of a user names the owner: nobody reaches another's.
/// </summary>
public sealed class AlertStore(NpgsqlDataSource dataSource)
{
    private const string Select = """
        SELECT alert.id, alert.rule_id, rule.name, alert.kind, alert.occurred_at, alert.fired_at, event.subject, alert.subreddit, alert.strength, alert.observed,
          alert.expected, alert.post_id, alert.muted, alert.acknowledged_at, event.detail ->> 'reason',
          post.title, subreddit.name, post.author, post.url, post.permalink, post.current_score, post.current_comments, post.over_18
        FROM alerts alert
        JOIN alert_rules rule ON rule.id = alert.rule_id
        LEFT JOIN signal_events event ON event.id = alert.event_id
        LEFT JOIN posts post ON post.id = alert.post_id AND post.purged_at IS NULL
        LEFT JOIN subreddits subreddit ON subreddit.id = post.subreddit_id
        """;

    /// <summary>Newest first; backwards, oldest first.</summary>
    public async Task<List<AlertView>> ListAsync(Guid userId, AlertFilter filter, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"""
            {Select}
            WHERE alert.user_id = $1 AND ($2 IS NULL OR alert.rule_id = $2) AND ($3 IS NULL OR (alert.acknowledged_at IS NOT NULL) = $3)
              AND ($4 IS NULL OR alert.id {(filter.Backwards ? ">" : "<")} $4)
            ORDER BY alert.id {(filter.Backwards ? "ASC" : "DESC")} LIMIT {filter.Rows}
            """);
        command.Parameters.Add(new() { Value = userId });
        command.Parameters.Add(new() { Value = (object?)filter.RuleId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
        command.Parameters.Add(new() { Value = (object?)filter.Acknowledged ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Boolean });
        command.Parameters.Add(new() { Value = (object?)filter.Beyond ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
        return await ReadAsync(command, cancellationToken);
    }

    public async Task<AlertView?> FindAsync(Guid userId, long id, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"{Select} WHERE alert.user_id = $1 AND alert.id = $2");
        command.Parameters.Add(new() { Value = userId });
        command.Parameters.Add(new() { Value = id });
        return await ReadAsync(command, cancellationToken) is [var alert] ? alert : null;
    }

    /// <summary>For sending: oldest first.</summary>
    public async Task<List<AlertView>> LoadAsync(long[] ids, int most, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"{Select} WHERE alert.id = ANY ($1) ORDER BY alert.id LIMIT {most}");
        command.Parameters.Add(new() { Value = ids });
        return await ReadAsync(command, cancellationToken);
    }

    /// <param name="id">Null: all of the user's.</param>
    /// <returns>How many were not before; null: the user has none of this number.</returns>
    public async Task<int?> AcknowledgeAsync(Guid userId, long? id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            UPDATE alerts SET acknowledged_at = $3 WHERE user_id = $1 AND ($2 IS NULL OR id = $2) AND acknowledged_at IS NULL
            """);
        command.Parameters.Add(new() { Value = userId });
        command.Parameters.Add(new() { Value = (object?)id ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        var changed = await command.ExecuteNonQueryAsync(cancellationToken);
        return changed == 0 && id is { } sought && await FindAsync(userId, sought, cancellationToken) is null ? null : changed;
    }

    /// <summary>What is known of posts now; purged ones are left out.</summary>
    public async Task<Dictionary<string, AlertPost>> PostsAsync(string[] ids, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            SELECT post.id, post.title, subreddit.name, post.author, post.url, post.permalink, post.current_score, post.current_comments, post.over_18
            FROM posts post JOIN subreddits subreddit ON subreddit.id = post.subreddit_id WHERE post.id = ANY ($1) AND post.purged_at IS NULL
            """);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = ids });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var posts = new Dictionary<string, AlertPost>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
            posts.Add(reader.GetString(0), Post(reader, reader.GetString(0), 1));
        return posts;
    }

    private static async Task<List<AlertView>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var alerts = new List<AlertView>();
        while (await reader.ReadAsync(cancellationToken))
            alerts.Add(Row(reader));
        return alerts;
    }

    private static AlertView Row(NpgsqlDataReader reader)
    {
        var (strength, observed, expected) = (Number(8), Number(9), Number(10));
        return new()
        {
            Id = reader.GetInt64(0),
            RuleId = reader.GetInt64(1),
            RuleName = reader.GetString(2),
            Kind = reader.GetString(3),
            Reason = Text(14) ?? Reason(reader.GetString(3), Text(6), Text(7), strength, observed, expected),
            OccurredAt = reader.GetFieldValue<DateTimeOffset>(4),
            FiredAt = reader.GetFieldValue<DateTimeOffset>(5),
            Subject = Text(6),
            Subreddit = Text(7),
            Strength = strength,
            Observed = observed,
            Expected = expected,
            PostId = Text(11),
            Post = reader.IsDBNull(15) ? null : Post(reader, reader.GetString(11), 15),
            Muted = reader.GetBoolean(12),
            AcknowledgedAt = reader.IsDBNull(13) ? null : reader.GetFieldValue<DateTimeOffset>(13),
        };

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

        double? Number(int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);
    }

    private static AlertPost Post(NpgsqlDataReader reader, string id, int column) => new()
    {
        Id = id,
        Title = reader.GetString(column),
        Subreddit = reader.GetString(column + 1),
        Author = reader.IsDBNull(column + 2) ? null : reader.GetString(column + 2),
        Url = reader.IsDBNull(column + 3) ? null : reader.GetString(column + 3),
        Permalink = reader.IsDBNull(column + 4) ? null : reader.GetString(column + 4),
        Score = reader.GetInt32(column + 5),
        Comments = reader.GetInt32(column + 6),
        Over18 = reader.GetBoolean(column + 7),
    };

    private static string Reason(string kind, string? subject, string? subreddit, double? strength, double? observed, double? expected)
    {
        var where = subreddit is null ? "" : $" in r/{subreddit}";
        return kind switch
        {
            AlertKinds.Query => $"A post{where} matches the query.",
            AlertKinds.Author => $"A post{where} is by an author that is watched.",
            AlertKinds.Volume => string.Create(CultureInfo.InvariantCulture, $"{observed:0} posts in an hour that usually has {expected:0.#}."),
            AlertKinds.Surge => string.Create(CultureInfo.InvariantCulture, $"A post{where} does {strength:0.#} times the typical."),
            AlertKinds.TermBurst => string.Create(CultureInfo.InvariantCulture, $"“{subject}”{where} is {strength:0.#} deviations above its usual."),
            AlertKinds.SentimentShift => string.Create(CultureInfo.InvariantCulture, $"The sentiment of {subject} has moved by {strength:0.#} deviations."),
            _ => string.Create(CultureInfo.InvariantCulture, $"{subject} is {strength:0.#} deviations from its usual."),
        };
    }
}
