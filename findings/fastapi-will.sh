#!/usr/bin/env bash
# fastapi-mqtt 2.2.0: a configured will is left out, and where it is not, it is not retained.
#
# One would expect: will_message_topic and will_message_payload make a will. The third field, will_delay_interval,
# is None unless set, and says how long the broker should wait with it.
# What happens: without a will_delay_interval above 0 the CONNECT has no will, and nothing says so. With one the will
# comes, but with QoS 0 and not retained, and no field changes that. (Its delay is for sessions that outlive their
# connection; in MQTT 3.1.1 there is none.)
# Presence: a service that retains its birth in on_connect, and is killed, is "online" for ever: without the delay to
# all, with it to everybody who asks later. A reader that was there has seen "offline", so a first test looks right.
# What helps: after the constructor, and before the start, "mqtt.client._will_message = Message(topic, payload, qos=1,
# retain=True)" with gmqtt's Message (run here; the field is private, and a will_message handed to the constructor
# fails at the connection); or a ttl in the birth.
# Versions: fastapi-mqtt 2.2.0 (3.0.0, for newer Pythons, has the same lines: read and not run), gmqtt 0.8.0, Debian
# 12's mosquitto 2.0.11 and mosquitto-clients. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --no-deps --target lib fastapi-mqtt==2.2.0 \
    gmqtt==0.8.0 pydantic==2.12.5 pydantic-core==2.41.5 annotated-types==0.7.0 typing-extensions==4.15.0 \
    typing-inspection==0.4.2
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
cat > service.py <<'PY'
import asyncio, os, signal, sys
from importlib.metadata import version
from fastapi_mqtt import FastMQTT, MQTTConfig
from gmqtt import Message

name, port = sys.argv[1], int(sys.argv[2])
topic = "presence/device/%s/service" % name
more = {"will_delay_interval": 1} if name == "delay" else {}
mqtt = FastMQTT(client_id=name, config=MQTTConfig(
    host="127.0.0.1", port=port, will_message_topic=topic, will_message_payload="offline", **more))
if name == "field":
    mqtt.client._will_message = Message(topic, "offline", qos=1, retain=True)
if name == "plain":
    print("fastapi-mqtt %s, gmqtt %s" % (version("fastapi-mqtt"), version("gmqtt")), flush=True)

@mqtt.on_connect()
def birth(client, flags, code, properties):
    mqtt.publish(topic, "online", qos=1, retain=True)

async def serve():
    await mqtt.mqtt_startup()
    await asyncio.sleep(1.5)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(serve())
PY
for _ in $(seq 50); do mosquitto_pub -p "$port" -t ready -n 2> /dev/null && break; sleep 0.1; done
mosquitto_sub -p "$port" -t 'presence/#' -F '%t %p' > heard.txt &
for _ in $(seq 50); do grep -q 'presence/#' broker.log && break; sleep 0.1; done
for name in plain delay field; do
    code=0
    PYTHONPATH=lib python3 -W ignore service.py "$name" "$port" 2> errors.txt || code=$?
    [ "$code" = 137 ] || { cat errors.txt; exit 1; }
done 2> /dev/null
sleep 3
for name in plain delay field; do
    topic=presence/device/$name/service
    will=$(sed -n "/ as $name /{n; s/^[0-9]*: //; p}" broker.log)
    heard=$(grep "^$topic " heard.txt | cut -d' ' -f2 | tr '\n' ' ')
    later=$(mosquitto_sub -p "$port" -t "$topic" -C 1 -W 5 || true)
    echo "$name: $will A reader who was there hears: ${heard% }; who comes later: $later"
    result+="$name ${heard}$later/"
done
[ "$result" = 'plain online online/delay online offline online/field online offline offline/' ] || {
    echo 'changed: plain was to be online to both, delay offline to the first, field offline to both'
    exit 1
}
