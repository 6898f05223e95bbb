-- Figures that are asked for all the time and would otherwise be counted from every post: per hour and day of creation and
-- subreddit, and per day and author. The rollup job keeps them; what it has to count again the writers tell it in rollup_marks.

-- The spans of time that hold changes which are not counted yet. A writer marks an hour before it writes and again every few seconds while
-- it goes on; the job drops a mark that it has counted after the last transaction that could still have been under way.
CREATE TABLE IF NOT EXISTS rollup_marks (
  -- posts: the hour in which the posts were created; history: that of the observations; authors: the day in which the posts were created.
  source     text NOT NULL CHECK (source IN ('posts', 'history', 'authors')),
  bucket     timestamptz NOT NULL,
  touched_at timestamptz NOT NULL,
  -- When the counting began that has last looked at it.
  counted_at timestamptz,
  PRIMARY KEY (source, bucket)
);

CREATE TABLE IF NOT EXISTS post_stats_hourly (
  bucket           timestamptz NOT NULL,
  subreddit_id     integer NOT NULL,
  -- Purged posts count; their counters stay.
  posts            bigint NOT NULL,
  score_sum        bigint NOT NULL,
  comments_sum     bigint NOT NULL,
  trending         bigint NOT NULL,
  -- Posts with features, and the sum of their sentiment.
  sentiment_posts  bigint NOT NULL,
  sentiment_sum    double precision NOT NULL,
  -- Of those that can be shown; NULL where all are purged.
  most_scored_id    text,
  most_scored       integer,
  most_discussed_id text,
  most_discussed    integer,
  PRIMARY KEY (bucket, subreddit_id)
) WITH (fillfactor = 70);

-- The same of whole days (UTC): sums of the hours.
CREATE TABLE IF NOT EXISTS post_stats_daily (
  day               date NOT NULL,
  subreddit_id      integer NOT NULL,
  posts             bigint NOT NULL,
  score_sum         bigint NOT NULL,
  comments_sum      bigint NOT NULL,
  trending          bigint NOT NULL,
  sentiment_posts   bigint NOT NULL,
  sentiment_sum     double precision NOT NULL,
  most_scored_id    text,
  most_scored       integer,
  most_discussed_id text,
  most_discussed    integer,
  PRIMARY KEY (day, subreddit_id)
) WITH (fillfactor = 70);

CREATE TABLE IF NOT EXISTS post_author_days (
  day       date NOT NULL,
  author    text NOT NULL,
  posts     bigint NOT NULL,
  score_sum bigint NOT NULL,
  -- With the figures, so that an author's days are added up from the index alone.
  PRIMARY KEY (author, day) INCLUDE (posts, score_sum)
);
CREATE INDEX IF NOT EXISTS post_author_days_best ON post_author_days (day, score_sum DESC);

-- The last run of every job that keeps the storage, whichever process did it.
CREATE TABLE IF NOT EXISTS storage_jobs (
  name        text PRIMARY KEY,
  started_at  timestamptz NOT NULL,
  finished_at timestamptz,
  -- NULL while it runs, or when its process died.
  succeeded   boolean,
  -- What it worked on: hours counted, partitions dropped, rows deleted.
  items       bigint NOT NULL DEFAULT 0,
  error       text,
  last_success_at timestamptz
);

-- What is stored already has to be counted once.
INSERT INTO rollup_marks (source, bucket, touched_at)
SELECT DISTINCT 'posts', date_bin('1 hour', created_utc, '2000-01-01 00:00:00+00'), now() FROM posts
UNION ALL
SELECT DISTINCT 'history', date_bin('1 hour', captured_at, '2000-01-01 00:00:00+00'), now() FROM post_metrics_history
ON CONFLICT (source, bucket) DO NOTHING;
