using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace SignalFlow.Storage.Alerts.Rules;

/// <summary>Finds the hours in which more posts match a query than usual.</summary>
internal static class VolumeMatches
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>An hour is counted when this much has passed after its end: posts are seen some minutes after they were made.</summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromMinutes(10);

    /// <summary>The first hour that is not to be counted yet.</summary>
    public static DateTime Open(DateTimeOffset now) => Floor((now - Grace).UtcDateTime);

    public static DateTime Floor(DateTime instant) => new(instant.Ticks - instant.Ticks % Hour.Ticks, DateTimeKind.Utc);

    /// <param name="from">Begin of the first hour.</param>
    /// <param name="to">Begin of the first hour that is left out.</param>
    public static async Task<List<RuleMatch>> FindAsync(
        NpgsqlConnection connection, RuleCondition rule, DateTime from, DateTime to, CancellationToken cancellationToken)
    {
        var hours = new List<DateTime>();
        for (var hour = from; hour < to; hour += Hour)
            hours.Add(hour);
        var counts = new HourlyCounts(connection, rule);
        if (hours.Count > 24)
        {
            await counts.LoadAsync(from - VolumeBaseline.Reach, to, cancellationToken);
        }
        else
        {
            foreach (var hour in hours.SelectMany(VolumeBaseline.Samples).Concat(hours.SelectMany(EarlierDays)).Concat(hours).Distinct())
                await counts.LoadAsync(hour, hour + Hour, cancellationToken);
        }

        return [.. hours.Select(hour => Match(rule, hour, counts)).OfType<RuleMatch>()];
    }

    private static IEnumerable<DateTime> EarlierDays(DateTime hour) => Enumerable.Range(1, VolumeBaseline.Days).Select(day => hour.AddDays(-day));

    private static RuleMatch? Match(RuleCondition rule, DateTime hour, HourlyCounts counts)
    {
        if (counts.At(hour) is not { } count || VolumeBaseline.Of(hour, counts.At) is not { } usual)
            return null;
        var strength = usual.StrengthOf(count);
        if (strength < rule.LeastStrength || count < AlertSensitivity.LeastVolume(rule.Sensitivity))
            return null;
        return new(
            "volume", string.Create(CultureInfo.InvariantCulture, $"hour:{hour:yyyy-MM-ddTHH}"), hour,
            Strength: strength, Observed: count, Expected: usual.Expected);
    }

    /// <summary>Posts that match, by the hour of their creation.</summary>
    private sealed class HourlyCounts(NpgsqlConnection connection, RuleCondition rule)
    {
        private readonly Dictionary<DateTime, long> _matching = [];
        private readonly HashSet<DateTime> _stored = [];

        /// <summary>Null: nothing at all was stored in that hour.</summary>
        public long? At(DateTime hour) => _matching.TryGetValue(hour, out var count) ? count : _stored.Contains(hour) ? 0 : null;

        public async Task LoadAsync(DateTime from, DateTime to, CancellationToken cancellationToken)
        {
            await using var command = new NpgsqlCommand { Connection = connection };
            var sql = new RuleMatches.Statement(command.Parameters);
            var (first, end) = (sql.Add(NpgsqlDbType.TimestampTz, from), sql.Add(NpgsqlDbType.TimestampTz, to));
            // Both tables by the time: which of the two is read first, the planner decides.
            command.CommandText = $"""
                SELECT date_bin('1 hour', post.created_utc, '2000-01-01 00:00:00+00') AS hour, count(*)
                FROM post_nlp_features nlp
                JOIN posts post ON post.id = nlp.post_id
                JOIN subreddits subreddit ON subreddit.id = post.subreddit_id
                WHERE nlp.created_utc >= {first} AND nlp.created_utc < {end} AND post.created_utc >= {first} AND post.created_utc < {end}
                  AND post.purged_at IS NULL AND nlp.document IS NOT NULL AND {sql.Subreddits("subreddit.name", rule)} AND {sql.Query(rule)}
                GROUP BY 1
                UNION ALL
                SELECT DISTINCT bucket, -1 FROM post_stats_hourly WHERE bucket >= {first} AND bucket < {end}
                """;
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                if (reader.GetInt64(1) < 0)
                    _stored.Add(reader.GetDateTime(0));
                else
                    _matching[reader.GetDateTime(0)] = reader.GetInt64(1);
            }
        }
    }
}
