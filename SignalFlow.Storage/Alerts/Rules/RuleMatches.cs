using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using SignalFlow.Storage.Alerts.Queries;

namespace SignalFlow.Storage.Alerts.Rules;

/// <summary>Which rows are looked at.</summary>
internal abstract record MatchSpan
{
    /// <summary>What transactions from <paramref name="From"/> on and before <paramref name="To"/> have written.</summary>
    internal sealed record Written(ulong From, ulong To, DateTime Since) : MatchSpan;

    /// <summary>Young posts, whose counters grow, without those that the rule has alerted on: they would take the place of new ones, for two days.</summary>
    internal sealed record Growing(DateTime CreatedFrom, DateTime Since, long Rule) : MatchSpan;

    /// <summary>What happened in a range of time.</summary>
    internal sealed record Happened(DateTime From, DateTime To) : MatchSpan;
}

/// <summary>Finds in the database what rules look for: the same for rules at work and for those that are only tried.</summary>
internal static class RuleMatches
{
    /// <summary>Older posts are no news, whenever they come: they are brought by a subreddit that was added, or an import.</summary>
    public const int MaxAgeDays = 2;

    public static Task<List<RuleMatch>> FindAsync(
        NpgsqlConnection connection, RuleCondition rule, MatchSpan span, int most, CancellationToken cancellationToken) =>
        AlertKinds.IsEvent(rule.Kind)
            ? EventsAsync(connection, rule, span, most, cancellationToken)
            : PostsAsync(connection, rule, span, most, cancellationToken);

    private static async Task<List<RuleMatch>> PostsAsync(
        NpgsqlConnection connection, RuleCondition rule, MatchSpan span, int most, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand { Connection = connection };
        var sql = new Statement(command.Parameters);
        command.CommandText = $"""
            SELECT post.id, subreddit.name, post.first_seen_at, nlp.topic_cluster
            FROM post_nlp_features nlp
            JOIN posts post ON post.id = nlp.post_id
            JOIN subreddits subreddit ON subreddit.id = post.subreddit_id
            WHERE {sql.Posts(span, rule)} AND post.created_utc >= post.first_seen_at - interval '{MaxAgeDays} days'
              AND post.purged_at IS NULL AND nlp.document IS NOT NULL
              AND {sql.Subreddits("subreddit.name", rule)} AND {sql.Query(rule)}
            ORDER BY post.first_seen_at, post.id LIMIT {most}
            """;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var matches = new List<RuleMatch>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = reader.GetString(0);
            var own = $"post:{id}";
            // Posts of one story are one subject.
            var subject = reader.IsDBNull(3) ? own : string.Create(CultureInfo.InvariantCulture, $"topic:{reader.GetInt32(3)}");
            matches.Add(new(subject, own, reader.GetFieldValue<DateTimeOffset>(2), reader.GetString(1), id));
        }

