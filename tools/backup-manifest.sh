# Sourced by backup.sh and restore.sh: a session of psql that lives as long as the script, and what a database holds, as lines of text.

readonly manifest_head="signalflow-backup 1"

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# A password in an argument is there for everybody who lists the processes.
refuse_password() {
  case "$1" in
    *://*:*@* | *password=*) fail "the connection URI holds a password; leave it to PGPASSWORD, ~/.pgpass or a service file" ;;
  esac
}

require_tools() {
  local tool
  for tool in psql "$@"; do
    command -v "$tool" >/dev/null || fail "$tool is not on the PATH"
  done
}

# In the background, so that a signal does not wait for its end.
run() {
  "$@" &
  running=$!
  wait "$running" || return 1
  running=
}

# Ends what is still under way; without a session or a program it does nothing.
end_session() {
  { exec 3>&-; } 2>/dev/null || true
  [ -z "${running:-}" ] || kill "$running" 2>/dev/null || true
  [ -z "${session:-}" ] || kill "$session" 2>/dev/null || true
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

is_table() {
  grep $'^table\t' "$1"
}

# Opens the session on the database of the argument, or of libpq's environment without one.
open_session() {
  mkfifo "$work/questions" "$work/answers"
  psql -X -q -A -t -F $'\t' -v ON_ERROR_STOP=1 ${1:+"$1"} <"$work/questions" >"$work/answers" 2>"$work/errors" &
  session=$!
  exec 3>"$work/questions" 4<"$work/answers"
  # As text every value looks the same on every server and for every user.
  ask "SET timezone = 'UTC'; SET datestyle = 'ISO, MDY'; SET intervalstyle = 'postgres'; SET extra_float_digits = 1; SET bytea_output = 'hex';
       SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET client_min_messages = 'warning';" >/dev/null
}

# Has the session answer; fails with what psql says if it does not.
ask() {
  local line
  printf '%s\n\\echo @answered\n' "$1" >&3 2>/dev/null || session_failed
  while IFS= read -r line <&4; do
    [ "$line" != "@answered" ] || return 0
    printf '%s\n' "$line"
  done
  session_failed
}

session_failed() {
  wait "$session" 2>/dev/null || true
  sed 's/^psql:<stdin>:[0-9]*: //' "$work/errors" >&2
  fail "the database did not answer as expected"
}

timescaledb_version() {
  ask "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb';"
}

# Every table that is no part of another and no extension's own, and the continuous aggregates.
relations() {
  local aggregates="ARRAY[]::text[]"
  [ -z "$1" ] || aggregates="array(SELECT format('%I.%I', view_schema, view_name) FROM timescaledb_information.continuous_aggregates)"
  echo "
    SELECT c.oid, n.nspname, c.relname, c.relkind
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^(pg_|information_schema\$|_?timescaledb_)' AND NOT c.relispartition
      AND (c.relkind IN ('r', 'p', 'm') OR c.relkind = 'v' AND format('%I.%I', n.nspname, c.relname) = ANY ($aggregates))
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')"
}

# One line for each: name, rows, and the sum of a hash of every row, which does not depend on their order. Generated columns follow from the others.
table_lines() {
  ask "
    SELECT format(
      'SELECT ''table'', %L, count(*), coalesce(sum((''x'' || left(md5(ROW(%s)::text), 16))::bit(64)::bigint::numeric), 0) FROM %I.%I',
      nspname || '.' || relname,
      (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''),
      nspname, relname)
    FROM ($(relations "$1")) AS relation
    ORDER BY nspname COLLATE \"C\", relname COLLATE \"C\"
    \\gexec"
}
