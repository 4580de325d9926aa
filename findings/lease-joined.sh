#!/usr/bin/env bash
# PostgreSQL 15: an UPDATE that joins the lease takes the shard of a bridge whose lease it knows only as it was.
#
# One would expect: "UPDATE shards ... FROM bridges WHERE ... lease < clock_timestamp()" that has to wait for the
# shard's row looks again when its turn comes, and finds the lease renewed: READ COMMITTED sees what is committed.
# What happens: only the row that it waited for is read again. The joined row stays as it was when the statement
# began, so the condition is tried on the new shard and the old lease, and holds. It is so with EXISTS, IN and a
# scalar subquery, too. The owner renewed the lease and wrote its shard in one transaction, which is there in full.
# Presence: a bridge that is a moment late and then alive loses its shards to a rival that read nothing but the
# database; both rows look right afterwards, so that nobody finds out why.
# What helps: lock what the condition reads before the UPDATE, in the order in which the owner writes ("WITH dead AS
# (SELECT ... FROM bridges ... FOR UPDATE) UPDATE ..." does it in one statement); or REPEATABLE READ, which fails and
# is to be tried again. Both are run here.
# Versions: Debian 12's postgresql-15 (the installed one, 15.18 here), psycopg2-binary 2.9.13. To be run as root (the
# server runs as postgres then) or as any user but root. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d); chmod 755 "$dir"
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
maker.autocommit = True
print(maker.get_parameter_status("server_version"), psycopg2.__version__)
look = maker.cursor()
look.execute("""CREATE TABLE bridges (id text PRIMARY KEY, lease timestamptz);
    CREATE TABLE shards (id int PRIMARY KEY, owner text, word text)""")

def play(title, take, level="READ COMMITTED"):
    """a's lease has just ended; a renews it and writes its shard, while b takes what has no living owner."""
    look.execute("""TRUNCATE bridges, shards; INSERT INTO shards VALUES (1, 'a', 'offline');
        INSERT INTO bridges VALUES ('a', clock_timestamp() - interval '1 s')""")
    writing = (owner := session()).cursor()
    writing.execute("UPDATE bridges SET lease = clock_timestamp() + interval '1 h' WHERE id = 'a'")
    writing.execute("UPDATE shards SET word = 'online' WHERE id = 1")
    rival, said = session(), []

    def judge():
        try:
            (cursor := rival.cursor()).execute("BEGIN ISOLATION LEVEL %s; %s" % (level, take))
            said.append("takes %d" % cursor.rowcount)
        except psycopg2.Error as error:
            said.append(str(error).splitlines()[0])
        rival.commit()

    thread = threading.Thread(target=judge)
    thread.start()
    waits = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
    for _ in range(100):
        look.execute(waits, (rival.get_backend_pid(),))
        if look.fetchone()[0]:
            break
        time.sleep(0.1)
    owner.commit()
    thread.join(20)
    look.execute("SELECT owner, word, lease > clock_timestamp() FROM shards, bridges WHERE bridges.id = 'a'")
    row = look.fetchone()
    print("%s: b %s; the shard is %s's, %s; a's lease is valid: %s" % (title, said[0], *row), flush=True)
    for connection in (owner, rival): connection.close()
    return (said[0], *row)

over = "lease < clock_timestamp()"
taken, kept = ("takes 1", "b", "online", True), ("a", "online", True)
seen = [
    play("FROM", "UPDATE shards SET owner = 'b' FROM bridges WHERE bridges.id = owner AND " + over),
    play("EXISTS", "UPDATE shards SET owner = 'b' WHERE EXISTS (SELECT FROM bridges WHERE id = owner AND %s)" % over),
]
locked = play("WITH ... FOR UPDATE", "WITH dead AS (SELECT id FROM bridges WHERE %s FOR UPDATE) "
              "UPDATE shards SET owner = 'b' FROM dead WHERE dead.id = owner" % over)
failed = play("REPEATABLE READ", "UPDATE shards SET owner = 'b' FROM bridges WHERE bridges.id = owner AND " + over,
              "REPEATABLE READ")
if not (seen == [taken, taken] and locked == ("takes 0", *kept) and failed[1:] == kept
        and failed[0].startswith("could not serialize")):
    sys.exit("changed: the first two were to take the shard from a bridge that is alive, the others not")
PY
PYTHONPATH=lib python3 play.py "$dir/pg"
