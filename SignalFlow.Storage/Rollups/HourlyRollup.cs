using Npgsql;

namespace SignalFlow.Storage.Rollups;

/// <summary>
/// Fills <c>post_metrics_hourly</c> where no continuous aggregate does it: counts the marked hours that are over, then moves the watermark
/// up to the present hour. Until then the view counts what the watermark does not cover, so no run, half a run and two runs show the same.
/// </summary>
internal static class HourlyRollup
{
    private const int HoursAtOnce = 24;

    private const string Count = """
        WITH counted AS (
          SELECT subreddit_id, count(*) AS observations, sum(score) AS score_sum, sum(num_comments) AS comments_sum,
            avg(score)::double precision AS avg_score, avg(num_comments)::double precision AS avg_comments,
            max(score) AS max_score, max(num_comments) AS max_comments
          FROM post_metrics_history
          WHERE captured_at >= $1 AND captured_at < $2
          GROUP BY subreddit_id
        ), gone AS (
          DELETE FROM post_metrics_hourly_rows stored
          WHERE bucket = $1 AND NOT EXISTS (SELECT FROM counted WHERE counted.subreddit_id = stored.subreddit_id)
        )
        INSERT INTO post_metrics_hourly_rows AS stored (
          bucket, subreddit_id, observations, score_sum, comments_sum, avg_score, avg_comments, max_score, max_comments)
        SELECT $1, subreddit_id, observations, score_sum, comments_sum, avg_score, avg_comments, max_score, max_comments FROM counted
        ON CONFLICT (bucket, subreddit_id) DO UPDATE SET
          observations = excluded.observations, score_sum = excluded.score_sum, comments_sum = excluded.comments_sum,
          avg_score = excluded.avg_score, avg_comments = excluded.avg_comments,
          max_score = excluded.max_score, max_comments = excluded.max_comments
        WHERE (stored.*) IS DISTINCT FROM (excluded.*)
        """;

    // Forward only: rows of hours that the view has taken from the table once are complete for good.
    private const string MoveWatermark = """
        INSERT INTO post_metrics_hourly_watermark AS stored (watermark) VALUES ($1)
        ON CONFLICT (only_row) DO UPDATE SET watermark = excluded.watermark WHERE stored.watermark < excluded.watermark
        """;

    /// <param name="connection">Open.</param>
    /// <param name="now">Hours that are not over yet are not counted.</param>
    /// <param name="horizon">
    /// Observations before it may have been dropped: the figures of their hours stay as they were counted, whatever comes late.
    /// </param>
    /// <param name="cancellationToken">Stops between hours; the next run goes on.</param>
    /// <returns>The number of hours that were counted.</returns>
    public static async Task<long> RunAsync(NpgsqlConnection connection, DateTime now, DateTime horizon, CancellationToken cancellationToken)
    {
        // What was being written when the hour ended is stored by then.
        var over = now - RollupMarks.Slack;
        var watermark = new DateTime(over.Ticks - over.Ticks % TimeSpan.TicksPerHour, DateTimeKind.Utc);
        await ExecuteAsync(connection, "DELETE FROM rollup_marks WHERE source = 'history' AND bucket < $1", horizon, cancellationToken);
        var counted = 0L;
        DateTime? began = null;
        while (true)
        {
            var hours = await MarkedBuckets.DueAsync(
                connection, RollupMarks.History, watermark, began ?? MarkedBuckets.Never, HoursAtOnce, cancellationToken);
            began ??= hours.Began;
            if (hours.Buckets.Length == 0)
                break;
            await using (var batch = new NpgsqlBatch(connection))
            {
                foreach (var hour in hours.Buckets)
                    batch.BatchCommands.Add(MarkedBuckets.ForHour(Count, hour));
                await batch.ExecuteNonQueryAsync(cancellationToken);
            }

            await hours.SetCountedAsync(connection, cancellationToken);
            counted += hours.Buckets.Length;
        }

        await ExecuteAsync(connection, MoveWatermark, watermark, cancellationToken);
        return counted;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, DateTime parameter, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new NpgsqlParameter<DateTime> { TypedValue = parameter } } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
