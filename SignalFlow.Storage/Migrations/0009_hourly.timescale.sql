-- Real-time: hours that are not materialised yet are counted when they are asked for. How often it is refreshed, how long history is kept
-- and when chunks are compressed are policies; they follow the configuration and are set by the housekeeping of the processing service.
CREATE MATERIALIZED VIEW IF NOT EXISTS post_metrics_hourly
WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT time_bucket('1 hour', captured_at) AS bucket, subreddit_id, count(*) AS observations, sum(score) AS score_sum,
  sum(num_comments) AS comments_sum, avg(score)::double precision AS avg_score, avg(num_comments)::double precision AS avg_comments,
  max(score) AS max_score, max(num_comments) AS max_comments
FROM post_metrics_history
GROUP BY 1, 2
WITH NO DATA;

-- In the order of posts, one post's rows lie in one batch per subreddit and chunk, found by the least and greatest id of the batch:
-- its chart stays fast in compressed chunks, too. Once there are such chunks the settings cannot be given again.
DO $$
BEGIN
  IF NOT (SELECT compression_enabled FROM timescaledb_information.hypertables WHERE hypertable_name = 'post_metrics_history' AND hypertable_schema = current_schema()) THEN
    ALTER TABLE post_metrics_history SET (
      timescaledb.compress, timescaledb.compress_segmentby = 'subreddit_id', timescaledb.compress_orderby = 'post_id, captured_at');
  END IF;
END
$$;
