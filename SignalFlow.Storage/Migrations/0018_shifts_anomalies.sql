-- Titles that are not English have a sentiment that says little.
ALTER TABLE post_nlp_features ADD COLUMN IF NOT EXISTS sentiment_reliable boolean NOT NULL DEFAULT true;

-- Up to which hour the work that goes by the hour is done.
CREATE TABLE IF NOT EXISTS analysis_progress (
  name      text PRIMARY KEY,
  closed_to timestamptz NOT NULL
);

-- Where sentiment has moved: one row from the beginning to the end, with the numbers of its last hour.
CREATE TABLE IF NOT EXISTS sentiment_shifts (
  kind        text NOT NULL CHECK (kind IN ('subreddit', 'topic')),
  -- A subreddit, or a keyword.
  key         text NOT NULL,
  -- The first and the last hour in which it was found.
  since       timestamptz NOT NULL,
  hour        timestamptz NOT NULL,
  posts       integer NOT NULL,
  mean        double precision NOT NULL,
  usual       double precision NOT NULL,
  usual_posts bigint NOT NULL,
  statistic   double precision NOT NULL,
  p_value     double precision NOT NULL,
  -- The posts that moved it most: ids and numbers.
  movers      jsonb NOT NULL,
  PRIMARY KEY (kind, key, since)
);
CREATE INDEX IF NOT EXISTS sentiment_shifts_hour ON sentiment_shifts (hour);

-- What came in an hour, as it was known ten minutes after its end. An hour without a row had nothing.
CREATE TABLE IF NOT EXISTS activity_hours (
  hour         timestamptz NOT NULL,
  subreddit_id integer NOT NULL REFERENCES subreddits (id) ON DELETE CASCADE,
  posts        integer NOT NULL,
  comments     integer NOT NULL,
  PRIMARY KEY (hour, subreddit_id)
);

-- Subreddits that were unusually busy, or unusually quiet: one row from the beginning to the end, with the numbers of its last hour.
CREATE TABLE IF NOT EXISTS activity_anomalies (
  subreddit  text NOT NULL,
  measure    text NOT NULL CHECK (measure IN ('posts', 'comments')),
  since      timestamptz NOT NULL,
  hour       timestamptz NOT NULL,
  level      text NOT NULL CHECK (level IN ('loud', 'quiet')),
  -- How many hours, to the end of the last one, the count is of.
  hours      integer NOT NULL,
  count      integer NOT NULL,
  usual      double precision NOT NULL,
  deviations double precision NOT NULL,
  samples    integer NOT NULL,
  -- 1 the hour of the day, 2 the hour of the week.
  baseline   smallint NOT NULL,
  PRIMARY KEY (subreddit, measure, since)
);
CREATE INDEX IF NOT EXISTS activity_anomalies_hour ON activity_anomalies (hour);
