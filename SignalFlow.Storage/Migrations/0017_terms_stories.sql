-- What is usual, by hour: how many authors used a term. Only of terms that two or more authors of an hour used, and at most of the 4,000 that had most.
CREATE TABLE IF NOT EXISTS term_hours (
  hour   timestamptz PRIMARY KEY,
  -- Posts counted.
  volume integer NOT NULL
);
CREATE TABLE IF NOT EXISTS term_counts (
  hour       timestamptz NOT NULL REFERENCES term_hours (hour) ON DELETE CASCADE,
  term       text NOT NULL,
  authors    integer NOT NULL,
  posts      integer NOT NULL,
  subreddits integer NOT NULL,
  PRIMARY KEY (hour, term)
);

-- How far counts scatter beyond chance, by bucket of 15 minutes and number of words.
CREATE TABLE IF NOT EXISTS term_scatters (
  bucket timestamptz NOT NULL,
  words  smallint NOT NULL,
  excess double precision NOT NULL,
  weight double precision NOT NULL,
  PRIMARY KEY (bucket, words)
);

-- Terms that significantly more authors used than was to be expected.
CREATE TABLE IF NOT EXISTS term_bursts (
  bucket     timestamptz NOT NULL,
  term       text NOT NULL,
  authors    integer NOT NULL,
  posts      integer NOT NULL,
  subreddits integer NOT NULL,
  expected   double precision NOT NULL,
  p_value    double precision NOT NULL,
  -- What it was compared with: 1 the hours before, 2 the hour of the day, 3 the hour of the week.
  baseline   smallint NOT NULL,
  PRIMARY KEY (bucket, term)
);

-- The story that a post tells: a number that follows from the story's first post. seen_at is the place in the order in which stories were found.
CREATE TABLE IF NOT EXISTS post_stories (
  post_id    text PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
  story      bigint NOT NULL,
  -- 0 its first post, 1 the same link, 2 nearly the same title, 3 the same words.
  evidence   smallint NOT NULL,
  similarity double precision NOT NULL,
  seen_at    timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS post_stories_story ON post_stories (story);
CREATE INDEX IF NOT EXISTS post_stories_seen ON post_stories (seen_at);
