#!/usr/bin/env bash
# Writes a dump of the database and, beside it, a manifest that says what is in it: both of the same moment, while the services go on writing.
#
#   tools/backup.sh FILE [URI]
#
# The database is that of the URI (postgresql://user@host:port/name, without a password) or of libpq's environment (PGHOST, PGPORT, PGUSER,
# PGPASSWORD or ~/.pgpass, PGDATABASE). Writes FILE and FILE.manifest, readable for their owner only. Exit code 0: both are complete.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/backup-manifest.sh"

[ $# -eq 1 ] || [ $# -eq 2 ] || fail "usage: tools/backup.sh FILE [URI]"
file=$1
uri=${2:-}
refuse_password "$uri"
require_tools pg_dump
[ ! -e "$file" ] && [ ! -e "$file.manifest" ] || fail "$file or its manifest is there already"
[ -d "$(dirname "$file")" ] || fail "there is no folder $(dirname "$file")"

umask 077
work=$(mktemp -d)
# What is not complete must not look as if it were.
trap 'end_session; rm -rf "$work" "$file.part"' EXIT
trap 'exit 130' INT TERM

open_session "$uri"
ask "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
snapshot=$(ask "SELECT pg_export_snapshot();")
timescale=$(timescaledb_version)
# Retention must not drop a day between the dump and the count of its rows.
ask "SELECT format('LOCK TABLE %I.%I IN ACCESS SHARE MODE', nspname, relname) FROM ($(relations "")) AS relation \\gexec" >/dev/null

echo "Dumping database $(ask "SELECT current_database();") of $(ask "SELECT split_part(version(), ' ', 2);")${timescale:+ with TimescaleDB $timescale}"
run pg_dump --format=custom --snapshot="$snapshot" --file="$file.part" ${uri:+--dbname="$uri"} 2>"$work/dump" || { cat "$work/dump" >&2; fail "pg_dump failed"; }
# It says of TimescaleDB's own tables that their foreign keys are circular; the order of the restore takes care of that.
grep -v -E 'circular foreign-key|^pg_dump: detail: (hypertable|chunk|continuous_agg)$|^pg_dump: hint: ' "$work/dump" >&2 || true

echo "Counting"
{
  echo "$manifest_head"
  ask "SELECT 'created', to_char(now(), 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"');"
  ask "SELECT 'server', current_setting('server_version');"
  printf 'timescaledb\t%s\n' "${timescale:--}"
  printf 'dump\t%s\n' "$(sha256 <"$file.part")"
  table_lines "$timescale"
} >"$work/manifest"
ask "COMMIT;"
printf 'manifest\t%s\n' "$(sha256 <"$work/manifest")" >>"$work/manifest"

mv "$file.part" "$file"
# Last: a dump without a manifest is not a backup.
mv "$work/manifest" "$file.manifest"
is_table "$file.manifest" | cut -f 2,3 | sed $'s/\t/: /; s/$/ rows/'
echo "Wrote $file ($(wc -c <"$file" | tr -d ' ') bytes) and $file.manifest"
