-- Services need not own what they write. Three roles, which login users are members of: what each may do to which table is in grant_roles(),
-- and nothing else is granted anywhere. What only an owner can do, and writing needs, is done by functions that run as the owner.

-- A day's partition, ahead of its observations. Attached, not created as a partition: that would lock the table against all writers, and wait
-- for all readers to do so. A table that is there and not attached is one that retention had begun to drop.
CREATE OR REPLACE FUNCTION make_history_day(day date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  name text := 'post_metrics_history_' || to_char(day, 'YYYYMMDD');
  existing regclass;
BEGIN
  -- One at a time: two sessions that create the same table at the same moment would fail.
  PERFORM pg_advisory_xact_lock(495639880050);
  existing := to_regclass(format('%I.%I', current_schema(), name));
  IF EXISTS (SELECT FROM pg_inherits WHERE inhrelid = existing) THEN
    RETURN;
  END IF;
  IF existing IS NULL THEN
    EXECUTE format('CREATE TABLE %I.%I (LIKE post_metrics_history INCLUDING ALL)', current_schema(), name);
  END IF;
  EXECUTE format(
    'ALTER TABLE post_metrics_history ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)',
    current_schema(), name, to_char(day, 'YYYY-MM-DD 00:00:00+00'), to_char(day + 1, 'YYYY-MM-DD 00:00:00+00'));
END $$;

-- For retention by those who are not the owner. A function cannot detach without a lock, so this waits for those who read or write the table, and
-- others wait behind it: not for long. Whoever is in the way longer has it tried again by the next run.
CREATE OR REPLACE FUNCTION drop_history_day(day date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '2s' AS $$
BEGIN
  -- A service that is not itself any more must not take away what is new.
  IF day >= (now() AT TIME ZONE 'UTC')::date - 1 THEN
    RAISE EXCEPTION 'The history of % is too young to be dropped.', day USING ERRCODE = 'insufficient_privilege';
  END IF;
  EXECUTE format('DROP TABLE IF EXISTS %I.%I', current_schema(), 'post_metrics_history_' || to_char(day, 'YYYYMMDD'));
END $$;

-- The same where history is a hypertable.
CREATE OR REPLACE FUNCTION drop_history_chunks(horizon timestamptz) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '2s' AS $$
BEGIN
  IF horizon > now() - interval '1 day' THEN
    RAISE EXCEPTION 'The history until % is too young to be dropped.', horizon USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN (SELECT count(*) FROM drop_chunks('post_metrics_history', older_than => horizon));
END $$;

-- Nobody but the owner puts objects in this schema, and what somebody has put into a temporary one is looked at last.
DO $$
DECLARE
  definer text;
BEGIN
  FOREACH definer IN ARRAY ARRAY['make_history_day(date)', 'drop_history_day(date)', 'drop_history_chunks(timestamptz)'] LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', definer, current_schema());
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', definer);
  END LOOP;
END $$;

-- Processing needs the key of the alert channels, and must not have the one that signs access tokens. The owner sees all rows.
ALTER TABLE signing_keys ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS signing_keys_of_the_reader ON signing_keys;
CREATE POLICY signing_keys_of_the_reader ON signing_keys
  USING (purpose = 'alert-channel' OR has_table_privilege('users'::regclass, 'INSERT'));

-- Makes the roles, where the user who calls it may, and gives each of those that are there exactly what is written here. May be called again at any
-- time: after somebody else has made the roles, or after a restore, which brings no grants.
CREATE OR REPLACE FUNCTION grant_roles() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  member text;
  given record;
  dml constant text := 'SELECT, INSERT, UPDATE, DELETE';
BEGIN
  FOREACH member IN ARRAY ARRAY['signalflow_reader', 'signalflow_writer', 'signalflow_api'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = member) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', member);
      EXCEPTION
        WHEN insufficient_privilege THEN
          RAISE WARNING 'The role % is not made: % may not create roles. Services can go on as the owner of the tables; to have them run with less, create the role and call grant_roles().', member, current_user;
          CONTINUE;
        WHEN duplicate_object OR unique_violation THEN
          -- Roles are the server's: the migration of another database was faster.
          NULL;
      END;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), member);
    FOR given IN
      SELECT granted.name, CASE member WHEN 'signalflow_reader' THEN granted.reader WHEN 'signalflow_writer' THEN granted.writer ELSE granted.api END AS privileges
      FROM (VALUES
        -- Posts and what is found of them: Processing writes, everybody reads.
        ('subreddits', 'SELECT', 'SELECT, INSERT', 'SELECT'),
        ('posts', 'SELECT', 'SELECT, INSERT, UPDATE', 'SELECT'),
        ('post_nlp_features', 'SELECT', dml, 'SELECT'),
        ('post_metrics_history', 'SELECT', 'SELECT, INSERT', 'SELECT'),
        ('post_metrics_hourly', 'SELECT', 'SELECT', 'SELECT'),
        ('post_metrics_hourly_rows', 'SELECT', dml, 'SELECT'),
        ('post_metrics_hourly_watermark', 'SELECT', 'SELECT, INSERT, UPDATE', 'SELECT'),
        ('post_stats_hourly', 'SELECT', dml, 'SELECT'),
        ('post_stats_daily', 'SELECT', dml, 'SELECT'),
        ('post_author_days', 'SELECT', dml, 'SELECT'),
        ('post_surge', 'SELECT', dml, 'SELECT'),
        ('surge_refolds', 'SELECT', dml, 'SELECT'),
        ('surge_baselines', 'SELECT', 'SELECT, INSERT, DELETE', 'SELECT'),
        ('term_hours', 'SELECT', 'SELECT, INSERT, DELETE', 'SELECT'),
        ('term_counts', 'SELECT', 'SELECT, INSERT, DELETE', 'SELECT'),
        ('term_scatters', 'SELECT', 'SELECT, INSERT, DELETE', 'SELECT'),
        ('term_bursts', 'SELECT', 'SELECT, INSERT, DELETE', 'SELECT'),
        ('post_stories', 'SELECT', 'SELECT, INSERT, UPDATE', 'SELECT'),
        ('analysis_progress', 'SELECT', 'SELECT, INSERT, UPDATE', 'SELECT'),
        ('sentiment_shifts', 'SELECT', dml, 'SELECT'),
        ('activity_hours', 'SELECT', dml, 'SELECT'),
        ('activity_anomalies', 'SELECT', dml, 'SELECT'),
        ('signal_events', 'SELECT', dml, 'SELECT'),
        -- How the services are.
        ('rollup_marks', 'SELECT', dml, 'SELECT'),
        ('storage_jobs', 'SELECT', 'SELECT, INSERT, UPDATE', 'SELECT'),
        ('ingestion_shards', 'SELECT', 'SELECT, INSERT, UPDATE', 'SELECT'),
        ('subreddit_state', 'SELECT', 'SELECT, INSERT, UPDATE', 'SELECT'),
        ('trending_thresholds', 'SELECT', dml, 'SELECT'),
        ('pipeline_instances', 'SELECT', dml, 'SELECT'),
        ('pipeline_partitions', 'SELECT', dml, 'SELECT'),
        ('schema_migrations', 'SELECT', 'SELECT', 'SELECT'),
        -- What operators decide.
        ('dlq_events', 'SELECT', dml, 'SELECT, UPDATE'),
        ('subreddit_config', 'SELECT', 'SELECT', dml),
        -- What users have. Processing evaluates rules and sends; of users it sees whether they may still have rules.
        ('alert_rules', NULL, 'SELECT, UPDATE (evaluated_to, counted_to, evaluated_at, error, suppressed)', dml),
        ('alert_channels', NULL, 'SELECT', dml),
        ('alerts', NULL, dml, 'SELECT, UPDATE'),
        ('alert_deliveries', NULL, dml, 'SELECT, INSERT'),
        ('alert_attempts', NULL, 'SELECT, INSERT', 'SELECT'),
        ('users', NULL, 'SELECT (id, role, is_active)', dml),
        ('saved_searches', NULL, NULL, dml),
        ('refresh_tokens', NULL, NULL, dml),
        ('api_keys', NULL, NULL, 'SELECT, INSERT, UPDATE'),
        ('signing_keys', NULL, 'SELECT, INSERT', 'SELECT, INSERT, UPDATE'),
        ('setup_links', NULL, NULL, 'SELECT, INSERT, DELETE'),
        ('audit_log', NULL, NULL, 'SELECT, INSERT')
      ) AS granted (name, reader, writer, api)
      -- Not every storage mode has every table.
      WHERE to_regclass(granted.name) IS NOT NULL
    LOOP
      EXECUTE format('REVOKE ALL ON %I FROM %I', given.name, member);
      IF given.privileges IS NOT NULL THEN
        EXECUTE format('GRANT %s ON %I TO %I', given.privileges, given.name, member);
      END IF;
    END LOOP;
    IF member = 'signalflow_writer' THEN
      EXECUTE format('GRANT EXECUTE ON FUNCTION make_history_day(date), drop_history_day(date), drop_history_chunks(timestamptz) TO %I', member);
    END IF;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION grant_roles() FROM PUBLIC;
SELECT grant_roles();
