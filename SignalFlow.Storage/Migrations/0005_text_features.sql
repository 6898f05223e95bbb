-- The shares of negative, neutral and positive words beside the compound score. NULL: scored before these columns were there; the next
-- observation of the post completes the row.
ALTER TABLE post_nlp_features ADD COLUMN IF NOT EXISTS sentiment_neg double precision;
ALTER TABLE post_nlp_features ADD COLUMN IF NOT EXISTS sentiment_neu double precision;
ALTER TABLE post_nlp_features ADD COLUMN IF NOT EXISTS sentiment_pos double precision;
