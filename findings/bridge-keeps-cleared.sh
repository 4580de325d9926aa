#!/usr/bin/env bash
# A status that is cleared while a bridge of mosquitto 2.0.11 is down stays on the other broker for ever.
#
# One would expect: after its reconnection the bridge brings the other broker to the state of its own: it sends all
# retained messages anew, as its log shows.
# What happens: it sends those that are there. A retained message that was cleared in the meantime (a device that was
# removed, a user who logged out) is not there, and the empty message itself was dropped: "topic status/# out" is
# QoS 0 by default, and nothing of QoS 0 waits for a bridge. What changed is corrected, what went stays, also after
# any number of reconnections.
# Presence: a device that is gone is online on the other side for ever. What helps: QoS 1 in the bridge's topic line
# (run here, too; it holds as long as the bridge's queue does, and not over a restart of the near broker without
# persistence); or never clear a status, say "offline".
# Versions: Debian 12's mosquitto and mosquitto-clients 2.0.11. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
# The broker drops root's rights for those of the user mosquitto, who keeps the far broker's store here.
chmod 777 "$dir"
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
statuses() { mosquitto_sub -p "$1" -t 'status/#' -v -W 1 2> /dev/null | sort | paste -sd, || true; }
wait_for() { for _ in $(seq 100); do [ "$(grep -c "$2" "$1" || true)" -ge "$3" ] && return; sleep 0.1; done; return 1; }
# play QOS: two brokers with a bridge; the far one is away while statuses change.
play() {
    local near far near_broker far_broker
    near=$(free_port) far=$(free_port)
    printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$far" > far.conf
    printf 'persistence true\npersistence_location %s/\npersistence_file far%s.db\n' "$dir" "$1" >> far.conf
    printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$near" > near.conf
    printf 'connection far\nremote_clientid bridge\naddress 127.0.0.1:%s\nrestart_timeout 1\n' "$far" >> near.conf
    printf 'topic status/# out %s\n' "$1" >> near.conf
    rm -f far.log
    mosquitto -v -c far.conf > far.log 2>&1 &
    far_broker=$!
    mosquitto -v -c near.conf > near.log 2>&1 &
    near_broker=$!
    wait_for far.log 'as bridge (p' 1
    for name in gone stays changed; do mosquitto_pub -p "$near" -t status/$name -m online -r -q 1; done
    wait_for far.log 'PUBLISH from bridge.*status/changed' 1
    kill $far_broker
    wait $far_broker 2> /dev/null || true
    mosquitto_pub -p "$near" -t status/gone -n -r -q 1
    mosquitto_pub -p "$near" -t status/changed -m offline -r -q 1
    mosquitto -v -c far.conf >> far.log 2>&1 &
    far_broker=$!
    wait_for far.log 'as bridge (p' 2
    sleep 3
    echo "near: $(statuses "$near")"
    echo "far: $(statuses "$far")"
    kill $near_broker $far_broker
    wait $near_broker $far_broker 2> /dev/null || true
}
mosquitto -h | head -1 || true
echo "topic status/# out:"
play "" | tee zero.txt
echo "topic status/# out 1:"
play 1 | tee one.txt
diff zero.txt - <<'TXT'
near: status/changed offline,status/stays online
far: status/changed offline,status/gone online,status/stays online
TXT
diff one.txt - <<'TXT'
near: status/changed offline,status/stays online
far: status/changed offline,status/stays online
TXT
