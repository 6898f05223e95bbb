using SignalFlow.Storage.Migrations;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Storage;

/// <summary>A little of everything that a database of an earlier schema version can hold, and what must be there again after an upgrade.</summary>
internal static class SampleOfVersion
{
    /// <summary>By the version that made their tables or columns. A new version that adds some adds a part here.</summary>
    private static readonly (int Version, string Sql)[] Parts =
    [
        (1, """
            INSERT INTO subreddits (name) VALUES ('news'), ('science');
            INSERT INTO posts (
              id, subreddit_id, title, selftext, author, url, permalink, flair, over_18, created_utc, first_seen_at, last_polled_at,
              current_score, current_comments, current_ratio, prev_polled_at, prev_score, prev_comments, poll_priority,
              score_velocity, comment_velocity, trending_score, is_trending)
            SELECT given.id, subreddits.id, 'Title of ' || given.id, 'text', 'someone', 'https://example.org/' || given.id, '/r/x/' || given.id, 'flair', false,
              '2026-11-01 08:00+00', '2026-11-01 08:05+00', '2026-11-03 10:00+00', 1200, 45, 0.97, '2026-11-03 09:55+00', 45, 15, 'normal', 3.85, 0.1, 0.2, false
            FROM (VALUES ('a', 'news'), ('b', 'science')) AS given (id, subreddit) JOIN subreddits ON name = given.subreddit;
            INSERT INTO posts (id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
            SELECT 'c', id, 'Seen once 👩‍🚀', '2026-11-02 08:00+00', '2026-11-02 08:05+00', '2026-11-02 08:05+00', 1, 0 FROM subreddits WHERE name = 'news';
            INSERT INTO post_nlp_features (post_id, sentiment_score, sentiment_label, keywords)
            VALUES ('a', 0.5, 'positive', '{one,"two words"}'), ('b', -0.7, 'negative', '{}');
            CREATE TABLE post_metrics_history_20261101 PARTITION OF post_metrics_history FOR VALUES FROM ('2026-11-01 00:00:00+00') TO ('2026-11-02 00:00:00+00');
            CREATE TABLE post_metrics_history_20261102 PARTITION OF post_metrics_history FOR VALUES FROM ('2026-11-02 00:00:00+00') TO ('2026-11-03 00:00:00+00');
            CREATE TABLE post_metrics_history_20261103 PARTITION OF post_metrics_history FOR VALUES FROM ('2026-11-03 00:00:00+00') TO ('2026-11-04 00:00:00+00');
            INSERT INTO post_metrics_history (post_id, captured_at, subreddit_id, score, num_comments, upvote_ratio)
            SELECT posts.id, captured_at, subreddit_id, extract(hour FROM captured_at)::integer * 10, 5, 0.9
            FROM posts CROSS JOIN generate_series('2026-11-01 08:05+00'::timestamptz, '2026-11-03 10:00+00', '5 hours') AS captured_at;
            INSERT INTO subreddit_config (name, interval_seconds, priority, is_active, added_by)
            VALUES ('NEWS', 45, 'slow', false, 'operator'), ('their_own', NULL, 'fast', true, 'operator')
            ON CONFLICT (lower(name)) DO UPDATE SET interval_seconds = 45, priority = 'slow', is_active = false, added_by = 'operator';
            """),
        (2, "UPDATE subreddit_config SET priority = 'medium', updated_at = now() WHERE name = 'AskReddit'; DELETE FROM subreddit_config WHERE name = 'golf'"),
        (3, """
            INSERT INTO ingestion_shards (shard_id, shard_count, instance, acquired_at, heartbeat_at, sweep_created_utc, sweep_post_id)
            VALUES (0, 1, 'host/1', '2026-11-03 08:00+00', '2026-11-03 10:00+00', '2026-11-01 08:00+00', 'a');
            INSERT INTO subreddit_state (name, shard_id, status, status_since, gaps, updated_at)
            VALUES ('news', 0, 'ok', '2026-11-03 08:00+00', 2, '2026-11-03 10:00+00');
            UPDATE posts SET title = '[removed]', selftext = NULL, author = NULL, url = NULL, permalink = NULL, flair = NULL,
              purged_at = '2026-11-03 09:00+00', purge_reason = 'author' WHERE id = 'b';
            DELETE FROM post_nlp_features WHERE post_id = 'b';
            """),
        (4, """
            INSERT INTO dlq_events (
              source_topic, source_partition, source_offset, key, payload, headers, post_ids, error_class, error_message, failed_at, attempt, state, note,
              dlq_partition, dlq_offset)
            VALUES
              ('reddit.posts.raw', 0, 17, 'x', '{"id":"x"}', '[{"key":"traceparent","encoding":"utf-8","value":"00-1"}]', '{x}', 'field', 'title is empty.',
               '2026-11-02 08:00+00', 1, 'new', NULL, 0, 3),
              ('reddit.posts.refresh', 2, 5, NULL, NULL, '[]', '{}', 'empty', 'The message has no value.', '2026-11-02 09:00+00', 2, 'resolved', 'done', 0, 4);
            """),
        (5, "UPDATE post_nlp_features SET sentiment_neg = 0.1, sentiment_neu = 0.2, sentiment_pos = 0.7, topic_cluster = 42, text_print = 99 WHERE post_id = 'a'"),
        (6, "UPDATE dlq_events SET record_print = 12345 WHERE source_offset = 17"),
        (7, """
            INSERT INTO post_stats_hourly (bucket, subreddit_id, posts, score_sum, comments_sum, trending, sentiment_posts, sentiment_sum, most_scored_id, most_scored)
            SELECT '2026-11-01 08:00+00', id, 1, 1200, 45, 0, 1, 0.5, 'a', 1200 FROM subreddits WHERE name = 'news';
            INSERT INTO post_stats_daily (day, subreddit_id, posts, score_sum, comments_sum, trending, sentiment_posts, sentiment_sum, most_scored_id, most_scored)
            SELECT '2026-11-01', id, 1, 1200, 45, 0, 1, 0.5, 'a', 1200 FROM subreddits WHERE name = 'news';
            INSERT INTO post_author_days (day, author, posts, score_sum) VALUES ('2026-11-01', 'someone', 1, 1200);
            INSERT INTO storage_jobs (name, started_at, finished_at, succeeded, items)
            VALUES ('post_stats', '2026-11-03 10:00+00', '2026-11-03 10:00:01+00', true, 3);
            """),
        (9, """
            DO $$
            BEGIN
              IF to_regclass('post_metrics_hourly_rows') IS NOT NULL THEN
                INSERT INTO post_metrics_hourly_rows
                SELECT '2026-11-01 08:00+00', id, 3, 240, 15, 80, 5, 80, 5 FROM subreddits WHERE name = 'news';
                INSERT INTO post_metrics_hourly_watermark (watermark) VALUES ('2026-11-03 10:00+00');
              END IF;
            END
            $$
            """),
        (11, """
            INSERT INTO users (id, user_name, normalized_user_name, password_hash, security_stamp, role, created_at)
            VALUES ('00000000-0000-0000-0000-000000000001', 'someone', 'SOMEONE', 'hash', 'stamp', 'admin', '2026-11-01 08:00+00');
            INSERT INTO refresh_tokens (token_hash, family, user_id, started_at, created_at, expires_at)
            VALUES ('one', '00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000001', '2026-11-01 08:00+00', '2026-11-01 08:00+00', '2026-12-01 08:00+00');
            INSERT INTO api_keys (name, user_id, key_hash, hint, scopes, created_at)
            VALUES ('program', '00000000-0000-0000-0000-000000000001', 'two', 'sfk_abcd', '{read,live}', '2026-11-01 08:00+00');
            INSERT INTO signing_keys (id, purpose, secret, created_at) VALUES ('a1', 'cursor', 'three', '2026-11-01 08:00+00');
            INSERT INTO setup_links (token_hash, created_at, expires_at) VALUES ('four', '2026-11-01 08:00+00', '2026-11-02 08:00+00');
            INSERT INTO audit_log (at, actor, action, target, old, new, address) VALUES ('2026-11-01 08:00+00', 'someone', 'user.add', 'user:other', NULL, '{"role":"viewer"}', '127.0.0.1');
            """),
        (12, """
            UPDATE dlq_events SET state = 'parked', replay = 3, claimed_at = '2026-11-03 10:00+00', failed_replays = '{1,2,3}' WHERE source_offset = 17;
            INSERT INTO trending_thresholds (instance, velocity_high, velocity_low, sentiment_min, comment_min, cutoff, since, reported_at)
            VALUES ('host/1', 50, 10, 0.5, 100, 0.5, '2026-11-03 10:00+00', '2026-11-03 10:00+00');
            """),
        (13, """
            INSERT INTO saved_searches (user_id, name, query, created_at)
            VALUES ('00000000-0000-0000-0000-000000000001', 'Rockets', 'q=rocket&sort=score', '2026-11-03 10:00+00');
            """),
        (14, """
            INSERT INTO pipeline_instances (instance, version, started_at, reported_at, is_stopped, is_paused, batches_per_second, dead_letters_last_hour, partition_count)
            VALUES ('host/1', '1.0.0', '2026-11-03 08:00+00', '2026-11-03 10:00+00', false, true, 2.5, 3, 3);
            INSERT INTO pipeline_partitions (instance, topic, partition, lag, time_lag_seconds, records_per_second, posts_per_second)
            VALUES ('host/1', 'reddit.posts.raw', 0, 17, 4.5, 12.5, 11), ('host/1', 'reddit.posts.raw', 1, NULL, NULL, 0, 0);
            """),
        (15, """
            INSERT INTO post_surge (
              post_id, observed_at, folded, state, phase, phase_since, emerged_at, surge, level, discussion, burst, times_typical, gain, window_minutes, forecast_low,
              forecast, forecast_high, chance, age_minutes, baseline_posts, peak_score, peak_velocity, base_folded)
            VALUES ('a', '2026-11-03 10:00+00', 2, '\x0102', 1, '2026-11-03 10:00+00', '2026-11-03 10:00+00', 97, 2.1, 0.3, 1.2, 6.2, 38, 10, 800, 1200, 2100, 0.8, 42, 12, 1200, 3.8, 1);
            INSERT INTO surge_refolds (post_id, marked_at) VALUES ('a', '2026-11-03 10:00+00');
            INSERT INTO surge_baselines (speed, cut, posts, content, made_at) VALUES (1, '2026-11-03 09:45+00', 12, '\x01', '2026-11-03 10:00+00');
            """),
        (16, """
            INSERT INTO signal_events (kind, key, subject, subreddit, post_id, occurred_at, strength, detail)
            VALUES ('surge', 'surge:a:emerging', 'a', 'news', 'a', '2026-11-03 10:00+00', 6.2, '{"phase":"emerging"}');
            INSERT INTO alert_channels (user_id, name, kind, hint, sealed, created_at, updated_at)
            VALUES ('00000000-0000-0000-0000-000000000001', 'Team', 'webhook', 'example.org', '\x01', '2026-11-03 08:00+00', '2026-11-03 08:00+00');
            INSERT INTO alert_rules (user_id, name, kind, query, sensitivity, channels, dedupe_minutes, created_at, updated_at, since, counted_to)
            VALUES ('00000000-0000-0000-0000-000000000001', 'Rockets', 'query', 'rocket', 'medium', '{1}', 60, '2026-11-03 08:00+00', '2026-11-03 08:00+00', '2026-11-03 08:00+00', '2026-11-03 09:00+00');
            INSERT INTO alerts (rule_id, user_id, key, kind, subject, subreddit, post_id, occurred_at, fired_at)
            SELECT id, user_id, 'post:a', 'query', 'post:a', 'news', 'a', '2026-11-03 09:00+00', '2026-11-03 09:01+00' FROM alert_rules;
            INSERT INTO alert_deliveries (channel_id, rule_id, bundle, alert_ids, state, due_at, attempts, created_at, finished_at)
            SELECT channel.id, rule.id, 'one', '{1}', 'delivered', '2026-11-03 09:01+00', 1, '2026-11-03 09:01+00', '2026-11-03 09:02+00' FROM alert_channels channel, alert_rules rule;
            INSERT INTO alert_attempts (delivery_id, attempt, at, status, duration_ms) SELECT id, 1, '2026-11-03 09:02+00', 200, 12.5 FROM alert_deliveries;
            """),
        (17, """
            INSERT INTO term_hours (hour, volume) VALUES ('2026-11-03 08:00+00', 120);
            INSERT INTO term_counts (hour, term, authors, posts, subreddits) VALUES ('2026-11-03 08:00+00', 'rocket', 3, 4, 2);
            INSERT INTO term_scatters (bucket, words, excess, weight) VALUES ('2026-11-03 08:00+00', 1, 0.2, 12.5);
            INSERT INTO term_bursts (bucket, term, authors, posts, subreddits, expected, p_value, baseline)
            VALUES ('2026-11-03 08:00+00', 'rocket', 12, 14, 3, 1.5, 1e-7, 3);
            INSERT INTO post_stories (post_id, story, evidence, similarity, seen_at) VALUES ('a', 4711, 0, 1, '2026-11-03 08:00+00');
            """),
        (18, """
            INSERT INTO analysis_progress (name, closed_to) VALUES ('shifts', '2026-11-03 08:00+00');
            INSERT INTO sentiment_shifts (kind, key, since, hour, posts, mean, usual, usual_posts, statistic, p_value, movers)
            VALUES ('topic', 'rocket', '2026-11-03 07:00+00', '2026-11-03 08:00+00', 30, -0.2, 0.3, 400, 12.5, 1e-9, '[]');
            INSERT INTO activity_hours (hour, subreddit_id, posts, comments) SELECT '2026-11-03 08:00+00', id, 12, 340 FROM subreddits WHERE name = 'news';
            INSERT INTO activity_anomalies (subreddit, measure, since, hour, level, hours, count, usual, deviations, samples, baseline)
            VALUES ('news', 'posts', '2026-11-03 07:00+00', '2026-11-03 08:00+00', 'loud', 1, 120, 20, 6.5, 28, 1);
            """),
    ];

    /// <summary>Brings an empty database to a version, step by step, as one that has been in use since the first.</summary>
    public static async Task LiveAsync(MigratedDatabase database, int version)
    {
        for (var step = 1; step <= version; step++)
        {
            await database.Migrator([.. Migration.All.Take(step)]).MigrateAsync(TestContext.Current.CancellationToken);
            foreach (var (_, sql) in Parts.Where(part => part.Version == step))
                await database.ExecuteAsync(sql);
        }
    }

    /// <summary>Every row of every table in the columns that the table has now; what is added later does not change the answers.</summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> RowsAsync(MigratedDatabase database)
    {
        var queries = await database.TextsAsync("""
            SELECT format('SELECT %s FROM %I', string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position), table_name)
            FROM information_schema.columns
            JOIN pg_class ON pg_class.oid = format('%I', table_name)::regclass AND relkind IN ('r', 'p') AND NOT relispartition
            WHERE table_schema = 'public'
            GROUP BY table_name
            """);
        var rows = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var query in queries)
            rows.Add(query, await database.RowsAsync(query));
        return rows;
    }
}
