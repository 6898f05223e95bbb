-- Rows come in the order of time, so a few pages per range tell where an hour lies, at next to no cost for the writer.
CREATE INDEX IF NOT EXISTS post_metrics_history_captured ON post_metrics_history USING brin (captured_at) WITH (pages_per_range = 16, autosummarize = on);
