#!/usr/bin/env bash
# mosquitto 2.0.11: $SYS counts seven clients as connected who never said CONNECT, and minus seven as disconnected.
#
# One would expect: $SYS/broker/clients/connected is the number of MQTT clients that are connected now, as
# mosquitto(8) says, and disconnected the number of sessions that wait for their client.
# What happens: connected counts sockets. A TCP connection that says nothing (a health check that is held open, a port
# scanner, a device that hangs in the middle of its start) is a client until the broker closes it. disconnected is
# the number of client ids minus that number, so that it is negative: -7 with seven such connections, -6 when a real
# session waits besides. "active" and "inactive" are the same two numbers.
# Presence: do not tell from $SYS how many are online, and treat "disconnected" as a signed number: a parser of
# unsigned numbers fails. Count births and wills (or connections in a plugin) instead.
# Versions: Debian 12's mosquitto and mosquitto-clients 2.0.11. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'sys_interval 1\nlistener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
for _ in $(seq 100); do grep -q running broker.log && break; sleep 0.1; done
# One reader for all of it, which is itself a connected client.
mosquitto_sub -p "$port" -i reader -t '$SYS/broker/clients/+' -F '%t %p' > counts.txt &
now() { tac counts.txt | awk -v name="$1" '$1 ~ "/" name "$" { print $2; exit }'; }
show() {
    sleep 3
    seen="connected $(now connected), disconnected $(now disconnected), inactive $(now inactive), total $(now total)"
    echo "$1: $seen"
}
mosquitto -h | head -1 || true
show "the reader alone"
[ "$seen" = "connected 1, disconnected 0, inactive 0, total 1" ]
python3 -c 'import socket, sys, time
silent = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(7)]
time.sleep(30)' "$port" &
silent=$!
show "and seven connections that say nothing"
[ "$seen" = "connected 8, disconnected -7, inactive -7, total 1" ]
mosquitto_sub -p "$port" -i waiting -c -q 1 -t news -E
show "and a session that waits for its client"
[ "$seen" = "connected 8, disconnected -6, inactive -6, total 2" ]
kill $silent
wait $silent 2> /dev/null || true
show "without the seven"
[ "$seen" = "connected 1, disconnected 1, inactive 1, total 2" ]
