#!/usr/bin/env bash
# mqtt-spb-wrapper 2.1.2: a Sparkplug node that connects again is not born anew, and sends data from beyond its death.
#
# One would expect: whoever connects says NBIRTH before anything else (Sparkplug 3.0, section 5.4), since the will of the
# connection before, NDEATH, has just told everybody that the node and its devices are gone.
# What happens: when the broker is back the node connects by itself, takes its old birth for one of now
# (is_birth_published is true), and publish_data() sends NDATA and returns True. No NBIRTH is ever said again. While the
# broker is away publish_data() raises once, and then returns False.
# Presence: who goes by births and deaths shows the node as dead for ever, though it works; a host that keeps to the
# specification drops its data. Publish the birth in on_connect, or take data for a sign of life: adopt sparkplug does.
# Versions: mqtt-spb-wrapper 2.1.2, paho-mqtt 1.6.1, protobuf 3.20.3, Debian 12's mosquitto 2.0.11. The result is the
# exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib mqtt-spb-wrapper==2.1.2 \
    paho-mqtt==1.6.1 protobuf==3.20.3
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -v -c mosquitto.conf > broker1.log 2>&1 &
broker=$!
sleep 0.5
cat > node.py <<'PY'
import sys, time
from mqtt_spb_wrapper import MqttSpbEntityEdgeNode

node = MqttSpbEntityEdgeNode("plant", "line2")
node.data.set_value("t", 0)
node.connect("127.0.0.1", int(sys.argv[1]))
while not node.is_connected():
    time.sleep(0.1)
node.publish_birth()
for second in range(1, 15):
    time.sleep(1)
    node.data.set_value("t", second)
    try:
        result = node.publish_data()
    except RuntimeError as error:
        result = error
    print(second, "connected:", node.is_connected(), "born:", node.is_birth_published, "data:", result, flush=True)
PY
PYTHONPATH=lib python3 node.py "$port" > node.log 2>&1 &
node=$!
sleep 6
kill "$broker"
wait "$broker" || true
sleep 1
mosquitto -v -c mosquitto.conf > broker2.log 2>&1 &
wait "$node" || true
mosquitto -h | head -1 || true
cat node.log
# count FILE KIND: how many messages of a kind a broker was sent.
count() { grep -c "Received PUBLISH from .*spBv1.0/plant/$2/line2" "$1" || true; }
first="$(count broker1.log NBIRTH) births and $(count broker1.log NDATA) data"
second="$(count broker2.log NBIRTH) births and $(count broker2.log NDATA) data"
echo "the first broker got $first, the second one $second"
[ "$(count broker1.log NBIRTH)" = 1 ] && [ "$(count broker2.log NBIRTH)" = 0 ] && [ "$(count broker2.log NDATA)" -ge 3 ]
