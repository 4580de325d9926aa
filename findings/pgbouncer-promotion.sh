#!/usr/bin/env bash
# PgBouncer 1.18 before PostgreSQL 15: after a promotion "target_session_attrs=read-write" still finds a standby.
#
# One would expect: a program that names "target_session_attrs=read-write" in its connection URI gets a server that
# takes writes, also through a pooler in session mode, since libpq asks at each connection whether it does.
# What happens: libpq no longer asks when the server is 14 or newer. It reads in_hot_standby out of what the server
# says at the connection, and PgBouncer says to each client what its first server connection of that pool has once
# been told. After a promotion (same address) the new primary is refused as "session is read-only", also when it has
# been started anew and no server connection is left from before. A primary that became a standby is accepted for
# ever, and each write fails there. Only PgBouncer's RECONNECT, or its restart, ends that.
# Presence: at a failover the bridges are sent away by the one database that could take their leases, or hold on to
# the one that cannot; nobody's end is stored, and "SHOW in_hot_standby" by hand through the same pooler says "off".
# What helps: RECONNECT in PgBouncer's console as a step of each promotion and demotion (run here); the servers
# themselves in the URI; or no target_session_attrs, and "SELECT pg_is_in_recovery()" as the first statement.
# Versions: Debian 12's pgbouncer 1.18.0, postgresql-15 and psql (the installed ones, 15.18 here). To be run as root
# (the servers run as postgres then) or as any user but root. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
chmod 755 "$dir"
bin=/usr/lib/postgresql/15/bin
mkdir "$dir/pg"
as=()
[ "$(id -u)" != 0 ] || { chown postgres "$dir/pg"; as=(runuser -u postgres --); }
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true
    "${as[@]}" $bin/pg_ctl -D "$dir/pg/data" -m immediate -w stop > /dev/null 2>&1 || true; rm -rf "$dir"' EXIT
cd "$dir"
apt-get download -qq pgbouncer=1.18.0-1+deb12u1 libc-ares2 libevent-2.1-7 2> /dev/null
for package in *.deb; do dpkg -x "$package" unpacked; done
export LD_LIBRARY_PATH=$dir/unpacked/usr/lib/x86_64-linux-gnu
unpacked/usr/sbin/pgbouncer --version | head -1
psql --version
"${as[@]}" $bin/initdb -D pg/data -U finding -A trust -N > /dev/null
# server WHAT: pg_ctl. A standby here follows nobody: it waits for more of its log, and takes no writes.
server() {
    local settings="-c listen_addresses='' -c unix_socket_directories=$dir/pg -c fsync=off"
    "${as[@]}" $bin/pg_ctl -D pg/data -l pg/log -w -t 40 -m fast -o "$settings" "$@" > /dev/null
}
cat > pgbouncer.ini <<INI
[databases]
postgres = host=$dir/pg user=finding
[pgbouncer]
unix_socket_dir = $dir/pg
listen_addr =
listen_port = 6543
pool_mode = session
auth_type = any
admin_users = finding
server_login_retry = 1
$([ "$(id -u)" != 0 ] || echo user = postgres)
INI
place="host=$dir/pg user=finding connect_timeout=20"
# ask PORT: what a client that wants to write gets there.
ask() {
    { psql -XAtqc "CREATE TEMPORARY TABLE lease(); SELECT 'takes writes'" \
        "$place port=$1 dbname=postgres target_session_attrs=read-write" 2>&1 || true; } | tail -1 | sed 's/.*failed: //'
}
# say TITLE: the answers on both ways.
say() {
    local straight through
    straight=$(ask 5432) through=$(ask 6543)
    echo "$1: straight: $straight; through PgBouncer: $through"
    seen+=("$straight/$through")
}
console() { psql -XAtqc "$1" "$place port=6543 dbname=pgbouncer" > /dev/null; }
seen=()
"${as[@]}" touch pg/data/standby.signal
server start
unpacked/usr/sbin/pgbouncer pgbouncer.ini > pgbouncer.log 2>&1 &
for _ in $(seq 50); do console 'SHOW VERSION' 2> /dev/null && break; sleep 0.2; done
say 'a standby'
server promote
say 'promoted'
server restart
say 'promoted, started anew'
echo "by hand, through PgBouncer: in_hot_standby is $(psql -XAtqc 'SHOW in_hot_standby' "$place port=6543 dbname=postgres")"
console RECONNECT
say 'after RECONNECT'
server stop
"${as[@]}" touch pg/data/standby.signal
server start
say 'a standby again'
refused='session is read-only' write='takes writes'
fails='ERROR:  cannot execute CREATE TABLE in a read-only transaction'
[ "${seen[*]}" = "$refused/$refused $write/$refused $write/$refused $write/$write $refused/$fails" ] || {
    echo 'changed: the second to fourth lines were to differ, "straight" being right, and the last to end in an error'
    exit 1
}
