using Npgsql;
using NpgsqlTypes;

namespace SignalFlow.Storage.Alerts;

/// <summary>Something that the analysis has noticed.</summary>
/// <param name="Kind">One of <see cref="AlertKinds"/> that <see cref="AlertKinds.IsEvent"/>.</param>
/// <param name="Key">Follows from the data: of the same event, whoever notices it and however often, it is the same.</param>
/// <param name="Subject">A post, a term, a subreddit or a topic.</param>
/// <param name="OccurredAt">When it happened, which follows from the data as well.</param>
/// <param name="Strength">How far from the usual; see <see cref="AlertSensitivity.LeastStrength"/>.</param>
/// <param name="Detail">A JSON object. What it says of a post goes with the post's purge.</param>
public sealed record SignalEvent(
    string Kind, string Key, string Subject, string? Subreddit, string? PostId, DateTimeOffset OccurredAt, double Strength, string Detail = "{}");

/// <summary>The table <c>signal_events</c>.</summary>
public sealed class SignalEventStore(NpgsqlDataSource dataSource)
{
    /// <summary>Events that are there already stay as they are.</summary>
    /// <returns>How many were new.</returns>
    public async Task<int> AddAsync(IReadOnlyCollection<SignalEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0)
            return 0;
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await AddAsync(connection, events, cancellationToken);
    }

    /// <summary>In the transaction of <paramref name="connection"/>.</summary>
    public static async Task<int> AddAsync(NpgsqlConnection connection, IReadOnlyCollection<SignalEvent> events, CancellationToken cancellationToken)
    {
        // Sorted, so that two who write the same events do not wait for each other in a circle; a post that is purged gets no text again.
        await using var command = new NpgsqlCommand("""
            INSERT INTO signal_events (kind, key, subject, subreddit, post_id, occurred_at, strength, detail)
            SELECT given.kind, given.key, given.subject, given.subreddit, given.post_id, given.occurred_at, given.strength,
              CASE WHEN EXISTS (SELECT FROM posts post WHERE post.id = given.post_id AND post.purged_at IS NOT NULL) THEN '{}' ELSE given.detail END
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS given (kind, key, subject, subreddit, post_id, occurred_at, strength, detail)
            ORDER BY given.key
            ON CONFLICT (key) DO NOTHING
            """, connection);
        Add(NpgsqlDbType.Text, row => row.Kind);
        Add(NpgsqlDbType.Text, row => row.Key);
        Add(NpgsqlDbType.Text, row => row.Subject);
        Add(NpgsqlDbType.Text, row => row.Subreddit);
        Add(NpgsqlDbType.Text, row => row.PostId);
        Add(NpgsqlDbType.TimestampTz, row => row.OccurredAt.UtcDateTime);
        Add(NpgsqlDbType.Double, row => row.Strength);
        Add(NpgsqlDbType.Jsonb, row => row.Detail);
        return await command.ExecuteNonQueryAsync(cancellationToken);

        void Add<T>(NpgsqlDbType type, Func<SignalEvent, T> column) =>
            command.Parameters.Add(new() { Value = events.Select(column).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    /// <summary>What a purge does to the events of its posts: ids and numbers stay.</summary>
    internal static NpgsqlBatchCommand Empty(string[] postIds) => new("UPDATE signal_events SET detail = '{}' WHERE post_id = ANY ($1) AND detail <> '{}'")
    {
        Parameters = { new NpgsqlParameter<string[]> { TypedValue = postIds } },
    };
}
