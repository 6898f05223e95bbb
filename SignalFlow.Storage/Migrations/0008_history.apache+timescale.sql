-- History becomes a hypertable with a chunk per day. What an earlier version stored in partitions of its own moves.
DO $$
BEGIN
  IF (SELECT relkind FROM pg_class WHERE oid = 'post_metrics_history'::regclass) = 'p' THEN
    ALTER TABLE post_metrics_history RENAME TO post_metrics_history_partitioned;
    ALTER TABLE post_metrics_history_partitioned RENAME CONSTRAINT post_metrics_history_pkey TO post_metrics_history_partitioned_pkey;
  END IF;
END
$$;

CREATE TABLE IF NOT EXISTS post_metrics_history (
  post_id      text NOT NULL,
  captured_at  timestamptz NOT NULL,
  subreddit_id integer NOT NULL,
  score        integer NOT NULL,
  num_comments integer NOT NULL,
  upvote_ratio double precision,
  PRIMARY KEY (post_id, captured_at)
);
CREATE INDEX IF NOT EXISTS post_metrics_history_captured ON post_metrics_history USING brin (captured_at) WITH (pages_per_range = 16, autosummarize = on);
SELECT create_hypertable('post_metrics_history', by_range('captured_at', INTERVAL '1 day'), create_default_indexes => false, if_not_exists => true);

DO $$
BEGIN
  IF to_regclass('post_metrics_history_partitioned') IS NOT NULL THEN
    INSERT INTO post_metrics_history (post_id, captured_at, subreddit_id, score, num_comments, upvote_ratio)
    SELECT post_id, captured_at, subreddit_id, score, num_comments, upvote_ratio FROM post_metrics_history_partitioned
    ON CONFLICT (post_id, captured_at) DO NOTHING;
    DROP TABLE post_metrics_history_partitioned;
  END IF;
END
$$;
