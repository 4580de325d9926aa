#!/usr/bin/env bash
# FastStream 0.7.8 with MQTT: a service that comes back by itself stays offline for everybody, and cannot know it.
#
# One would expect: what reconnects by itself and takes a will also has a place for the birth: a hook that runs at
# each connection, as after_startup runs at the first.
# What happens: FastStream (zmqtt 0.2.5 below it) connects again with the same will and the same subscriptions, and
# runs no code of the application; its only hook is for a recovery that failed. The will of the lost connection is
# retained, is the last word, and stays so, while the service gets and answers messages.
# Presence: one stall of 1.5 keep-alives (a suspended machine, a broker's restart) takes the service offline for
# good. What helps: state the birth again in intervals, subscribe to one's own status topic and answer "offline"
# with a birth (run here), or watch the connection's number (connection_id) in a task.
# Versions: faststream 0.7.8, zmqtt 0.2.5, Debian 12's mosquitto 2.0.11. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill -9 $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib faststream==0.7.8 zmqtt==0.2.5
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
cat > service.py <<'PY'
import asyncio, sys
from faststream import FastStream
from faststream.mqtt import MQTTBroker
from zmqtt import QoS, Will
name, cured = sys.argv[2], sys.argv[3] == "cured"
topic = "status/" + name
broker = MQTTBroker("mqtt://127.0.0.1:" + sys.argv[1], client_id=name, keepalive=2,
                    will=Will(topic=topic, payload=b"offline", qos=QoS.AT_LEAST_ONCE, retain=True))
app = FastStream(broker)

async def birth():
    await broker.publish("online", topic, qos=QoS.AT_LEAST_ONCE, retain=True)

@app.after_startup
async def started():
    await birth()

@broker.subscriber("ask/" + name)
async def answer(text: str):
    print(name, "got", text, flush=True)

if cured:
    @broker.subscriber(topic)
    async def own_status(text: str):
        if text == "offline":
            await birth()

asyncio.run(app.run())
PY
export PYTHONPATH=lib
sleep 0.5
read_status() { mosquitto_sub -p "$port" -t "status/$1" -C 1 -W 2; }
mosquitto -h | head -1 || true
python3 service.py "$port" plain plain > plain.log 2>&1 &
plain=$!
python3 service.py "$port" cured cured > cured.log 2>&1 &
cured=$!
for name in plain cured; do
    for _ in $(seq 100); do grep -q "Received PUBLISH from $name .*status/$name" broker.log && break; sleep 0.1; done
    echo "$name at first: $(read_status $name)"
done
kill -STOP $plain $cured
for _ in $(seq 100); do [ "$(grep -c 'exceeded timeout' broker.log)" = 2 ] && break; sleep 0.1; done
echo "plain while it stands still: $(read_status plain)"
kill -CONT $plain $cured
for name in plain cured; do
    for _ in $(seq 100); do [ "$(grep -c "as $name (" broker.log)" -ge 2 ] && break; sleep 0.1; done
done
sleep 4
for name in plain cured; do mosquitto_pub -p "$port" -q 1 -t "ask/$name" -m "are you there"; done
sleep 1
grep -h ' got ' plain.log cured.log
last="$(read_status plain) $(read_status cured)"
echo "connections: $(grep -c 'as plain (' broker.log) of plain, $(grep -c 'as cured (' broker.log) of cured"
echo "last words of plain and cured: $last"
grep -q 'plain got are you there' plain.log
[ "$last" = "offline online" ]
