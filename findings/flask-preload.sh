#!/usr/bin/env bash
# Flask-MQTT 1.3.0 under gunicorn --preload: every status is "published" with rc 0, and not one leaves the process.
#
# One would expect: that the web application states who is online as it does without --preload; or else an error, rc 4
# or is_connected() false.
# What happens: Mqtt(app) connects while the application is loaded, with --preload in gunicorn's master. paho-mqtt's
# network thread does not come along into the workers. There publish() puts the word into a queue that nobody
# empties, returns 0, and is_connected() stays what it was at the fork, true; the master's thread goes on with
# PINGREQ, so that the broker sees a healthy connection and publishes no will as long as the master lives.
# Presence: all users' words are lost without a sign; nothing on the broker's side tells it either. What helps: no
# --preload, or init_app() in gunicorn's post_fork hook with a client id for each worker; wait_for_publish() with a
# limit finds it (run here).
# Versions: flask-mqtt 1.3.0, paho-mqtt 2.2.0, gunicorn 23.0.0, Flask 3.1.2, Debian 12's mosquitto 2.0.11.
# The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib \
    flask-mqtt==1.3.0 paho-mqtt==2.2.0 gunicorn==23.0.0 Flask==3.1.2
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
MQTT_PORT=$(free_port)
export MQTT_PORT PYTHONPATH=$dir/lib
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$MQTT_PORT" > mosquitto.conf
mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
cat > web.py <<'PY'
import os, time
from flask import Flask
from flask_mqtt import Mqtt
app = Flask(__name__)
app.config.update(MQTT_BROKER_URL="127.0.0.1", MQTT_BROKER_PORT=int(os.environ["MQTT_PORT"]), MQTT_CLIENT_ID="web",
                  MQTT_KEEPALIVE=5, MQTT_LAST_WILL_TOPIC="status/web", MQTT_LAST_WILL_MESSAGE="offline")
mqtt = Mqtt(app)
time.sleep(0.5)  # The rest of the application is imported; without it the fork may come before the CONNACK.

@app.get("/say/<user>/<word>")
def say(user, word):
    info = mqtt.client.publish("status/" + user, word, 1, True)
    info.wait_for_publish(2)
    return f"rc {info.rc}, is_connected {mqtt.client.is_connected()}, acknowledged {info.is_published()}"
PY
fetch() { python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())' "$1"; }
# play USER OPTION...: runs the application under gunicorn, and states that USER is online.
play() {
    local user=$1 port
    port=$(free_port)
    python3 -m gunicorn "${@:2}" -w 1 -b "127.0.0.1:$port" web:app > "$user.log" 2>&1 &
    local server=$!
    for _ in $(seq 100); do grep -q 'Booting worker' "$user.log" && break; sleep 0.1; done
    sleep 1
    fetch "http://127.0.0.1:$port/say/$user/online"
    # Two keep-alives more: does the broker lose sight of it?
    [ "$user" = bob ] && sleep 10
    kill $server
    wait $server 2> /dev/null || true
}
sleep 0.5
mosquitto -h | head -1 || true
echo "without --preload: $(play alice)"
grep -q "Received PUBLISH from web .*'status/alice'" broker.log
echo "with --preload:    $(play bob --preload)" | tee preload.txt
seen=$(grep -c "PUBLISH from web .*'status/bob'" broker.log || true)
pings=$(sed -n '/status\/alice/,$p' broker.log | grep -c 'Received PINGREQ from web' || true)
echo "seen by the broker with --preload: $seen PUBLISH, $pings PINGREQ"
grep -q 'rc 0, is_connected True, acknowledged False' preload.txt
[ "$seen" = 0 ] && [ "$pings" -gt 0 ]
