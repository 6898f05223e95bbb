-- Full-text search and the filters of the feed. What is indexed changes never or rarely: an index on a counter, also one that only names it
-- in its condition, would take heap-only updates from every refresh.

-- In the order of the writers, so that neither waits for the other.
LOCK TABLE posts, post_nlp_features IN ACCESS EXCLUSIVE MODE;

-- What a search finds a post by: the stems of the words of the title (weight A) and of the text (B), and the words of the title as they are written
-- (C). The parts are moved apart, so that no phrase reaches from one into the next; the mark that does it holds no character that a word can have.
-- What is beyond a text's first 4,000 characters is not found.
CREATE OR REPLACE FUNCTION search_document(title text, selftext text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT ts_delete(
    setweight(to_tsvector('pg_catalog.english', left(title, 1000)), 'A') || E'\x01:100'::tsvector
      || setweight(to_tsvector('pg_catalog.simple', left(title, 1000)), 'C') || E'\x01:100'::tsvector
      || setweight(to_tsvector('pg_catalog.english', left(coalesce(selftext, ''), 4000)), 'B'),
    E'\x01')
$$;

-- Beside the features of the text, because they are written once per text and go with a purge. The creation is that of the post: it puts hits into
-- the order of the feed before the first post is looked at. NULL: from a program before these columns; the next observation completes the row.
-- A table of its own takes the place of the old one: an update of every row would leave it twice as large and in no order.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'post_nlp_features'::regclass AND attname = 'document' AND NOT attisdropped) THEN
    CREATE TABLE post_nlp_features_new (LIKE post_nlp_features, created_utc timestamptz, document tsvector);
    -- In the row as far as possible: a walk over documents that lie elsewhere takes four times as long.
    ALTER TABLE post_nlp_features_new ALTER COLUMN document SET STORAGE MAIN;
    INSERT INTO post_nlp_features_new
    SELECT features.*, post.created_utc, search_document(post.title, post.selftext)
    FROM post_nlp_features features JOIN posts post ON post.id = features.post_id
    ORDER BY post.created_utc;
    DROP TABLE post_nlp_features;
    ALTER TABLE post_nlp_features_new RENAME TO post_nlp_features;
    ALTER TABLE post_nlp_features
      ADD CONSTRAINT post_nlp_features_pkey PRIMARY KEY (post_id),
      ADD CONSTRAINT post_nlp_features_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE;
  END IF;
END $$;
UPDATE post_nlp_features features
SET created_utc = post.created_utc, document = search_document(post.title, post.selftext)
FROM posts post
WHERE post.id = features.post_id AND (features.document IS NULL OR features.created_utc IS NULL);
CREATE INDEX IF NOT EXISTS post_nlp_features_keywords ON post_nlp_features USING gin (keywords);
CREATE INDEX IF NOT EXISTS post_nlp_features_document ON post_nlp_features USING gin (document);
CREATE INDEX IF NOT EXISTS post_nlp_features_created ON post_nlp_features (created_utc DESC, post_id DESC);
CREATE INDEX IF NOT EXISTS post_nlp_features_sentiment ON post_nlp_features (sentiment_score);

-- Steps of counters: a counter changes with every refresh, its step a few times in the life of a post.
ALTER TABLE posts
  ADD COLUMN IF NOT EXISTS score_tier smallint NOT NULL GENERATED ALWAYS AS (
    CASE WHEN current_score >= 10000 THEN 2 WHEN current_score >= 1000 THEN 1 WHEN current_score < 0 THEN -1 ELSE 0 END) STORED,
  ADD COLUMN IF NOT EXISTS trending_tier smallint NOT NULL GENERATED ALWAYS AS (CASE WHEN trending_score >= 0.4 THEN 1 ELSE 0 END) STORED;
CREATE INDEX IF NOT EXISTS posts_score_1000_created ON posts (created_utc DESC, id DESC) WHERE score_tier >= 1;
CREATE INDEX IF NOT EXISTS posts_score_10000_created ON posts (created_utc DESC, id DESC) WHERE score_tier >= 2;
CREATE INDEX IF NOT EXISTS posts_score_negative_created ON posts (created_utc DESC, id DESC) WHERE score_tier < 0;
CREATE INDEX IF NOT EXISTS posts_trending_score_created ON posts (created_utc DESC, id DESC) WHERE trending_tier >= 1;
CREATE INDEX IF NOT EXISTS posts_trending_created ON posts (created_utc DESC, id DESC) WHERE is_trending;
CREATE INDEX IF NOT EXISTS posts_over_18_created ON posts (created_utc DESC, id DESC) WHERE over_18;
-- Names and flairs ignore case.
CREATE INDEX IF NOT EXISTS posts_author_created ON posts (lower(author), created_utc DESC, id DESC) WHERE author IS NOT NULL;
CREATE INDEX IF NOT EXISTS posts_flair_created ON posts (lower(flair), created_utc DESC, id DESC) WHERE flair IS NOT NULL;

-- The planner knows nothing of columns and expressions that nobody has looked at.
ANALYZE posts, post_nlp_features;
