#!/usr/bin/env bash
# PostgreSQL 15: idle_session_timeout cuts a listener that is told something every 0.2 s, and takes its lock with it.
#
# One would expect: a session is idle when nothing happens in it. A process that holds an advisory lock (who is the
# leader) and listens for changes, with notifications all the time, is busy; idle_session_timeout ends the forgotten.
# What happens: only what the client sends counts. The listener is cut at the timeout after its last statement, in the
# middle of the notifications; its advisory lock is free at once, and another session has it while the process still
# believes itself the leader. libpq does not say "idle-session timeout" to who only reads notifications: psycopg2's
# poll() hands on notifications to the end and then fails as if the server had crashed. The same
# parameter is safe for who polls the table.
# Presence: a bridge or back end that listens is thrown out in each quiet spell of its own, however busy its users;
# what is notified until it listens again is lost (a listener has no memory), and a lock alone is no leadership.
# What helps: "ALTER ROLE ... SET idle_session_timeout = 0" for listeners, or a statement ("SELECT 1") well within the
# timeout (run here); after each new LISTEN, read the table; fence writes with a term and not by the lock.
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
import select, sys, time
import psycopg2
place = "host=%s user=finding dbname=postgres" % sys.argv[1]

def session():
    connection = psycopg2.connect(place)
    connection.autocommit = True
    return connection

writer = session()
print(writer.get_parameter_status("server_version"), psycopg2.__version__)

def listen(title, talks):
    """A leader with a timeout of 2 s that is notified every 0.2 s for 5 s."""
    leader = session()
    cursor = leader.cursor()
    cursor.execute("SET idle_session_timeout = '2s'; LISTEN status; SELECT pg_try_advisory_lock(1)")
    start = spoke = time.monotonic()
    heard, end = 0, "no error"
    while time.monotonic() - start < 5:
        writer.cursor().execute("NOTIFY status, 'online'")
        try:
            if talks and time.monotonic() - spoke > 0.8:
                cursor.execute("SELECT 1")
                spoke = time.monotonic()
            if select.select([leader], [], [], 1)[0]:
                leader.poll()
        except psycopg2.OperationalError as error:
            end = str(error).splitlines()[0]
            break
        heard += len(leader.notifies)
        leader.notifies.clear()
        time.sleep(0.2)
    lasted = time.monotonic() - start
    other = session().cursor()
    other.execute("SELECT pg_try_advisory_lock(1)")
    taken = other.fetchone()[0]
    print("%s: %.1f s, %d notifications, %s; another session gets the lock: %s" % (
        title, lasted, heard, end, taken), flush=True)
    return lasted < 4 and heard >= 5 and taken, lasted >= 5 and heard >= 4 and not taken

cut, _ = listen("only listens", False)
_, stayed = listen("says SELECT 1 each 0.8 s", True)
sys.exit(not (cut and stayed))
PY
PYTHONPATH=lib python3 play.py "$dir/pg"
grep -h 'idle-session' pg/log
