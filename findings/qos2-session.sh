#!/usr/bin/env bash
# QoS 2 with a session loses what QoS 1 keeps, when the reader's process ends: paho-mqtt and mosquitto_sub.
#
# One would expect: QoS 2, "exactly once", is at least as safe as QoS 1. With a session that the broker keeps, a
# reader that is killed, or ends after one message, finds the rest at its next start.
# What happens: a reader of QoS 2 answers PUBREC for every message of the window at once, keeps the messages in memory
# and hands them to the program at their PUBREL. The broker then only owes the PUBREL. After the process has ended,
# the next one is sent PUBRELs for messages that nobody has any more, says PUBCOMP to each, and calls nothing. Up to
# max_inflight_messages (20) words are lost at each end of a process, without a line in any log. A client of MQTT has
# to keep that half of the session on disk; paho-mqtt and libmosquitto have no place for it. QoS 1 gives all
# again, the word in hand included. Run with MQTT 5 and 3.1.1 for paho-mqtt, with 3.1.1 for mosquitto_sub.
# Presence: a watcher or a worker that is restarted in a burst (which is when things are restarted) never hears some
# of the changes; "mosquitto_sub -c -q 2 -C 1" in a loop of a shell hears one of eight.
# What helps: QoS 1, and a number by which a repeated word is known.
# Versions: Debian 12's mosquitto and mosquitto-clients 2.0.11 (2.0.22 and 2.1.2: the same), paho-mqtt 2.1.0. The
# result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib paho-mqtt==2.1.0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
cat > reader.py <<'PY'
# reader.py PORT VERSION QOS END: subscribe (END 0), end at the first message (1), or read for 2 s (2).
import os, sys, threading, time
from paho.mqtt.client import Client, CallbackAPIVersion, MQTTv311, MQTTv5
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
port, version, qos, end = (int(each) for each in sys.argv[1:])
name, session = "reader%d%d" % (version, qos), {}
if version == 5:
    client = Client(CallbackAPIVersion.VERSION2, name, protocol=MQTTv5)
    session = {"clean_start": False, "properties": Properties(PacketTypes.CONNECT)}
    session["properties"].SessionExpiryInterval = 3600
else:
    client = Client(CallbackAPIVersion.VERSION2, name, clean_session=False, protocol=MQTTv311)

def handle(client, userdata, message):
    print(message.payload.decode(), flush=True)
    if end == 1:
        os._exit(1)

client.on_message = handle
client.on_connect = lambda *a: client.subscribe("status/" + name, qos)
client.on_subscribe = lambda *a: end == 0 and client.disconnect()
for _ in range(100):
    try:
        client.connect("127.0.0.1", port, **session)
        break
    except OSError:
        time.sleep(0.1)
if end == 2:
    threading.Timer(2, client.disconnect).start()
client.loop_forever()
PY
read_as() { PYTHONPATH=lib python3 reader.py "$port" "$@" 2>&1 || true; }
say() { for word in 1 2 3 4 5 6 7 8; do mosquitto_pub -p "$port" -q 2 -t "status/$1" -m "$word"; done; }
# drain COMMAND...: runs it with -C 1 again and again, until it has heard nothing twice.
drain() {
    local silent=0 word
    for _ in $(seq 30); do
        word=$("$@" -C 1 -W 2 2> /dev/null) || true
        if [ -n "$word" ]; then echo "$word"; else silent=$((silent + 1)); fi
        [ $silent -lt 2 ] || break
    done
}
mosquitto -h | head -1 || true
for version in 4 5; do for qos in 1 2; do
    read_as $version $qos 0
    say reader$version$qos
    first=$(read_as $version $qos 1 | paste -sd' ') rest=$(read_as $version $qos 2 | paste -sd' ')
    echo "paho-mqtt, protocol $version, QoS $qos: ended in the first of 8: '$first'; the next process: '$rest'"
    [ "$first" = 1 ]
    # How many are lost depends on how many came in before the first PUBREL: all 7, or less on a busy machine.
    if [ $qos = 1 ]; then [ "$rest" = "1 2 3 4 5 6 7 8" ]; else [ "$rest" != "2 3 4 5 6 7 8" ]; fi
done; done
for qos in 1 2; do
    sub=(mosquitto_sub -p "$port" -i "shell$qos" -c -q "$qos" -t "status/shell$qos")
    "${sub[@]}" -E
    say shell$qos
    heard=$(drain "${sub[@]}" | sort -u | paste -sd' ')
    echo "mosquitto_sub -c -q $qos -C 1, again and again: '$heard'"
    if [ $qos = 1 ]; then [ "$heard" = "1 2 3 4 5 6 7 8" ]; else [ "$heard" != "1 2 3 4 5 6 7 8" ]; fi
done
grep -E '(to|from) reader42 .*(m8|Mid: 8)' broker.log | cut -d' ' -f2-
