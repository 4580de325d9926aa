#!/usr/bin/env bash
# PostgreSQL 15: one NOTIFY that waits for a standby holds up every other one, also those that need no standby.
#
# One would expect: synchronous_commit is a matter of each transaction. A session with "local" or "off", for renewals
# that may be lost, does not wait for a standby that is away; if it waits, statement_timeout ends that.
# What happens: a transaction that has notified holds a lock, one for all databases of the server, from before its
# COMMIT to its end, and waiting for the standby is before the end. So each other COMMIT with a NOTIFY waits behind it:
# with synchronous_commit = off, on another channel, on another database. statement_timeout does not count in COMMIT.
# Without NOTIFY the same session commits at once.
# Presence: leases that are renewed with a notification in the same transaction end on all bridges as soon
# as one of them waits: all are judged dead at once, though the primary takes their commits.
# What helps: renew leases without NOTIFY, in a transaction of their own; lock_timeout, which does count (run here).
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
import sys, threading, time
import psycopg2

def session(settings, database="postgres"):
    connection = psycopg2.connect("host=%s user=finding dbname=%s" % (sys.argv[1], database))
    connection.autocommit = True
    connection.cursor().execute(settings)
    return connection.cursor()

operator = session("SET synchronous_commit = local")
print(operator.connection.get_parameter_status("server_version"), psycopg2.__version__)
operator.execute("CREATE DATABASE other")
operator.execute("CREATE TABLE lease (until timestamptz)")
operator.execute("ALTER SYSTEM SET synchronous_standby_names = 'standby_that_is_away'")
operator.execute("SELECT pg_reload_conf()")
quick = "SET synchronous_commit = off; SET statement_timeout = '500ms';"
renewal = "INSERT INTO lease VALUES (clock_timestamp())"

def timed(cursor, text):
    """Seconds and the error, if any, of one transaction."""
    start = time.monotonic()
    try:
        cursor.execute("BEGIN; %s; COMMIT" % text)
        word = "committed"
    except psycopg2.Error as error:
        word = str(error).splitlines()[0]
    return time.monotonic() - start, word

def waits():
    operator.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
    return operator.fetchone()[0] == 1

free = timed(session(quick), "NOTIFY status, 'b'")
waiter = session("SET synchronous_commit = on")
pid = waiter.connection.info.backend_pid
first = threading.Thread(target=timed, args=(waiter, "INSERT INTO lease VALUES (now()); NOTIFY status, 'a'"))
first.start()
while not waits():
    time.sleep(0.05)
seen, threads = {}, []
def run(title, *call):
    threads.append(threading.Thread(target=lambda: seen.__setitem__(title, timed(*call))))
    threads[-1].start()
run("off, statement_timeout 0.5 s, NOTIFY", session(quick), renewal + "; NOTIFY status, 'b'")
run("the same in another database", session(quick, "other"), "NOTIFY elsewhere, 'c'")
run("the same with lock_timeout 0.5 s", session(quick + "SET lock_timeout = '500ms'"), "NOTIFY status, 'd'")
run("off, no NOTIFY", session(quick), renewal)
time.sleep(3)
operator.execute("SELECT pg_terminate_backend(%d)" % pid)
for thread in [first, *threads]:
    thread.join(10)
print("before anybody waits: %.1f s, %s" % free)
for title, what in seen.items():
    print("while one waits: %s: %.1f s, %s" % (title, *what))
length = {title: what[0] for title, what in seen.items()}
late = [title for title in length if length[title] > 2]
sys.exit(not (free[0] < 1 and sorted(late) == ["off, statement_timeout 0.5 s, NOTIFY", "the same in another database"]))
PY
PYTHONPATH=lib python3 play.py "$dir/pg"
