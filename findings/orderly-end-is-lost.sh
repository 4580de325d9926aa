#!/usr/bin/env bash
# ohmqtt 1.2.1: who says "offline" and leaves the with block is told "lost".
#
# One would expect: the end of "with Client() as client:" ends the connection in order, as the same lines do with
# aiomqtt, minimqtt and mqttools: what was published goes out, DISCONNECT follows, the will is dropped.
# What happens: the block's end shuts the client down as it stands. What publish() has queued at that moment is thrown
# away without an error ("offline" never reaches the broker), no DISCONNECT is sent, and the broker publishes the
# will. An exception in the block looks the same. disconnect() alone, awaited, sends both in order (run here).
# Presence: each orderly end is a loss, and the logout is never heard; good for who wants a crash to be told, wrong for
# everybody who says goodbye. Call disconnect() and wait_for_disconnect() inside the block. By the way: its keep-alive
# is 0 and it does not reconnect unless told to.
# Versions: ohmqtt 1.2.1, Debian 12's mosquitto 2.0.11. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib ohmqtt==1.2.1
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
cat > device.py <<'PY'
import sys
from ohmqtt import Client
port, name, way = sys.argv[1:]
topic = "status/" + name
with Client() as client:
    client.connect("127.0.0.1:" + port, client_id=name, will_topic=topic, will_payload=b"lost", will_retain=True)
    client.wait_for_connect(5)
    client.publish(topic, "online", qos=1, retain=True).wait_for_ack(5)
    client.publish(topic, "offline", qos=0, retain=True)
    if way == "disconnect":
        client.disconnect()
        client.wait_for_disconnect(5)
PY
sleep 0.5
mosquitto -h | head -1 || true
for number in 1 2 3; do
    PYTHONPATH=lib python3 device.py "$port" "with$number" with
    PYTHONPATH=lib python3 device.py "$port" "disconnect$number" disconnect
done
sleep 0.5
received() { grep -c "Received $1 from $2[123]" broker.log || true; }
last() { mosquitto_sub -p "$port" -t "status/$1" -C 1 -W 2; }
for way in with disconnect; do
    echo "$way: $(received PUBLISH $way) PUBLISH and $(received DISCONNECT $way) DISCONNECT of 3 devices;" \
        "the last words: $(last ${way}1) $(last ${way}2) $(last ${way}3)"
done | tee seen.txt
diff seen.txt - <<'TXT'
with: 3 PUBLISH and 0 DISCONNECT of 3 devices; the last words: lost lost lost
disconnect: 6 PUBLISH and 3 DISCONNECT of 3 devices; the last words: offline offline offline
TXT
