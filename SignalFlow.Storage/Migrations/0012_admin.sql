-- Dead letters can be replayed; and what processing decides trending posts by, for those who ask the API.

ALTER TABLE dlq_events
  -- How often it has been taken for a replay; the newest replay bears this number.
  ADD COLUMN IF NOT EXISTS replay integer NOT NULL DEFAULT 0,
  -- When it was taken. A replay without an outcome is given up after a while.
  ADD COLUMN IF NOT EXISTS claimed_at timestamptz,
  -- The numbers of the replays that failed, each once, however often it is told.
  ADD COLUMN IF NOT EXISTS failed_replays integer[] NOT NULL DEFAULT '{}',
  -- The topic had no room for all of it, so what is here is not the record.
  ADD COLUMN IF NOT EXISTS is_truncated boolean NOT NULL DEFAULT false;
ALTER TABLE dlq_events DROP CONSTRAINT IF EXISTS dlq_events_state_check;
ALTER TABLE dlq_events ADD CONSTRAINT dlq_events_state_check
  CHECK (state IN ('new', 'replaying', 'resolved', 'failed_again', 'discarded', 'parked'));
-- What waits, in the order of replaying it: settled letters may be many.
CREATE INDEX IF NOT EXISTS dlq_events_open ON dlq_events (id) WHERE state IN ('new', 'replaying', 'failed_again', 'parked');

-- One row per process that decides which posts are trending.
CREATE TABLE IF NOT EXISTS trending_thresholds (
  instance      text PRIMARY KEY,
  velocity_high double precision NOT NULL,
  velocity_low  double precision NOT NULL,
  sentiment_min double precision NOT NULL,
  comment_min   integer NOT NULL,
  cutoff        double precision NOT NULL,
  since         timestamptz NOT NULL,
  reported_at   timestamptz NOT NULL
);
