-- The same columns and the same figures as TimescaleDB's continuous aggregate of this name has in the mode that knows them: hours that are
-- over come from a table that the hourly job fills, the present one is counted when it is asked for.
CREATE TABLE IF NOT EXISTS post_metrics_hourly_rows (
  bucket       timestamptz NOT NULL,
  subreddit_id integer NOT NULL,
  observations bigint NOT NULL,
  score_sum    bigint NOT NULL,
  comments_sum bigint NOT NULL,
  avg_score    double precision NOT NULL,
  avg_comments double precision NOT NULL,
  max_score    integer NOT NULL,
  max_comments integer NOT NULL,
  PRIMARY KEY (bucket, subreddit_id)
);

-- At most one row. Hours before it are in the table; without it none is.
CREATE TABLE IF NOT EXISTS post_metrics_hourly_watermark (
  only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  watermark timestamptz NOT NULL
);

CREATE OR REPLACE VIEW post_metrics_hourly AS
SELECT bucket, subreddit_id, observations, score_sum, comments_sum, avg_score, avg_comments, max_score, max_comments
FROM post_metrics_hourly_rows
WHERE bucket < (SELECT watermark FROM post_metrics_hourly_watermark)
UNION ALL
SELECT date_bin('1 hour', captured_at, '2000-01-01 00:00:00+00'), subreddit_id, count(*), sum(score), sum(num_comments),
  avg(score)::double precision, avg(num_comments)::double precision, max(score), max(num_comments)
FROM post_metrics_history
WHERE captured_at >= coalesce((SELECT watermark FROM post_metrics_hourly_watermark), '-infinity')
GROUP BY 1, 2;