        return matches;
    }

    private static async Task<List<RuleMatch>> EventsAsync(
        NpgsqlConnection connection, RuleCondition rule, MatchSpan span, int most, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand { Connection = connection };
        var sql = new Statement(command.Parameters);
        // A surge is a post's, so a query can be asked of it; a purged post is none.
        var posts = rule is { Kind: AlertKinds.Surge, Query: not null }
            ? $"""
              EXISTS (
                SELECT FROM posts post
                JOIN post_nlp_features nlp ON nlp.post_id = post.id
                JOIN subreddits subreddit ON subreddit.id = post.subreddit_id
                WHERE post.id = event.post_id AND post.purged_at IS NULL AND nlp.document IS NOT NULL AND {sql.Query(rule)})
              """
            : "true";
        command.CommandText = $"""
            SELECT event.id, event.key, event.subject, event.subreddit, event.post_id, event.occurred_at, event.strength
            FROM signal_events event
            WHERE event.kind = {sql.Add(NpgsqlDbType.Text, rule.Kind)} AND {sql.Events(span)}
              AND event.strength >= {sql.Add(NpgsqlDbType.Double, rule.LeastStrength)} AND {sql.Subreddits("event.subreddit", rule)} AND {posts}
            ORDER BY event.occurred_at, event.key LIMIT {most}
            """;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var matches = new List<RuleMatch>();
        while (await reader.ReadAsync(cancellationToken))
        {
            matches.Add(new(
                $"{rule.Kind}:{reader.GetString(2)}{(reader.IsDBNull(3) ? "" : "/" + reader.GetString(3))}",
                reader.GetString(1),
                reader.GetFieldValue<DateTimeOffset>(5),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.IsDBNull(4) ? null : reader.GetString(4),
                reader.GetInt64(0),
                reader.GetDouble(6)));
        }

        return matches;
    }

    /// <summary>Parts of a statement, whose values are parameters.</summary>
    internal sealed class Statement(NpgsqlParameterCollection parameters)
    {
        public string Add(NpgsqlDbType type, object value)
        {
            parameters.Add(new() { Value = value, NpgsqlDbType = type });
            return string.Create(CultureInfo.InvariantCulture, $"${parameters.Count}");
        }

        public string Query(RuleCondition rule) => rule.Parsed is { } query ? new QuerySql(parameters).Of(query) : "true";

        public string Subreddits(string column, RuleCondition rule) =>
            rule.Subreddits.Length == 0 ? "true" : $"lower({column}) = ANY ({Add(NpgsqlDbType.Array | NpgsqlDbType.Text, rule.Subreddits)})";

        public string Posts(MatchSpan span, RuleCondition rule) => span switch
        {
            MatchSpan.Written written =>
                $"nlp.written_in >= {Add(NpgsqlDbType.Xid8, written.From)} AND nlp.written_in < {Add(NpgsqlDbType.Xid8, written.To)} AND post.first_seen_at >= {Time(written.Since)}",
            MatchSpan.Growing growing =>
                $"nlp.created_utc >= {Time(growing.CreatedFrom)} AND post.first_seen_at >= {Time(growing.Since)} AND NOT EXISTS (SELECT FROM alerts WHERE rule_id = {Add(NpgsqlDbType.Bigint, growing.Rule)} AND key = {PostKey(rule.Dedupe)})",
            MatchSpan.Happened happened =>
                // The creation first, because it has an index.
                $"nlp.created_utc >= {Time(happened.From.AddDays(-MaxAgeDays))} AND post.first_seen_at >= {Time(happened.From)} AND post.first_seen_at < {Time(happened.To)}",
            _ => throw new ArgumentOutOfRangeException(nameof(span), span.GetType(), "Posts are not found by this."),
        };

        public string Events(MatchSpan span) => span switch
        {
            MatchSpan.Written written =>
                $"event.written_in >= {Add(NpgsqlDbType.Xid8, written.From)} AND event.written_in < {Add(NpgsqlDbType.Xid8, written.To)} AND event.occurred_at >= {Time(written.Since)}",
            MatchSpan.Happened happened => $"event.occurred_at >= {Time(happened.From)} AND event.occurred_at < {Time(happened.To)}",
            _ => throw new ArgumentOutOfRangeException(nameof(span), span.GetType(), "Events are not found by this."),
        };

        // What RuleMatch.KeyOf makes of a post.
        private string PostKey(TimeSpan dedupe) => dedupe == TimeSpan.Zero
            ? "'post:' || post.id"
            : $"""
              coalesce('topic:' || nlp.topic_cluster, 'post:' || post.id) || '@'
                || ((extract(epoch FROM post.first_seen_at) * 1000000)::bigint * 10 + {DateTime.UnixEpoch.Ticks}) / {Add(NpgsqlDbType.Bigint, dedupe.Ticks)}
              """;

        private string Time(DateTime value) => Add(NpgsqlDbType.TimestampTz, value);
    }
}
