#!/usr/bin/env bash
# iotcore 0.4.0: a device that takes over its own old connection sends its new will, and has none from then on.
#
# One would expect: when a device comes back before the broker has noticed the loss, the broker closes the old
# connection and publishes the old connection's will; the will of the new one waits for the new one's end.
# What happens: iotcore, a broker inside a Python process (rumqttd in Rust), keeps one will for a client id. The
# new CONNECT replaces it, then the end of the old connection publishes it: the new will, while the new connection
# lives, in some runs even after its birth. With that the will is used up. When the new connection breaks, nothing
# is published, and the retained birth says online for ever. mosquitto, run beside it, does what one expects.
# Presence: after such a return, which every short break of a network brings about, the device's loss is never
# told; and a will that carries the number of its connection ends the wrong one. With this broker a birth needs an
# end of its own (a ttl), or each connection a client id of its own.
# Versions: iotcore 0.4.0, paho-mqtt 2.1.0, Debian 12's mosquitto 2.0.11. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib iotcore==0.4.0 paho-mqtt==2.1.0
export PYTHONPATH=$dir/lib
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
cat > play.py <<'PY'
import socket, sys, time
from paho.mqtt.client import Client, CallbackAPIVersion
name, port, heard = sys.argv[1], int(sys.argv[2]), []

def connect(client):
    for _ in range(100):
        try:
            client.connect("127.0.0.1", port, 60)
            break
        except OSError:
            time.sleep(0.1)
    client.loop_start()

def device(number):
    client = Client(CallbackAPIVersion.VERSION2, "lamp", reconnect_on_failure=False)
    client.will_set("status/lamp", "offline %d" % number, 1, True)
    connect(client)
    client.publish("status/lamp", "online %d" % number, 1, True).wait_for_publish(10)
    return client

def cut(client):
    client.socket().shutdown(socket.SHUT_RDWR)

watcher = Client(CallbackAPIVersion.VERSION2, "watcher")
watcher.on_message = lambda c, u, m: heard.append(m.payload.decode())
ready = []
watcher.on_subscribe = lambda *a: ready.append(True)
watcher.on_connect = lambda c, *a: c.subscribe("status/#", 1)
connect(watcher)
while not ready:
    time.sleep(0.05)
first = device(1)
second = device(2)
time.sleep(1)
taken_over = list(heard)
print(name, "after the take-over:", taken_over, "- second connection lives:", second.is_connected())
cut(second)
time.sleep(2)
print(name, "2 s after the second connection broke:", heard)
third = device(3)
cut(third)
time.sleep(1)
print(name, "after a connection without a take-over broke:", heard[-1])
if name == "mosquitto":
    sys.exit(heard != ["online 1", "offline 1", "online 2", "offline 2", "online 3", "offline 3"])
sys.exit(sorted(taken_over) != ["offline 2", "online 1", "online 2"] or heard[3:] != ["online 3", "offline 3"])
PY
port=$(free_port)
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -c mosquitto.conf > broker.log 2>&1 &
mosquitto -h | head -1 || true
python3 play.py mosquitto "$port"
port=$(free_port)
python3 -m iotcore --listen 127.0.0.1 --port "$port" > iotcore.log 2>&1 &
python3 play.py iotcore "$port"
