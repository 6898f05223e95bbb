using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Processing.Discovery;
using SignalFlow.Storage.Alerts;

namespace SignalFlow.Processing.Anomalies;

/// <summary>The tables <c>activity_hours</c> and <c>activity_anomalies</c>.</summary>
internal sealed class ActivityStore(NpgsqlDataSource dataSource)
{
    public const string Progress = "activity";
    public const string Posts = "posts";
    public const string Comments = "comments";

    private static readonly TimeSpan HoursKept = TimeSpan.FromDays(29);
    private static readonly TimeSpan AnomaliesKept = TimeSpan.FromDays(90);

    /// <summary>
    /// Counts what came in an hour: posts that were made in it, and by how much their numbers of comments grew. A post that was not observed before and is
    /// older than an hour has comments of nobody knows when.
    /// </summary>
    public async Task CountAsync(DateTimeOffset hour, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            WITH made AS (
              SELECT subreddit_id, count(*) AS posts FROM posts
              WHERE created_utc >= $1 AND created_utc < $2 AND first_seen_at < $3 GROUP BY subreddit_id),
            observed AS (
              SELECT post_id, subreddit_id, max(num_comments) AS comments FROM post_metrics_history
              WHERE captured_at >= $1 AND captured_at < $2 GROUP BY post_id, subreddit_id),
            grown AS (
              SELECT observed.subreddit_id, sum(greatest(0, observed.comments - coalesce(
                  earlier.comments, CASE WHEN post.created_utc >= $1 - interval '1 hour' THEN 0 ELSE observed.comments END))) AS comments
              FROM observed
              CROSS JOIN LATERAL (SELECT created_utc FROM posts WHERE posts.id = observed.post_id LIMIT 1) AS post
              LEFT JOIN LATERAL (
                SELECT num_comments AS comments FROM post_metrics_history
                WHERE post_id = observed.post_id AND captured_at >= $1 - interval '1 day' AND captured_at < $1
                ORDER BY captured_at DESC LIMIT 1) AS earlier ON true
              GROUP BY observed.subreddit_id)
            INSERT INTO activity_hours (hour, subreddit_id, posts, comments)
            SELECT $1, subreddit_id, coalesce(posts, 0), coalesce(comments, 0) FROM made FULL JOIN grown USING (subreddit_id)
            WHERE posts > 0 OR comments > 0
            ON CONFLICT (hour, subreddit_id) DO NOTHING
            """);
        // A busy hour is some hundred thousand observations.
        command.CommandTimeout = 120;
        command.Parameters.Add(Time(hour));
        command.Parameters.Add(Time(hour + HourClock.Hour));
        command.Parameters.Add(Time(HourClock.ClosesAt(hour)));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The anomalies that lasted in the hour before, by subreddit and measure.</summary>
    public async Task<Dictionary<(string Subreddit, string Measure), LastingAnomaly>> BeforeAsync(DateTimeOffset hour, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            SELECT subreddit, measure, since, level, hours, count, usual, deviations, samples, baseline FROM activity_anomalies WHERE hour = $1
            """);
        command.Parameters.Add(Time(hour - HourClock.Hour));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var anomalies = new Dictionary<(string, string), LastingAnomaly>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var anomaly = new ActivityAnomaly(
                reader.GetString(0), hour - HourClock.Hour, reader.GetInt32(4), reader.GetInt32(5),
                reader.GetDouble(6), reader.GetDouble(7), reader.GetInt32(8),
                (ActivityBaselineKind)reader.GetInt16(9), reader.GetString(3) == "loud" ? ActivityLevel.Loud : ActivityLevel.Quiet);
            anomalies.Add((anomaly.Key, reader.GetString(1)), new(reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2), anomaly));
        }

        return anomalies;
    }

    /// <summary>The hours of every subreddit that is read, by measure.</summary>
    public async IAsyncEnumerable<ActivitySeries> SeriesAsync(DateTimeOffset hour, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // One that is not read any more is not silent.
        await using var command = dataSource.CreateCommand("""
            SELECT subreddit.name, activity.hour, activity.posts, activity.comments
            FROM activity_hours activity JOIN subreddits subreddit ON subreddit.id = activity.subreddit_id
            WHERE activity.hour >= $1 AND activity.hour <= $2
              AND EXISTS (SELECT FROM subreddit_config config WHERE lower(config.name) = lower(subreddit.name) AND config.is_active)
            ORDER BY subreddit.name COLLATE "C", activity.hour
            """);
        command.Parameters.Add(Time(hour.AddHours(-ActivityHistory.MaxHours)));
        command.Parameters.Add(Time(hour));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        string? name = null;
        var rows = new List<(DateTimeOffset Hour, int Posts, int Comments)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var next = reader.GetString(0);
            if (name is not null && next != name)
            {
                yield return Series(name, Posts, hour, rows.ConvertAll(row => (row.Hour, row.Posts)));
                yield return Series(name, Comments, hour, rows.ConvertAll(row => (row.Hour, row.Comments)));
                rows.Clear();
            }

            name = next;
            rows.Add((reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt32(2), reader.GetInt32(3)));
        }

        if (name is null)
            yield break;
        yield return Series(name, Posts, hour, rows.ConvertAll(row => (row.Hour, row.Posts)));
        yield return Series(name, Comments, hour, rows.ConvertAll(row => (row.Hour, row.Comments)));
    }

    /// <summary>Stores the anomalies of the hour, and tells rules of the events, in one transaction.</summary>
    public async Task StoreAsync(DateTimeOffset hour, List<LastingAnomaly> anomalies, List<SignalEvent> events, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var batch = new NpgsqlBatch(connection, transaction))
        {
            foreach (var anomaly in anomalies)
                batch.BatchCommands.Add(Row(anomaly));
            batch.BatchCommands.Add(new("DELETE FROM activity_hours WHERE hour < $1") { Parameters = { Time(hour - HoursKept) } });
            batch.BatchCommands.Add(new("DELETE FROM activity_anomalies WHERE hour < $1") { Parameters = { Time(hour - AnomaliesKept) } });
            batch.BatchCommands.Add(HourProgress.Closed(Progress, hour));
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        await SignalEventStore.AddAsync(connection, events, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public static SignalEvent Event(LastingAnomaly lasting) => new(
        AlertKinds.Anomaly,
        $"anomaly:{lasting.Anomaly.Key}:{lasting.Measure}:{lasting.Since:O}",
        $"r/{lasting.Anomaly.Key}",
        lasting.Anomaly.Key,
        PostId: null,
        lasting.Anomaly.Hour + HourClock.Hour,
        Math.Abs(lasting.Anomaly.Deviations),
        JsonSerializer.Serialize(View(lasting), ContractsJsonContext.Default.ActivityAnomalyView));

    /// <summary>Most subreddits fell silent in the same hour.</summary>
    public static SignalEvent Silence(DateTimeOffset hour, int silent, int judged) => new(
        AlertKinds.Anomaly,
        $"anomaly:all:{hour:O}",
        "all subreddits",
        Subreddit: null,
        PostId: null,
        hour + HourClock.Hour,
        // No standard deviations: whatever the sensitivity, it is told.
        Strength: 100,
        JsonSerializer.Serialize(
            new SilenceView(silent, judged, string.Create(
                CultureInfo.InvariantCulture, $"{silent} of {judged} subreddits fell silent in the same hour: perhaps they are not read any more")),
            ContractsJsonContext.Default.SilenceView));

    private static ActivityAnomalyView View(LastingAnomaly lasting) => new()
    {
        Subreddit = lasting.Anomaly.Key,
        Measure = lasting.Measure,
        Level = Level(lasting.Anomaly),
        Since = lasting.Since + HourClock.Hour,
        Until = lasting.Anomaly.Hour + HourClock.Hour,
        Lasts = true,
        Hours = lasting.Anomaly.Hours,
        Count = lasting.Anomaly.Count,
        Usual = lasting.Anomaly.Usual,
        Deviations = lasting.Anomaly.Deviations,
        Samples = lasting.Anomaly.Samples,
        Baseline = ActivityAnomalyView.BaselineOf((short)lasting.Anomaly.Baseline),
    };

    private static NpgsqlBatchCommand Row(LastingAnomaly lasting) => new("""
        INSERT INTO activity_anomalies (subreddit, measure, since, hour, level, hours, count, usual, deviations, samples, baseline)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (subreddit, measure, since) DO UPDATE SET hour = excluded.hour, level = excluded.level, hours = excluded.hours, count = excluded.count,
          usual = excluded.usual, deviations = excluded.deviations, samples = excluded.samples, baseline = excluded.baseline
        """)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = lasting.Anomaly.Key },
            new NpgsqlParameter<string> { TypedValue = lasting.Measure },
            Time(lasting.Since),
            Time(lasting.Anomaly.Hour),
            new NpgsqlParameter<string> { TypedValue = Level(lasting.Anomaly) },
            new NpgsqlParameter<int> { TypedValue = lasting.Anomaly.Hours },
            new NpgsqlParameter<int> { TypedValue = lasting.Anomaly.Count },
            new NpgsqlParameter<double> { TypedValue = lasting.Anomaly.Usual },
            new NpgsqlParameter<double> { TypedValue = lasting.Anomaly.Deviations },
            new NpgsqlParameter<int> { TypedValue = lasting.Anomaly.Samples },
            new NpgsqlParameter<short> { TypedValue = (short)lasting.Anomaly.Baseline },
        },
    };

    private static ActivitySeries Series(string subreddit, string measure, DateTimeOffset hour, List<(DateTimeOffset Hour, int Count)> counts)
    {
        var isNow = counts[^1].Hour == hour;
        return new(subreddit, measure, counts[0].Hour, isNow ? counts[^1].Count : 0, isNow ? counts[..^1] : counts);
    }

    private static string Level(ActivityAnomaly anomaly) => anomaly.Level == ActivityLevel.Loud ? "loud" : "quiet";

    private static NpgsqlParameter<DateTime> Time(DateTimeOffset at) => new() { TypedValue = at.UtcDateTime };
}
