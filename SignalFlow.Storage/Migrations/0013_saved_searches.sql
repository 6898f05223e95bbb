-- Searches that a user keeps: the query string of the search page, as it was.
CREATE TABLE IF NOT EXISTS saved_searches (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name       text NOT NULL,
  query      text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS saved_searches_name ON saved_searches (user_id, lower(name));
