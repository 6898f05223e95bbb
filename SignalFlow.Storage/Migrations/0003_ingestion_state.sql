-- What ingestion knows of its work, for operators and for its own next start; and the mark of posts whose content Reddit has deleted.

-- One row per shard: who polls, what is left of its quota, how far its sweep of old posts has come.
CREATE TABLE IF NOT EXISTS ingestion_shards (
  shard_id             integer PRIMARY KEY CHECK (shard_id >= 0),
  shard_count          integer NOT NULL,
  instance             text NOT NULL,
  acquired_at          timestamptz NOT NULL,
  heartbeat_at         timestamptz NOT NULL,
  requests_limit       integer,
  requests_last_minute integer,
  ratelimit_remaining  double precision,
  ratelimit_reset_at   timestamptz,
  paused_until         timestamptz,
  refresh_preset       text,
  -- Factor on the interval of the most stretched class of posts; 1: every refresh fits into the quota.
  refresh_stretch      double precision,
  posts_tracked        integer,
  refresh_overdue      integer,
  -- The post that the sweep has come to; it goes from new to old. NULL: no pass is under way.
  sweep_created_utc    timestamptz,
  sweep_post_id        text,
  sweep_started_at     timestamptz,
  -- When the last finished pass began: every older post has been looked at since.
  sweep_covered_at     timestamptz
);

-- One row per subreddit that has been polled. The name is in lower case.
CREATE TABLE IF NOT EXISTS subreddit_state (
  name              text PRIMARY KEY,
  shard_id          integer NOT NULL,
  -- ok, new, or why it cannot be polled: private, quarantined, banned, renamed, not_found, does_not_exist, server_error, ...
  status            text NOT NULL,
  detail            text,
  status_since      timestamptz NOT NULL,
  last_poll_at      timestamptz,
  last_success_at   timestamptz,
  next_poll_at      timestamptz,
  -- Start of the last round that was read to its end: what Reddit listed then has been published.
  covered_at        timestamptz,
  newest_post_at    timestamptz,
  posts_per_hour    double precision,
  -- Its share of the quota: a listing of n subreddits counts 1/n for each, a refresh of 100 posts 1/100 for each post.
  requests_per_hour double precision,
  -- Posts known to be missing since polling began, and when the last gap was found.
  gaps              integer NOT NULL DEFAULT 0,
  last_gap_at       timestamptz,
  backfilled_at     timestamptz,
  backfilled_posts  integer,
  updated_at        timestamptz NOT NULL
);

-- Counters and history stay; title, text, author and addresses go.
ALTER TABLE posts ADD COLUMN IF NOT EXISTS purged_at timestamptz;
ALTER TABLE posts ADD COLUMN IF NOT EXISTS purge_reason text;
-- Set once, so that updates of scores stay heap-only.
CREATE INDEX IF NOT EXISTS posts_purged ON posts (purged_at DESC, id DESC) WHERE purged_at IS NOT NULL;
