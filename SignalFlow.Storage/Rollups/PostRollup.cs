using Npgsql;

namespace SignalFlow.Storage.Rollups;

/// <summary>
/// Counts <c>post_stats_hourly</c>: the posts of the marked hours of creation, all of them again; and adds up the days of these hours for
/// <c>post_stats_daily</c>. Safe to run at any time and twice.
/// </summary>
internal static class PostRollup
{
    // Bounds the work of one run. In steady state the hours of the posts that are being refreshed: some 26.
    private const int MostHours = 200;

    private const string Posts = "SELECT sum(posts) FROM post_stats_hourly WHERE bucket = mark.bucket";

    // One hour a statement, with its bounds as parameters: the planner knows what it gets. The features are looked up by key whatever it believes.
    private const string Count = """
        WITH counted AS (
          SELECT
            subreddit_id, count(*) AS posts, sum(current_score) AS score_sum, sum(current_comments) AS comments_sum,
            count(*) FILTER (WHERE is_trending) AS trending,
            count(nlp.sentiment_score) AS sentiment_posts, coalesce(sum(nlp.sentiment_score), 0) AS sentiment_sum,
            (array_agg(id ORDER BY current_score DESC, id) FILTER (WHERE purged_at IS NULL))[1] AS most_scored_id,
            max(current_score) FILTER (WHERE purged_at IS NULL) AS most_scored,
            (array_agg(id ORDER BY current_comments DESC, id) FILTER (WHERE purged_at IS NULL))[1] AS most_discussed_id,
            max(current_comments) FILTER (WHERE purged_at IS NULL) AS most_discussed
          FROM posts
          LEFT JOIN LATERAL (SELECT sentiment_score FROM post_nlp_features WHERE post_id = posts.id LIMIT 1) AS nlp ON true
          WHERE created_utc >= $1 AND created_utc < $2
          GROUP BY subreddit_id
        ), gone AS (
          DELETE FROM post_stats_hourly stored
          WHERE bucket = $1 AND NOT EXISTS (SELECT FROM counted WHERE counted.subreddit_id = stored.subreddit_id)
        )
        INSERT INTO post_stats_hourly AS stored (
          bucket, subreddit_id, posts, score_sum, comments_sum, trending, sentiment_posts, sentiment_sum,
          most_scored_id, most_scored, most_discussed_id, most_discussed)
        SELECT
          $1, subreddit_id, posts, score_sum, comments_sum, trending, sentiment_posts, sentiment_sum,
          most_scored_id, most_scored, most_discussed_id, most_discussed
        FROM counted
        ON CONFLICT (bucket, subreddit_id) DO UPDATE SET
          posts = excluded.posts, score_sum = excluded.score_sum, comments_sum = excluded.comments_sum, trending = excluded.trending,
          sentiment_posts = excluded.sentiment_posts, sentiment_sum = excluded.sentiment_sum,
          most_scored_id = excluded.most_scored_id, most_scored = excluded.most_scored,
          most_discussed_id = excluded.most_discussed_id, most_discussed = excluded.most_discussed
        WHERE (stored.*) IS DISTINCT FROM (excluded.*)
        """;

    private const string AddUpDay = """
        INSERT INTO post_stats_daily AS stored (
          day, subreddit_id, posts, score_sum, comments_sum, trending, sentiment_posts, sentiment_sum,
          most_scored_id, most_scored, most_discussed_id, most_discussed)
        SELECT
          $3, subreddit_id, sum(posts), sum(score_sum), sum(comments_sum), sum(trending), sum(sentiment_posts), sum(sentiment_sum),
          (array_agg(most_scored_id ORDER BY most_scored DESC NULLS LAST, most_scored_id))[1], max(most_scored),
          (array_agg(most_discussed_id ORDER BY most_discussed DESC NULLS LAST, most_discussed_id))[1], max(most_discussed)
        FROM post_stats_hourly
        WHERE bucket >= $1 AND bucket < $2
        GROUP BY subreddit_id
        ON CONFLICT (day, subreddit_id) DO UPDATE SET
          posts = excluded.posts, score_sum = excluded.score_sum, comments_sum = excluded.comments_sum, trending = excluded.trending,
          sentiment_posts = excluded.sentiment_posts, sentiment_sum = excluded.sentiment_sum,
          most_scored_id = excluded.most_scored_id, most_scored = excluded.most_scored,
          most_discussed_id = excluded.most_discussed_id, most_discussed = excluded.most_discussed
        WHERE (stored.*) IS DISTINCT FROM (excluded.*)
        """;

    private const string MarkDays = """
        INSERT INTO rollup_marks AS mark (source, bucket, touched_at)
        SELECT DISTINCT 'authors', date_bin('1 day', bucket, '2000-01-01 00:00:00+00'), now() FROM unnest($1) AS counted (bucket)
        ON CONFLICT (source, bucket) DO UPDATE SET touched_at = excluded.touched_at
        """;

    /// <returns>The number of hours that were counted.</returns>
    public static async Task<long> RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var hours = await MarkedBuckets.DueBySizeAsync(connection, RollupMarks.Posts, Posts, MostHours, cancellationToken);
        if (hours.Buckets.Length == 0)
            return 0;
        await using (var batch = new NpgsqlBatch(connection))
        {
            foreach (var hour in hours.Buckets)
                batch.BatchCommands.Add(MarkedBuckets.ForHour(Count, hour));
            foreach (var day in hours.Buckets.Select(hour => hour.Date).Distinct().Order())
                batch.BatchCommands.Add(ForDay(day));
            batch.BatchCommands.Add(new(MarkDays) { Parameters = { new NpgsqlParameter<DateTime[]> { TypedValue = hours.Buckets } } });
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        await hours.SetCountedAsync(connection, cancellationToken);
        return hours.Buckets.Length;
    }

    private static NpgsqlBatchCommand ForDay(DateTime day) => new(AddUpDay)
    {
        Parameters =
        {
            new NpgsqlParameter<DateTime> { TypedValue = day },
            new NpgsqlParameter<DateTime> { TypedValue = day.AddDays(1) },
            new NpgsqlParameter<DateOnly> { TypedValue = DateOnly.FromDateTime(day) },
        },
    };
}
