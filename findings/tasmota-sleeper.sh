#!/usr/bin/env bash
# hatasmota 0.9.2: a Tasmota device that may sleep is never unavailable, whatever its last will says.
#
# One would expect: Home Assistant's library for Tasmota reads tele/<topic>/LWT. For a device in deep sleep it also
# knows DEEPSLEEP, the retained word that tells when it wakes, and takes it for gone when it does not wake by then.
# What happens: as soon as the device's discovery message says that deep sleep is on ("dslp": 1, its battery saver,
# asleep or not), the library does not even subscribe to the LWT topic. No word of the device, retained "Offline"
# included, makes it unavailable; DEEPSLEEP is not read either.
# Presence: Home Assistant shows a device with an empty battery as available; who takes over its view of things takes
# over ghosts. Adopt tele/<topic>/LWT itself with tele/<topic>/DEEPSLEEP, or let the last telegram expire after some
# of the device's own intervals.
# Versions: hatasmota 0.9.2, paho-mqtt 2.1.0, Debian 12's mosquitto 2.0.11. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib hatasmota==0.9.2 paho-mqtt==2.1.0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
sleep 0.5
# announce NAME MAC SLEEP: what a device publishes at its start, its first and its last word.
announce() {
    mosquitto_pub -p "$port" -q 1 -r -t "tasmota/discovery/$2/config" -m '{"dn":"'"$1"'","fn":["'"$1"'"],"hn":"'"$1"'",
        "t":"'"$1"'","mac":"'"$2"'","dslp":'"$3"',"bat":'"$3"',"ip":"192.0.2.1","md":"Generic","sw":"14.4.1","ty":0,
        "ofln":"Offline","onln":"Online","state":["OFF","ON","TOGGLE","HOLD"],"ft":"%prefix%/%topic%/","if":0,
        "tp":["cmnd","stat","tele"],"rl":[1],"swc":[-1],"swn":[null],"btn":[0],"lk":0,"lt_st":0,"sho":[0],"sht":[],
        "so":{"4":0,"11":0,"13":0,"17":0,"20":0,"30":0,"68":0,"73":0,"82":0,"114":0,"117":0},"ver":1}'
    mosquitto_pub -p "$port" -q 1 -r -t "tele/$1/LWT" -m Online
}
announce mains 00AA00AA0001 0
announce sleeper 00AA00AA0002 1
cat > play.py <<'PY'
import asyncio, sys
from importlib.metadata import version
from hatasmota.const import CONF_DEVICENAME
from hatasmota.device_status import TasmotaDeviceStatus, TasmotaDeviceStatusConfig
from hatasmota.discovery import TasmotaDiscovery
from hatasmota.mqtt import ReceiveMessage, TasmotaMQTTClient
from paho.mqtt.client import Client, CallbackAPIVersion, topic_matches_sub

async def main():
    loop, routes, said = asyncio.get_running_loop(), [], {"mains": [], "sleeper": []}
    mqtt = Client(CallbackAPIVersion.VERSION2, "home")
    async def deliver(message):
        for topic, callback in list(routes):
            if topic_matches_sub(topic, message.topic):
                text = ReceiveMessage(message.topic, message.payload.decode(), message.qos, message.retain)
                result = callback(text)
                if asyncio.iscoroutine(result):
                    await result
    mqtt.on_message = lambda c, u, m: asyncio.run_coroutine_threadsafe(deliver(m), loop)
    async def publish(topic, payload, qos, retain):
        mqtt.publish(topic, payload, qos or 0, bool(retain))
    async def subscribe(state, topics):
        for topic in topics.values():
            routes.append((topic["topic"], topic["msg_callback"]))
            mqtt.subscribe(topic["topic"], 1)
        return topics
    async def unsubscribe(state):
        return {}
    client = TasmotaMQTTClient(publish, subscribe, unsubscribe)
    async def discovered(payload, mac):
        name = payload[CONF_DEVICENAME]
        config = TasmotaDeviceStatusConfig.from_discovery_message(payload)
        device = TasmotaDeviceStatus(config=config, mqtt_client=client)
        async def available(is_available):
            said[name].append(is_available)
        device.set_on_availability_callback(available)
        await device.subscribe_topics()
    mqtt.connect("127.0.0.1", int(sys.argv[1]))
    mqtt.loop_start()
    await TasmotaDiscovery("tasmota/discovery", client).start_discovery(discovered, None)
    await asyncio.sleep(2)
    for name in said:
        mqtt.publish("tele/%s/LWT" % name, "Offline", 1, True)
    await asyncio.sleep(2)
    read = sorted(topic for topic, _ in routes if topic.startswith("tele"))
    print("hatasmota", version("hatasmota"), "reads", read, "and says", said)
    sys.exit(said != {"mains": [True, False], "sleeper": []} or "tele/sleeper/LWT" in read)

asyncio.run(main())
PY
mosquitto -h | head -1 || true
PYTHONPATH=lib python3 play.py "$port"
