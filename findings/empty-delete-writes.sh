#!/usr/bin/env bash
# SQLite: DELETE FROM an empty table writes to the disk each time; with WHERE 1 behind it, it writes nothing.
#
# One would expect: a statement that finds no row changes no page, and a transaction without a change writes nothing,
# whatever the spelling. changes() and total_changes() say 0 for both.
# What happens: DELETE without WHERE and without triggers does not look for rows, it makes the table's root page anew
# (the truncate optimization), and that page goes to the log, empty as it was. In WAL mode each such statement is a frame
# of a page and its head, with a wait for the disk where synchronous is FULL; the log grows, is worked in, and begins
# again. DELETE ... WHERE 1, which SQLite documents as the way to leave the optimization out, writes nothing, and
# neither do an UPDATE and a DELETE with any other condition that finds no row.
# Presence: a service that clears a table of things to do once a second (what has expired, what is to be erased) keeps
# disk and write lock busy for ever though nobody comes or goes: on a flash card of a gateway that is a page of wear and
# a wait a second. A program that asks total_changes() whether there was anything to commit is told no.
# What helps: WHERE 1 (run here), or to ask first whether there is a row.
# Versions: SQLite 3.50.4 by apsw 3.50.4.0 (3.40.1 of Debian 12: the same). The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib apsw==3.50.4.0
cat > play.py <<'PY'
import apsw, os

print("SQLite", apsw.sqlite_lib_version())
for number, sql in enumerate([
    "DELETE FROM expired",
    "DELETE FROM expired WHERE 1",
    "DELETE FROM expired WHERE ends < 7",
    "UPDATE expired SET ends = 0",
]):
    name = "store%d.db" % number
    connection = apsw.Connection(name)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE expired (name TEXT PRIMARY KEY, ends INTEGER) WITHOUT ROWID")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = connection.total_changes()
    for _ in range(10):
        connection.execute(sql)
    frames = max(0, os.path.getsize(name + "-wal") - 32) // (4096 + 24)
    print("%-35s ten times: %d frames in the log, %d changes" % (sql, frames, connection.total_changes() - before))
    connection.close()
PY
PYTHONPATH=lib python3 play.py | tee seen.txt
grep -Eq '^DELETE FROM expired +ten times: 10 frames in the log, 0 changes$' seen.txt
[ "$(grep -c 'ten times: 0 frames in the log, 0 changes$' seen.txt)" -eq 3 ]
