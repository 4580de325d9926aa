#!/usr/bin/env bash
# Flask-MQTT 1.3.0: a birth in on_connect is lost at the start, by chance or always, and nothing tells it.
#
# One would expect: a handler that is registered with @mqtt.on_connect() right after mqtt = Mqtt(app), as one writes a
# Flask application, runs at each connection, the first included.
# What happens: Mqtt(app) connects at once and starts the network thread. Where the CONNACK is faster than the rest
# of the module, the handler comes too late, and is first called after the next reconnection. Everything else works:
# publish() and subscribe() later on, and the will. On loopback it is lost in some starts of ten, and in every one
# when an import of 0.3 s stands between the two lines.
# Presence: the application is connected and says nothing; a status "offline" of its last end stays for as long as
# all goes well. What helps: Mqtt() without an application, the handlers, and init_app(app) last (run here).
# Versions: flask-mqtt 1.3.0, paho-mqtt 2.2.0, Flask 3.1.2, Debian 12's mosquitto 2.0.11. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib \
    flask-mqtt==1.3.0 paho-mqtt==2.2.0 Flask==3.1.2
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
cat > web.py <<'PY'
import os, sys, time
from flask import Flask
from flask_mqtt import Mqtt
name, way = sys.argv[2], sys.argv[3]
app = Flask(__name__)
app.config.update(MQTT_BROKER_URL="127.0.0.1", MQTT_BROKER_PORT=int(sys.argv[1]), MQTT_CLIENT_ID=name,
                  MQTT_LAST_WILL_TOPIC="status/" + name, MQTT_LAST_WILL_MESSAGE="offline",
                  MQTT_LAST_WILL_RETAIN=True, MQTT_LAST_WILL_QOS=1)
mqtt = Mqtt() if way == "last" else Mqtt(app)
if way == "import":
    time.sleep(0.3)  # An import that takes its time.

@mqtt.on_connect()
def connected(client, userdata, flags, rc):
    client.publish("status/" + name, "online", 1, True)

if way == "last":
    mqtt.init_app(app)
time.sleep(1)
print(name, "connected:", mqtt.client.is_connected(), flush=True)
os._exit(0)  # No DISCONNECT: the will is published.
PY
export PYTHONPATH=lib
sleep 0.5
mosquitto -h | head -1 || true
for number in 1 2 3; do python3 web.py "$port" "import$number" import; done
for number in 1 2 3; do python3 web.py "$port" "last$number" last; done
for number in $(seq 6); do python3 web.py "$port" "plain$number" plain > /dev/null; done
births() { grep -c "Received PUBLISH from $1.*'status/" broker.log || true; }
wills() { mosquitto_sub -p "$port" -t 'status/#' -W 1 -v 2> /dev/null | grep -c "status/$1.* offline" || true; }
echo "births: $(births import) of 3 with an import between, $(births last) of 3 with init_app() last," \
    "$(births plain) of 6 with nothing between"
echo "wills: $(wills import) of 3 with an import between"
[ "$(births import)" = 0 ] && [ "$(births last)" = 3 ] && [ "$(wills import)" = 3 ]
