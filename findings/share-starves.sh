#!/usr/bin/env bash
# PostgreSQL 15: transactions that check a row FOR SHARE, each for a moment, keep an UPDATE of it away for ever.
#
# One would expect: locks are given in turn. An UPDATE waits for those who hold the row FOR SHARE when it comes; who
# comes after it waits behind it, as with FOR UPDATE.
# What happens: FOR SHARE waits for nobody while the row is held only FOR SHARE, however many wait to change it. As
# long as the next holder comes before the last one goes, the UPDATE gets no turn. It is no deadlock, so nothing
# ends it but statement_timeout: lock_timeout does not, since each single wait is short. FOR KEY SHARE does not stop
# the UPDATE at all; FOR UPDATE and FOR NO KEY UPDATE let it in after a turn.
# Presence: who checks "is this shard still mine" FOR SHARE in each write, over two or more connections, keeps the
# shard from being handed over while it is busy, just when another bridge should relieve it.
# What helps: one connection for writes (the gap between two transactions is enough); FOR NO KEY UPDATE, which lets
# one in at a time; or an advisory lock, shared for writers, exclusive for the hand-over, where waiting is in turn. All
# three are run here.
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

def session():
    return psycopg2.connect("host=%s user=finding dbname=postgres" % sys.argv[1])

maker = session()
print(maker.get_parameter_status("server_version"), psycopg2.__version__)
maker.cursor().execute("CREATE TABLE shards (id int PRIMARY KEY, term int); INSERT INTO shards VALUES (1, 20)")
maker.commit()

def write(check, delay, over):
    """Transactions of 0.3 s, one after the other, that check the shard first."""
    cursor = (connection := session()).cursor()
    time.sleep(delay)
    while not over.is_set():
        cursor.execute(check)
        time.sleep(0.3)
        connection.commit()
    connection.close()

def hand_over(title, check, writers, change):
    """How long raising the term takes, at most 8 s."""
    over = threading.Event()
    threads = [threading.Thread(target=write, args=(check, each * 0.1, over)) for each in range(writers)]
    for thread in threads:
        thread.start()
    time.sleep(0.6)
    cursor = (taker := session()).cursor()
    cursor.execute("SET statement_timeout = '8s'; SET lock_timeout = '3s'")
    taker.commit()
    start = time.monotonic()
    try:
        cursor.execute(change)
        taker.commit()
        said = "done"
    except psycopg2.Error as error:
        said = str(error).splitlines()[0]
    lasted = time.monotonic() - start
    over.set()
    for thread in threads:
        thread.join()
    taker.close()
    print("%s: %.1f s, %s" % (title, lasted, said), flush=True)
    return said

row = "SELECT term FROM shards WHERE id = 1 "
raising = "UPDATE shards SET term = term + 1 WHERE id = 1"
starved = hand_over("four connections, FOR SHARE", row + "FOR SHARE", 4, raising)
others = [
    hand_over("four connections, FOR NO KEY UPDATE", row + "FOR NO KEY UPDATE", 4, raising),
    hand_over("four connections, an advisory lock", "SELECT pg_advisory_xact_lock_shared(1); " + row, 4,
              "SELECT pg_advisory_xact_lock(1); " + raising),
    hand_over("one connection, FOR SHARE", row + "FOR SHARE", 1, raising),
]
if not (starved.endswith("statement timeout") and others == ["done"] * 3):
    sys.exit("changed: the first alone was to end by the statement timeout")
PY
PYTHONPATH=lib python3 play.py "$dir/pg"
