-- Where a post stands among those of its community: the signal of its newest observation, and the state that the next one continues.
-- folded counts the observations in the state; together with observed_at it tells whether a state is the one that somebody has continued.
-- Removed posts have no row. Pages stay half empty, so that updates that change no index stay on them.
CREATE TABLE IF NOT EXISTS post_surge (
  post_id        text PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
  observed_at    timestamptz NOT NULL,
  folded         integer NOT NULL,
  state          bytea NOT NULL,
  phase          smallint NOT NULL,
  phase_since    timestamptz,
  emerged_at     timestamptz,
  trended_at     timestamptz,
  surge          double precision NOT NULL,
  level          double precision NOT NULL,
  discussion     double precision NOT NULL,
  burst          double precision NOT NULL,
  times_typical  double precision NOT NULL,
  gain           integer NOT NULL,
  window_minutes double precision NOT NULL,
  forecast_low   double precision,
  forecast       double precision,
  forecast_high  double precision,
  chance         double precision,
  age_minutes    double precision NOT NULL,
  baseline_posts integer NOT NULL,
  peak_score     integer NOT NULL,
  peak_velocity  double precision NOT NULL,
  base_folded    integer NOT NULL,
  base_at        timestamptz
) WITH (fillfactor = 70);
-- A phase changes a few times in the life of a post, the numbers with every observation: only the phase is indexed.
CREATE INDEX IF NOT EXISTS post_surge_phase ON post_surge (phase) WHERE phase IN (1, 2, 3);

-- Posts whose signal has to be found anew from their whole history: an observation came late, or two processes have gone different ways.
CREATE TABLE IF NOT EXISTS surge_refolds (
  post_id   text PRIMARY KEY,
  marked_at timestamptz NOT NULL
);

-- What is typical, by cut and time lapse of the simulated Reddit (1: none): made once, of observations before it, and never changed.
CREATE TABLE IF NOT EXISTS surge_baselines (
  speed   integer NOT NULL,
  cut     timestamptz NOT NULL,
  posts   integer NOT NULL,
  content bytea NOT NULL,
  made_at timestamptz NOT NULL,
  PRIMARY KEY (speed, cut)
);
