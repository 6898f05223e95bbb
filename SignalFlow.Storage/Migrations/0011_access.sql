-- Who may do what, and what was done. Secrets are kept as hashes, except the keys that the API itself signs with.

CREATE TABLE IF NOT EXISTS users (
  id                   uuid PRIMARY KEY,
  user_name            text NOT NULL,
  normalized_user_name text NOT NULL,
  password_hash        text,
  -- Changes with everything that ends the sessions of a user.
  security_stamp       text NOT NULL,
  concurrency_stamp    text,
  access_failed_count  integer NOT NULL DEFAULT 0,
  lockout_enabled      boolean NOT NULL DEFAULT true,
  lockout_end          timestamptz,
  role                 text NOT NULL CHECK (role IN ('viewer', 'analyst', 'operator', 'admin')),
  is_active            boolean NOT NULL DEFAULT true,
  created_at           timestamptz NOT NULL DEFAULT now(),
  signed_in_at         timestamptz
);
CREATE UNIQUE INDEX IF NOT EXISTS users_normalized_user_name ON users (normalized_user_name);

-- A family is one sign-in. Each of its tokens is good for one refresh, which makes the next.
CREATE TABLE IF NOT EXISTS refresh_tokens (
  token_hash bytea PRIMARY KEY,
  family     uuid NOT NULL,
  user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  started_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at    timestamptz,
  revoked_at timestamptz
);
CREATE INDEX IF NOT EXISTS refresh_tokens_family ON refresh_tokens (family);
CREATE INDEX IF NOT EXISTS refresh_tokens_user ON refresh_tokens (user_id);
CREATE INDEX IF NOT EXISTS refresh_tokens_expiry ON refresh_tokens (expires_at);

CREATE TABLE IF NOT EXISTS api_keys (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name         text NOT NULL,
  user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  key_hash     bytea NOT NULL UNIQUE,
  -- Its beginning, to tell keys apart by.
  hint         text NOT NULL,
  scopes       text[] NOT NULL,
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz,
  last_used_at timestamptz,
  revoked_at   timestamptz
);
CREATE INDEX IF NOT EXISTS api_keys_user ON api_keys (user_id);

CREATE TABLE IF NOT EXISTS signing_keys (
  id         text PRIMARY KEY,
  purpose    text NOT NULL CHECK (purpose IN ('access-token', 'cursor')),
  secret     bytea NOT NULL,
  created_at timestamptz NOT NULL,
  -- Signs nothing any more; what it has signed is good until it expires.
  retired_at timestamptz
);
-- Two processes that start together make one key between them.
CREATE UNIQUE INDEX IF NOT EXISTS signing_keys_current ON signing_keys (purpose) WHERE retired_at IS NULL;

CREATE TABLE IF NOT EXISTS setup_links (
  token_hash bytea PRIMARY KEY,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS audit_log (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at        timestamptz NOT NULL DEFAULT now(),
  actor     text NOT NULL,
  action    text NOT NULL,
  target    text NOT NULL,
  old       jsonb,
  new       jsonb,
  address   text
);
CREATE INDEX IF NOT EXISTS audit_log_actor ON audit_log (actor, id DESC);
CREATE INDEX IF NOT EXISTS audit_log_target ON audit_log (target, id DESC);
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Rows of % are never changed or deleted.', TG_TABLE_NAME;
END $$;
CREATE OR REPLACE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
