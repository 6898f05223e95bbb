using Npgsql;
using NpgsqlTypes;
using SignalFlow.Storage.Alerts.Delivery;

namespace SignalFlow.Storage.Alerts.Rules;

/// <summary>Writes what a rule fires on: the alerts, and what is to be sent of them. All in the transaction of the connection.</summary>
internal sealed class FiredAlerts(NpgsqlConnection connection, AlertRule rule, DateTimeOffset now)
{
    /// <summary>A rule that matches everything must not bury its owner, nor the table.</summary>
    public const int MostPerHour = 100;

    /// <returns>How many alerts are new, and how many the rule's limit has left out.</returns>
    public async Task<(int Fired, int Suppressed)> WriteAsync(List<RuleMatch> matches, CancellationToken cancellationToken)
    {
        var distinct = RuleMatch.Distinct(matches, rule.Condition.Dedupe);
        if (distinct.Count == 0)
            return default;
        var known = await KnownAsync(distinct, cancellationToken);
        var added = distinct.Where(match => !known.Contains(match.KeyOf(rule.Condition.Dedupe))).ToList();
        if (added.Count == 0)
            return default;
        var room = (int)Math.Max(0, MostPerHour - await FiredLatelyAsync(cancellationToken));
        var fired = await InsertAsync([.. added.Take(room)], cancellationToken);
        if (fired.Count > 0 && !IsMuted)
            await SendAsync(fired, cancellationToken);
        return (fired.Count, Math.Max(0, added.Count - room));
    }

    private bool IsMuted => rule.Definition.MutedUntil > now;

    private async Task<HashSet<string>> KnownAsync(IReadOnlyList<RuleMatch> matches, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT key FROM alerts WHERE rule_id = $1 AND key = ANY ($2)", connection);
        command.Parameters.Add(new() { Value = rule.Id });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. matches.Select(match => match.KeyOf(rule.Condition.Dedupe))] });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var known = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
            known.Add(reader.GetString(0));
        return known;
    }

    private async Task<long> FiredLatelyAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT count(*) FROM alerts WHERE rule_id = $1 AND fired_at > $2", connection);
        command.Parameters.Add(new() { Value = rule.Id });
        command.Parameters.Add(new() { Value = now.UtcDateTime.AddHours(-1) });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<List<long>> InsertAsync(List<RuleMatch> matches, CancellationToken cancellationToken)
    {
        if (matches.Count == 0)
            return [];
        await using var command = new NpgsqlCommand("""
            INSERT INTO alerts (rule_id, user_id, kind, fired_at, muted, key, subject, subreddit, post_id, event_id, occurred_at, strength, observed, expected)
            SELECT $1, $2, $3, $4, $5, given.*
            FROM unnest($6, $7, $8, $9, $10, $11, $12, $13, $14)
              AS given (key, subject, subreddit, post_id, event_id, occurred_at, strength, observed, expected)
            ON CONFLICT (rule_id, key) DO NOTHING
            RETURNING id
            """, connection);
        command.Parameters.Add(new() { Value = rule.Id });
        command.Parameters.Add(new() { Value = rule.UserId });
        command.Parameters.Add(new() { Value = rule.Condition.Kind });
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        command.Parameters.Add(new() { Value = IsMuted });
        Add(NpgsqlDbType.Text, match => match.KeyOf(rule.Condition.Dedupe));
        Add(NpgsqlDbType.Text, match => match.Subject);
        Add(NpgsqlDbType.Text, match => match.Subreddit);
        Add(NpgsqlDbType.Text, match => match.PostId);
        Add(NpgsqlDbType.Bigint, match => match.EventId);
        Add(NpgsqlDbType.TimestampTz, match => match.OccurredAt.UtcDateTime);
        Add(NpgsqlDbType.Double, match => match.Strength);
        Add(NpgsqlDbType.Double, match => match.Observed);
        Add(NpgsqlDbType.Double, match => match.Expected);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<long>();
        while (await reader.ReadAsync(cancellationToken))
            ids.Add(reader.GetInt64(0));
        return ids;

        void Add<T>(NpgsqlDbType type, Func<RuleMatch, T> column) =>
            command.Parameters.Add(new() { Value = matches.ConvertAll(match => column(match)).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    private async Task SendAsync(List<long> alerts, CancellationToken cancellationToken)
    {
        var bundles = alerts.Select(alert => (Alert: alert, Time: DeliveryTime.Of(rule, alert, now))).GroupBy(sent => sent.Time, sent => sent.Alert);
        var channels = await ChannelsAsync(cancellationToken);
        foreach (var bundle in bundles)
        {
            foreach (var channel in channels)
            {
                if (await AddAsync(channel, bundle.Key, [.. bundle], cancellationToken))
                    continue;
                // The digest has begun to be sent meanwhile; what it was must not change any more.
                foreach (var alert in bundle)
                    await AddAsync(channel, new(DeliveryTime.Single(alert), now), [alert], cancellationToken);
            }
        }
    }

    private async Task<List<long>> ChannelsAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT id FROM alert_channels WHERE id = ANY ($1) AND user_id = $2 AND active ORDER BY id", connection);
        command.Parameters.Add(new() { Value = rule.Definition.Channels });
        command.Parameters.Add(new() { Value = rule.UserId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var channels = new List<long>();
        while (await reader.ReadAsync(cancellationToken))
            channels.Add(reader.GetInt64(0));
        return channels;
    }

    private async Task<bool> AddAsync(long channel, DeliveryTime time, long[] alerts, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            INSERT INTO alert_deliveries AS delivery (channel_id, rule_id, bundle, alert_ids, due_at, created_at) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (channel_id, bundle) DO UPDATE SET alert_ids = delivery.alert_ids || excluded.alert_ids
            WHERE delivery.state = 'pending' AND delivery.attempts = 0
            """, connection);
        command.Parameters.Add(new() { Value = channel });
        command.Parameters.Add(new() { Value = rule.Id });
        command.Parameters.Add(new() { Value = time.Bundle });
        command.Parameters.Add(new() { Value = alerts });
        command.Parameters.Add(new() { Value = time.DueAt.UtcDateTime });
        command.Parameters.Add(new() { Value = now.UtcDateTime });
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }
}
