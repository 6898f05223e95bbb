-- Rules that users have, what they fired on, and what of it was sent where.

-- Which transaction has written a text, so that rules can look at every text exactly once: times of the data come in any order, and numbers of a
-- sequence are taken long before they can be seen. What all transactions before the oldest that is still under way have written is complete.
-- Rows from before this column have the transaction of this migration.
ALTER TABLE post_nlp_features ADD COLUMN IF NOT EXISTS written_in xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX IF NOT EXISTS post_nlp_features_written ON post_nlp_features (written_in);

-- What the analysis has noticed. Writing the same event again changes nothing: its key follows from the data.
CREATE TABLE IF NOT EXISTS signal_events (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind        text NOT NULL CHECK (kind IN ('surge', 'term_burst', 'sentiment_shift', 'anomaly')),
  key         text NOT NULL UNIQUE,
  -- A post, a term, a subreddit or a topic.
  subject     text NOT NULL,
  subreddit   text,
  post_id     text,
  -- Follows from the data, not from the clock of whoever noticed.
  occurred_at timestamptz NOT NULL,
  strength    double precision NOT NULL,
  detail      jsonb NOT NULL DEFAULT '{}',
  written_at  timestamptz NOT NULL DEFAULT now(),
  written_in  xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX IF NOT EXISTS signal_events_occurred ON signal_events (kind, occurred_at);
CREATE INDEX IF NOT EXISTS signal_events_written ON signal_events (written_in);
CREATE INDEX IF NOT EXISTS signal_events_post ON signal_events (post_id) WHERE post_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS alert_channels (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name         text NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('webhook', 'slack', 'discord', 'email')),
  -- What tells channels apart without giving the target away: a host, or an address of mail.
  hint         text NOT NULL,
  -- Target and signing secret, encrypted.
  sealed       bytea NOT NULL,
  active       boolean NOT NULL DEFAULT true,
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL,
  version      bigint NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX IF NOT EXISTS alert_channels_name ON alert_channels (user_id, lower(name));

CREATE TABLE IF NOT EXISTS alert_rules (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id       uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name          text NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('query', 'volume', 'author', 'surge', 'term_burst', 'sentiment_shift', 'anomaly')),
  query         text,
  authors       text[] NOT NULL DEFAULT '{}',
  subreddits    text[] NOT NULL DEFAULT '{}',
  sensitivity   text NOT NULL CHECK (sensitivity IN ('low', 'medium', 'high')),
  min_strength  double precision,
  channels      bigint[] NOT NULL DEFAULT '{}',
  dedupe_minutes integer NOT NULL CHECK (dedupe_minutes BETWEEN 0 AND 10080),
  -- NULL: each alert at once.
  digest_minutes integer CHECK (digest_minutes BETWEEN 5 AND 1440),
  quiet_from    time,
  quiet_to      time,
  -- IANA.
  time_zone     text,
  muted_until   timestamptz,
  active        boolean NOT NULL DEFAULT true,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  version       bigint NOT NULL DEFAULT 1,
  -- Fires on nothing that happened before.
  since         timestamptz NOT NULL,
  -- What earlier transactions have written has been looked at. NULL: the next evaluation begins with the present.
  evaluated_to  xid8,
  -- Hours before it have been looked at, of rules that count by the hour.
  counted_to    timestamptz NOT NULL,
  evaluated_at  timestamptz,
  -- Why the last evaluation failed.
  error         text,
  -- Found beyond what a rule may fire in an hour.
  suppressed    bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX IF NOT EXISTS alert_rules_name ON alert_rules (user_id, lower(name));

-- Of posts only the ids and numbers: a text that is purged must not live on here.
CREATE TABLE IF NOT EXISTS alerts (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rule_id      bigint NOT NULL REFERENCES alert_rules (id) ON DELETE CASCADE,
  user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  -- Follows from subject and time; with the rule it makes an alert one.
  key          text NOT NULL,
  kind         text NOT NULL,
  subject      text NOT NULL,
  subreddit    text,
  post_id      text,
  event_id     bigint,
  occurred_at  timestamptz NOT NULL,
  fired_at     timestamptz NOT NULL,
  strength     double precision,
  observed     double precision,
  expected     double precision,
  muted        boolean NOT NULL DEFAULT false,
  acknowledged_at timestamptz,
  UNIQUE (rule_id, key)
);
CREATE INDEX IF NOT EXISTS alerts_user ON alerts (user_id, id DESC);
CREATE INDEX IF NOT EXISTS alerts_rule ON alerts (rule_id, id DESC);
CREATE INDEX IF NOT EXISTS alerts_fired ON alerts (fired_at);

CREATE TABLE IF NOT EXISTS alert_deliveries (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- For the receiver: the same in every attempt.
  public_id     uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  channel_id    bigint NOT NULL REFERENCES alert_channels (id) ON DELETE CASCADE,
  -- NULL: a test.
  rule_id       bigint REFERENCES alert_rules (id) ON DELETE CASCADE,
  -- What is sent together: one alert, or those of a digest.
  bundle        text NOT NULL,
  alert_ids     bigint[] NOT NULL DEFAULT '{}',
  state         text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
  due_at        timestamptz NOT NULL,
  attempts      integer NOT NULL DEFAULT 0,
  -- Until then it is somebody's.
  claimed_until timestamptz,
  created_at    timestamptz NOT NULL,
  finished_at   timestamptz,
  UNIQUE (channel_id, bundle)
);
CREATE INDEX IF NOT EXISTS alert_deliveries_due ON alert_deliveries (due_at) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS alert_deliveries_claimed ON alert_deliveries (channel_id, claimed_until) WHERE state = 'pending' AND claimed_until IS NOT NULL;
CREATE INDEX IF NOT EXISTS alert_deliveries_channel ON alert_deliveries (channel_id, id DESC);
CREATE INDEX IF NOT EXISTS alert_deliveries_finished ON alert_deliveries (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS alert_attempts (
  delivery_id bigint NOT NULL REFERENCES alert_deliveries (id) ON DELETE CASCADE,
  attempt     integer NOT NULL,
  at          timestamptz NOT NULL,
  -- The answer's; NULL: there was none.
  status      integer,
  error       text,
  duration_ms double precision NOT NULL,
  PRIMARY KEY (delivery_id, attempt)
);

-- The key that the targets of channels are encrypted with, where none is configured.
ALTER TABLE signing_keys DROP CONSTRAINT IF EXISTS signing_keys_purpose_check;
ALTER TABLE signing_keys ADD CONSTRAINT signing_keys_purpose_check CHECK (purpose IN ('access-token', 'cursor', 'alert-channel'));

-- The SHA-256 of the token in the address of a search's feed; NULL: it has none.
ALTER TABLE saved_searches ADD COLUMN IF NOT EXISTS feed_hash bytea;
CREATE UNIQUE INDEX IF NOT EXISTS saved_searches_feed ON saved_searches (feed_hash) WHERE feed_hash IS NOT NULL;
