#!/usr/bin/env bash
# PostgreSQL 15: pg_terminate_backend commits the transaction that it seems to stop.
#
# One would expect: a session that is ended before its COMMIT has been answered has done nothing; its client is told of
# an error, and who ended it may take what it had.
# What happens: with a synchronous standby that is away, COMMIT is done on the primary and then waits. Nobody sees the
# row that it wrote, a reader without lock finds the one before, and the client is waiting. pg_terminate_backend ends
# the waiting and not the transaction: at that moment the new row is there. The client sees a broken connection, as
# after a rollback; only the server's log says that it was committed.
# Presence: who judges by leases reads "over for an hour", ends the session so that it cannot hold locks, and now the
# lease that it read as over has been renewed; a row that is deleted by what was read before is one that was in force.
# And a count by which a bridge finds out whether its last transaction was done says "no" as long as that session waits.
# What helps: read again after the end of the session, with FOR UPDATE (run here: it waits until the other is decided),
# and put the condition (until < clock_timestamp()) into the DELETE itself; ask a count FOR UPDATE, too.
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
place = "host=%s user=finding dbname=postgres" % sys.argv[1]

def session(autocommit=True):
    connection = psycopg2.connect(place)
    connection.autocommit = autocommit
    return connection

holder, judge = session(False), session().cursor()
print(judge.connection.get_parameter_status("server_version"), psycopg2.__version__)

def ask(text):
    judge.execute(text)
    return judge.fetchone() if judge.description else None

ask("CREATE TABLE lease (id text PRIMARY KEY, term int, until timestamptz)")
ask("INSERT INTO lease VALUES ('a', 1, clock_timestamp() - interval '1 hour')")
ask("ALTER SYSTEM SET synchronous_standby_names = 'standby_that_is_away'")
ask("SELECT pg_reload_conf()")
while ask("SHOW synchronous_standby_names")[0] == "":
    time.sleep(0.05)
ask("SET synchronous_commit = local")

def renew():
    """The holder renews its lease, and waits for the answer to COMMIT."""
    try:
        holder.cursor().execute("UPDATE lease SET term = term + 1, until = clock_timestamp() + interval '1 hour'")
        holder.commit()
        said.append("committed")
    except psycopg2.Error as error:
        said.append(str(error).splitlines()[0])

said = []
pid = holder.info.backend_pid
thread = threading.Thread(target=renew)
thread.start()
while ask("SELECT wait_event FROM pg_stat_activity WHERE pid = %d" % pid)[0] != "SyncRep":
    time.sleep(0.05)
before = ask("SELECT term, until > clock_timestamp() FROM lease")
try:
    ask("SET lock_timeout = '1s'")
    locked = ask("SELECT term FROM lease FOR UPDATE")
except psycopg2.errors.LockNotAvailable:
    locked = "waits"
ended = ask("SELECT pg_terminate_backend(%d, 5000)" % pid)[0]
thread.join(10)
after = ask("SELECT term, until > clock_timestamp() FROM lease")
print("while COMMIT waits for the standby: (term, in force) is", before, "and with FOR UPDATE one", locked)
print("pg_terminate_backend:", ended, "- the holder is told:", said[0])
print("after it:", after)
sys.exit(not (before == (1, False) and locked == "waits" and ended and after == (2, True)
              and said[0].startswith("server closed the connection")))
PY
PYTHONPATH=lib python3 play.py "$dir/pg"
grep -h 'already committed' pg/log
