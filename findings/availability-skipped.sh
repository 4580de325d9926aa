#!/usr/bin/env bash
# ha-mqtt-discoverable 0.26.0: set_availability(True) says nothing after the will has said "offline".
#
# One would expect: with manual_availability the library sets a will, "offline", retained; it connects again by itself;
# and a program that calls set_availability(True) now and then is available again soon after a lost connection.
# What happens: what equals the last word that the object has published is not published ("State did not change"), and
# the object knows nothing of its will, which the broker has published. So the retained "offline" stays for ever, while
# the program works, its states arrive, and every set_availability(True) returns without an error. It has no hook for
# reconnections. The last word is one for all topics of the object: after another state the availability is
# published again, and a text that is "online" keeps the availability from being published at all.
# Presence: one short loss of the connection, and the entity is unavailable in Home Assistant until a restart.
# What helps: set_availability(False), then set_availability(True), at each connection (run here); a client of one's own
# in Settings.MQTT(client=...), which has the will and publishes the birth in on_connect.
# Versions: ha-mqtt-discoverable 0.26.0, paho-mqtt 2.1.0, Debian 12's mosquitto 2.0.11. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib ha-mqtt-discoverable==0.26.0 \
    paho-mqtt==2.1.0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
for _ in $(seq 50); do mosquitto_pub -p "$port" -t ready -m 1 2> /dev/null && break; sleep 0.1; done
cat > play.py <<'PY'
import subprocess, sys, time
from importlib.metadata import version
from ha_mqtt_discoverable import Settings
from ha_mqtt_discoverable.sensors import BinarySensor, BinarySensorInfo, Text, TextInfo
port = sys.argv[1]
print("ha-mqtt-discoverable", version("ha-mqtt-discoverable"), "paho-mqtt", version("paho-mqtt"))

def settings(name, entity):
    return Settings(mqtt=Settings.MQTT(host="127.0.0.1", port=int(port), client_name=name), entity=entity,
                    manual_availability=True)

def retained(topic):
    command = ["mosquitto_sub", "-p", port, "-t", topic, "-C", "1", "-W", "1"]
    read = subprocess.run(command, capture_output=True, text=True)
    return read.stdout.strip()

def settled(client):
    for _ in range(100):
        if client.is_connected():
            break
        time.sleep(0.1)
    time.sleep(0.5)

door = BinarySensor(settings("door", BinarySensorInfo(name="door", unique_id="door")))
topic = door.availability_topic
door.on()
door.set_availability(True)
settled(door.mqtt_client)
seen = [retained(topic)]
print("at the start:", seen[-1])
# Another connection with the same client id ends the first without DISCONNECT; the library connects again in 1 s.
subprocess.run(["mosquitto_pub", "-p", port, "-i", "door", "-t", "other", "-m", "1"], check=True)
time.sleep(0.5)
settled(door.mqtt_client)
for _ in range(5):
    door.set_availability(True)
    time.sleep(0.3)
seen.append(retained(topic))
print("connected again: %s, set_availability(True) five times: %s" % (door.mqtt_client.is_connected(), seen[-1]))
door.set_availability(False)
door.set_availability(True)
time.sleep(0.5)
seen.append(retained(topic))
print("set_availability(False), then (True):", seen[-1])
note = Text(settings("note", TextInfo(name="note", unique_id="note")), lambda *a: None)
settled(note.mqtt_client)
note.set_text("online")
note.set_availability(True)
time.sleep(0.5)
seen.append(retained(note.availability_topic))
print("a text 'online', then set_availability(True): %r" % seen[-1])
sys.exit(seen != ["online", "offline", "online", ""])
PY
PYTHONPATH=lib python3 play.py "$port"
grep "availability'" broker.log | grep -E 'from door|to door|Will|will' | cut -d' ' -f2- || true
