#!/usr/bin/env bash
# PostgreSQL 15: NOTIFY of online, offline, online in one transaction is heard as online, offline.
#
# One would expect: notifications of one transaction arrive in the order in which they were made, and the last one
# tells how things are. That equal ones may be folded together sounds harmless: "online" twice is "online".
# What happens: a notification that equals an earlier one of the same channel and transaction is dropped, however many
# others lie between: the first of the equals stays, not the last. A batch that takes in what a device said in a bad
# second (online, offline, online again) ends with "offline" for every listener. In three transactions it ends with
# "online", and so does a batch whose payloads differ.
# Presence: the batch that is meant to save work tells the wrong end of it, and only for whom the word came back to
# what it was: rare, and never seen with a test of one change.
# What helps: a number in the payload (sequence, or the id of the row), so that no two are equal; or to read the table
# at a notification and not the payload.
# Versions: Debian 12's postgresql-15 (the installed one, 15.18 here), psycopg2-binary 2.9.13. To be run as root (the
# server runs as postgres then) or as any user but root. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
chmod 755 "$dir"
bin=/usr/lib/postgresql/15/bin
mkdir "$dir/pg"
as=()
[ "$(id -u)" != 0 ] || { chown postgres "$dir/pg"; as=(runuser -u postgres --); }
trap '"${as[@]}" $bin/pg_ctl -D "$dir/pg/data" -m immediate -w stop > /dev/null 2>&1 || true; rm -rf "$dir"' EXIT
cd "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib psycopg2-binary==2.9.13
"${as[@]}" $bin/initdb -D pg/data -U finding -A trust -N > /dev/null
settings="-c listen_addresses='' -c unix_socket_directories=$dir/pg -c fsync=off"
"${as[@]}" $bin/pg_ctl -D pg/data -l pg/log -w -o "$settings" start > /dev/null
cat > play.py <<'PY'
import select, sys
import psycopg2
place = "host=%s user=finding dbname=postgres" % sys.argv[1]
listener, writer = psycopg2.connect(place), psycopg2.connect(place)
listener.autocommit = True
listener.cursor().execute("LISTEN status")
print(writer.cursor().connection.get_parameter_status("server_version"), psycopg2.__version__)

def heard(title, payloads, batch):
    """What the listener hears of these payloads, up to a mark of another transaction."""
    cursor = writer.cursor()
    for payload in payloads:
        cursor.execute("SELECT pg_notify('status', %s)", (payload,))
        if not batch:
            writer.commit()
    writer.commit()
    cursor.execute("SELECT pg_notify('status', 'mark')")
    writer.commit()
    words = []
    while words[-1:] != ["mark"]:
        assert select.select([listener], [], [], 10)[0], "no mark"
        listener.poll()
        words += [each.payload for each in listener.notifies]
        listener.notifies.clear()
    print("%s: said %s, heard %s" % (title, payloads, words[:-1]), flush=True)
    return words[:-1]

words = ["alice online", "alice offline", "alice online"]
numbered = ["alice online 1", "alice offline 2", "alice online 3"]
one = heard("one transaction", words, True)
three = heard("three transactions", words, False)
helped = heard("one transaction, numbered", numbered, True)
sys.exit(not (one == words[:2] and three == words and helped == numbered))
PY
PYTHONPATH=lib python3 play.py "$dir/pg"
