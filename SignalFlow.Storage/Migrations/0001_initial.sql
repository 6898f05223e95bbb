-- Tables of the original system, with three differences: times are timestamptz, keywords are text[] (element statistics keep
-- plans good where jsonb's do not), and history carries the subreddit so that aggregates need no join.

CREATE TABLE IF NOT EXISTS subreddits (
  id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name       text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS subreddits_lower_name ON subreddits (lower(name));

-- The newest observation of every post and the one before it: velocity is a function of these two and nothing else.
CREATE TABLE IF NOT EXISTS posts (
  id               text PRIMARY KEY,
  subreddit_id     integer NOT NULL REFERENCES subreddits (id),
  title            text NOT NULL,
  selftext         text,
  author           text,
  url              text,
  permalink        text,
  flair            text,
  over_18          boolean NOT NULL DEFAULT false,
  created_utc      timestamptz NOT NULL,
  first_seen_at    timestamptz NOT NULL,
  last_polled_at   timestamptz NOT NULL,
  current_score    integer NOT NULL,
  current_comments integer NOT NULL,
  current_ratio    double precision,
  prev_polled_at   timestamptz,
  prev_score       integer,
  prev_comments    integer,
  poll_priority    text,
  score_velocity   double precision NOT NULL DEFAULT 0,
  comment_velocity double precision NOT NULL DEFAULT 0,
  trending_score   double precision NOT NULL DEFAULT 0,
  is_trending      boolean NOT NULL DEFAULT false
) WITH (fillfactor = 85);
-- Only columns that never change are indexed, so updates of scores stay heap-only.
CREATE INDEX IF NOT EXISTS posts_created ON posts (created_utc DESC, id DESC);
CREATE INDEX IF NOT EXISTS posts_subreddit_created ON posts (subreddit_id, created_utc DESC, id DESC);

CREATE TABLE IF NOT EXISTS post_nlp_features (
  post_id         text PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
  sentiment_score double precision NOT NULL,
  sentiment_label text NOT NULL,
  keywords        text[] NOT NULL,
  topic_cluster   integer
);
CREATE INDEX IF NOT EXISTS post_nlp_features_keywords ON post_nlp_features USING gin (keywords);

-- An observation is identified by (post_id, captured_at); captured_at is its observed_at. No foreign key to posts: it would cost a
-- look-up per row on the hottest table, and both are written in one transaction.
CREATE TABLE IF NOT EXISTS post_metrics_history (
  post_id      text NOT NULL,
  captured_at  timestamptz NOT NULL,
  subreddit_id integer NOT NULL,
  score        integer NOT NULL,
  num_comments integer NOT NULL,
  upvote_ratio double precision,
  PRIMARY KEY (post_id, captured_at)
) PARTITION BY RANGE (captured_at);

CREATE TABLE IF NOT EXISTS subreddit_config (
  id               integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name             text NOT NULL CHECK (name ~ '^[A-Za-z0-9_]{2,50}$'),
  -- NULL: the interval of the tier.
  interval_seconds integer CHECK (interval_seconds >= 10),
  priority         text NOT NULL DEFAULT 'medium' CHECK (priority IN ('fast', 'medium', 'slow')),
  is_active        boolean NOT NULL DEFAULT true,
  added_by         text NOT NULL DEFAULT '',
  created_at       timestamptz NOT NULL DEFAULT now(),
  updated_at       timestamptz NOT NULL DEFAULT now()
);
-- Reddit's names ignore case.
CREATE UNIQUE INDEX IF NOT EXISTS subreddit_config_lower_name ON subreddit_config (lower(name));
