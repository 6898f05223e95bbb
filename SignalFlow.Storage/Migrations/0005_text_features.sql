-- The shares of negative, neutral and positive words beside the compound score, and a print of the text that all features were found
-- in: they are found again only when it changes. NULL: from before these columns; the next observation of the post completes the row.
ALTER TABLE post_nlp_features ADD COLUMN IF NOT EXISTS sentiment_neg double precision;
ALTER TABLE post_nlp_features ADD COLUMN IF NOT EXISTS sentiment_neu double precision;
ALTER TABLE post_nlp_features ADD COLUMN IF NOT EXISTS sentiment_pos double precision;
ALTER TABLE post_nlp_features ADD COLUMN IF NOT EXISTS text_print bigint;
