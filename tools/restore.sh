#!/usr/bin/env bash
# Restores a backup of backup.sh into an empty database and checks that every row has arrived.
#
#   tools/restore.sh FILE [URI]
#
# FILE.manifest must lie beside FILE. The database is given as to backup.sh, must exist and be empty. Roles and grants are not restored: all belongs
# to the user who restores. Exit code 0: everything is there as it was; 1: it is not, and standard error says what differs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/backup-manifest.sh"

[ $# -eq 1 ] || [ $# -eq 2 ] || fail "usage: tools/restore.sh FILE [URI]"
file=$1
uri=${2:-}
refuse_password "$uri"
require_tools pg_restore
[ -r "$file" ] || fail "there is no $file"
[ -r "$file.manifest" ] || fail "there is no $file.manifest"

field() {
  sed -n "s/^$1"$'\t''//p' "$file.manifest"
}

[ "$(head -n 1 "$file.manifest")" = "$manifest_head" ] || fail "$file.manifest is no manifest that this script knows"
[ "$(sed '$d' "$file.manifest" | sha256)" = "$(tail -n 1 "$file.manifest" | sed -n $'s/^manifest\t//p')" ] || fail "$file.manifest is damaged"
[ "$(sha256 <"$file")" = "$(field dump)" ] || fail "$file is damaged, or not the dump of its manifest"
timescale=$(field timescaledb)
[ "$timescale" != "-" ] || timescale=

umask 077
work=$(mktemp -d)
restoring=
finish() {
  end_session
  # Else the database would stay in the mode in which TimescaleDB does nothing.
  [ -z "$restoring" ] || psql -X -q -A -t ${uri:+"$uri"} -c "SELECT timescaledb_post_restore();" >/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

open_session "$uri"
database=$(ask "SELECT current_database();")
there=$(ask "SELECT count(*) FROM ($(relations "")) AS relation;")
[ "$there" -eq 0 ] || fail "the database $database is not empty: it has $there tables. Restore into a new one"
how=(--single-transaction)
if [ -n "$timescale" ]; then
  installed=$(timescaledb_version)
  [ -z "$installed" ] || [ "$installed" = "$timescale" ] || fail "the dump is of TimescaleDB $timescale, the database has $installed"
  if [ -z "$installed" ]; then
    [ -n "$(ask "SELECT version FROM pg_available_extension_versions WHERE name = 'timescaledb' AND version = '$timescale';")" ] ||
      fail "the dump is of TimescaleDB $timescale, which this server does not offer. Install it, restore, then ALTER EXTENSION timescaledb UPDATE"
    ask "CREATE EXTENSION timescaledb VERSION '$timescale';"
  fi
  # A session of its own, as the library may have been loaded only now.
  psql -X -q -A -t -v ON_ERROR_STOP=1 ${uri:+"$uri"} -c "SELECT timescaledb_pre_restore();" >/dev/null
  restoring=yes
  how=()
fi

echo "Restoring into database $database"
run pg_restore --exit-on-error --no-owner --no-acl "${how[@]}" --dbname="${uri:-$database}" "$file" ||
  fail "pg_restore failed${timescale:+; the database is incomplete, drop it}"

# In one transaction with the end of the restore: until it ends TimescaleDB's jobs do nothing, so retention cannot drop what is being counted.
exec 3>&- 4<&-
wait "$session" || session_failed
rm "$work/questions" "$work/answers"
open_session "$uri"
ask "BEGIN ISOLATION LEVEL REPEATABLE READ;"
[ -z "$timescale" ] || ask "SELECT timescaledb_post_restore();" >/dev/null
echo "Counting"
table_lines "$timescale" >"$work/found"
ask "COMMIT;"
# Again, as the jobs' scheduler, which was woken within that transaction, has not seen its end.
[ -z "$timescale" ] || ask "SELECT timescaledb_post_restore();" >/dev/null
restoring=

if ! diff <(is_table "$file.manifest") "$work/found" >"$work/differences"; then
  sed -n $'s/^< table\t/in the backup: /p; s/^> table\t/in the database: /p' "$work/differences" >&2
  fail "the restored database differs from the backup (name, rows, checksum above)"
fi

ask "ANALYZE;"
cut -f 2,3 "$work/found" | sed $'s/\t/: /; s/$/ rows, as in the backup/'
echo "Restored database $database"
