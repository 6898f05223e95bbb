-- A day before Christ names the same partition as one of today: names have no era.
CREATE OR REPLACE FUNCTION make_history_day(day date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  name text := 'post_metrics_history_' || to_char(day, 'YYYYMMDD');
  existing regclass;
BEGIN
  IF day IS NULL OR day NOT BETWEEN '2000-01-01' AND '2999-12-31' THEN
    RAISE EXCEPTION '% is no day of history.', coalesce(day::text, 'NULL') USING ERRCODE = 'insufficient_privilege';
  END IF;
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

CREATE OR REPLACE FUNCTION drop_history_day(day date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '2s' AS $$
BEGIN
  -- A service that is not itself any more must not take away what is new.
  IF day IS NULL OR day NOT BETWEEN '2000-01-01' AND (now() AT TIME ZONE 'UTC')::date - 2 THEN
    RAISE EXCEPTION '% is no day of history that is old enough to be dropped.', coalesce(day::text, 'NULL') USING ERRCODE = 'insufficient_privilege';
  END IF;
  EXECUTE format('DROP TABLE IF EXISTS %I.%I', current_schema(), 'post_metrics_history_' || to_char(day, 'YYYYMMDD'));
END $$;

CREATE OR REPLACE FUNCTION drop_history_chunks(horizon timestamptz) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '2s' AS $$
BEGIN
  IF horizon IS NULL OR horizon > now() - interval '1 day' THEN
    RAISE EXCEPTION 'The history until % is too young to be dropped.', coalesce(horizon::text, 'NULL') USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN (SELECT count(*) FROM drop_chunks('post_metrics_history', older_than => horizon));
END $$;

DO $$
DECLARE
  definer text;
BEGIN
  FOREACH definer IN ARRAY ARRAY['make_history_day(date)', 'drop_history_day(date)', 'drop_history_chunks(timestamptz)'] LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', definer, current_schema());
  END LOOP;
  -- These functions look names up in this schema: nobody but its owner may put something there. Clusters that come from before PostgreSQL 15 let everybody.
  BEGIN
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', current_schema());
  EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'Everybody may create objects in the schema %, and % may not forbid it.', current_schema(), current_user;
  END;
END $$;
