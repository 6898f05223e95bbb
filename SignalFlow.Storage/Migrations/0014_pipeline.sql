-- What each process that works on records says of itself, every few seconds. Rows of those that are silent go.
CREATE TABLE IF NOT EXISTS pipeline_instances (
  instance               text PRIMARY KEY,
  version                text NOT NULL,
  started_at             timestamptz NOT NULL,
  reported_at            timestamptz NOT NULL,
  -- It has ended in order.
  is_stopped             boolean NOT NULL,
  -- It waits for the database.
  is_paused              boolean NOT NULL,
  last_batch_at          timestamptz,
  batches_per_second     double precision NOT NULL,
  -- Milliseconds to store a batch, in the last minute; null when there was none.
  flush_p50              double precision,
  flush_p95              double precision,
  flush_p99              double precision,
  dead_letters_last_hour bigint NOT NULL,
  -- Of each topic of posts, as the broker says; null when it has not been asked yet.
  partition_count        integer
);

-- What it has to itself. The nulls: no record has come since it was assigned.
CREATE TABLE IF NOT EXISTS pipeline_partitions (
  instance           text NOT NULL REFERENCES pipeline_instances (instance) ON DELETE CASCADE,
  topic              text NOT NULL,
  partition          integer NOT NULL,
  lag                bigint,
  time_lag_seconds   double precision,
  records_per_second double precision NOT NULL,
  posts_per_second   double precision NOT NULL,
  PRIMARY KEY (instance, topic, partition)
);
