-- The dead letters, one row per record that could not be processed, for operators. Filled from the dead-letter topic, which forgets.

CREATE TABLE IF NOT EXISTS dlq_events (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Where the record stood; of a letter that does not say so, where the letter stands.
  source_topic     text NOT NULL,
  source_partition integer NOT NULL,
  source_offset    bigint NOT NULL,
  key              bytea,
  payload          bytea,
  -- Those of the original record, in order: [{"key": "...", "encoding": "utf-8", "value": "..."}], or with encoding base64.
  headers          jsonb NOT NULL,
  -- The posts that the letter may hold content of, from its key and its payload: a purge must find it.
  post_ids         text[] NOT NULL,
  error_class      text NOT NULL,
  error_message    text NOT NULL,
  failed_at        timestamptz NOT NULL,
  attempt          integer NOT NULL CHECK (attempt >= 1),
  state            text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'replaying', 'resolved', 'failed_again', 'discarded')),
  note             text,
  -- Where the newest letter about it stands.
  dlq_partition    integer NOT NULL,
  dlq_offset       bigint NOT NULL,
  -- Payload, headers and message have been emptied, because Reddit has removed a post of post_ids.
  purged_at        timestamptz,
  created_at       timestamptz NOT NULL DEFAULT now(),
  updated_at       timestamptz NOT NULL DEFAULT now(),
  resolved_at      timestamptz,
  UNIQUE (source_topic, source_partition, source_offset)
);
CREATE INDEX IF NOT EXISTS dlq_events_posts ON dlq_events USING gin (post_ids);
-- The totals, without a look at the table.
CREATE INDEX IF NOT EXISTS dlq_events_totals ON dlq_events (state, error_class, source_topic, failed_at);
