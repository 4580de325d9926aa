#!/usr/bin/env bash
# paho-mqtt 2.2.0 without a client id: a device that lives and is connected is told offline, and stays so.
#
# One would expect: a client that is given no id gets one, and keeps it. MQTT 5 even tells the client the id that
# the broker assigned, so that a reconnection can take over what the old connection left.
# What happens: paho sends the empty id at each connection, with MQTT 3.1.1 and 5 (where it drops the assigned one).
# Each reconnection is another client to the broker, and takes over nothing. Where the broker has not seen the end
# of the old connection (a router that forgot it, another WLAN), the old will comes one and a half keep-alives
# after the loss, after the birth of the new connection, and is the last word. With an id of its own the device takes
# its old connection over: will first, then birth.
# Presence: give every device a fixed client id; tell each connection by a number in will and birth, and believe a
# will only when it carries the number of the last birth.
# Versions: paho-mqtt 2.2.0, Debian 12's mosquitto 2.0.11. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib paho-mqtt==2.2.0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
cat > play.py <<'PY'
import socket, sys, threading, time
from paho.mqtt import __version__
from paho.mqtt.client import Client, CallbackAPIVersion, MQTTv311, MQTTv5
port, heard, links = int(sys.argv[1]), {}, {}
print("paho-mqtt", __version__)

def pump(source, target):
    """Copies until an end; the other side is not told, as by a router that has forgotten the connection."""
    try:
        while data := source.recv(4096):
            target.sendall(data)
    except OSError:
        pass

def router(name):
    listener = socket.create_server(("127.0.0.1", 0))
    def serve():
        while True:
            near, far = listener.accept()[0], socket.create_connection(("127.0.0.1", port))
            links.setdefault(name, []).append((near, far))
            threading.Thread(target=pump, args=(near, far), daemon=True).start()
            threading.Thread(target=pump, args=(far, near), daemon=True).start()
    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]

def device(name, client_id, protocol):
    client = Client(CallbackAPIVersion.VERSION2, client_id, protocol=protocol)
    client.will_set("status/" + name, "offline", 1, True)
    client.on_connect = lambda c, *a: c.publish("status/" + name, "online", 1, True)
    client.connect("127.0.0.1", router(name), 4)
    client.loop_start()
    return client

watcher = Client(CallbackAPIVersion.VERSION2, "watcher")
watcher.on_connect = lambda c, *a: c.subscribe("status/#", 1)
watcher.on_message = lambda c, u, m: heard.setdefault(m.topic[7:], []).append(m.payload.decode())
for _ in range(100):
    try:
        watcher.connect("127.0.0.1", port)
        break
    except OSError:
        time.sleep(0.1)
watcher.loop_start()
devices = {"no id, 3.1.1": device("no id, 3.1.1", "", MQTTv311), "no id, 5": device("no id, 5", "", MQTTv5),
           "own id": device("own id", "lamp", MQTTv311)}
while len(heard) < 3:
    time.sleep(0.1)
for name in devices:
    links[name][0][0].shutdown(socket.SHUT_RDWR)
time.sleep(13)
for name, client in devices.items():
    print(name, heard[name], "connected:", client.is_connected())
lost, kept = ["online", "online", "offline"], ["online", "offline", "online"]
alive = all(client.is_connected() for client in devices.values())
sys.exit([heard[name] for name in devices] != [lost, lost, kept] or not alive)
PY
mosquitto -h | head -1 || true
PYTHONPATH=lib timeout 50 python3 play.py "$port"
grep -E 'as auto-|as lamp|exceeded' broker.log | cut -d' ' -f2-
