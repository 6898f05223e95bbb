-- A topic that is made anew begins at offset 0 again, so a position alone names no record: a print of key and value tells two records of one
-- position apart. 0: from before this column.
ALTER TABLE dlq_events ADD COLUMN IF NOT EXISTS record_print bigint NOT NULL DEFAULT 0;
ALTER TABLE dlq_events DROP CONSTRAINT IF EXISTS dlq_events_source_topic_source_partition_source_offset_key;
CREATE UNIQUE INDEX IF NOT EXISTS dlq_events_record ON dlq_events (source_topic, source_partition, source_offset, record_print);
