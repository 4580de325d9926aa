#!/usr/bin/env bash
# TheengsGateway 1.8.0: without its radio it is deaf for ever, and its topic says "online".
#
# One would expect: a gateway between Bluetooth and MQTT that cannot scan ends, so that its will says "offline" and
# systemd starts it again. Its sources mean that: on an error of the radio they call sys.exit().
# What happens: the scan is a coroutine on a thread beside. An exception there (no system bus) goes into a future that
# nobody reads, and sys.exit() (no BlueZ, no adapter) ends that thread alone, also hours later. The process lives, its
# connection is kept alive, home/TheengsGateway/LWT stays "online", retained, and no sensor is heard of again.
# Presence: that word tells of a connection, and not of a gateway that works; what it heard last looks alive for ever. Let
# its messages count: adopt openmqttgateway alive=home/{name}/BTtoMQTT/# ttl=10m.
# Versions: TheengsGateway 1.8.0, TheengsDecoder 2.5.0, bleak 3.1.0, paho-mqtt 2.2.0, Debian 12's mosquitto 2.0.11, and no
# system bus, as in a container. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib TheengsGateway==1.8.0 \
    TheengsDecoder==2.5.0 bleak==3.1.0 paho-mqtt==2.2.0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
sleep 0.5
# The gateway as it is, with a witness of what becomes of its scan.
cat > gateway.py <<'PY'
import asyncio, sys

run = asyncio.run_coroutine_threadsafe

def witnessed(coroutine, loop):
    future = run(coroutine, loop)
    future.add_done_callback(lambda done: print("the scan has ended:", repr(done.exception()), flush=True))
    return future

asyncio.run_coroutine_threadsafe = witnessed
from TheengsGateway import main
sys.argv[0] = "TheengsGateway"
main()
PY
DBUS_SYSTEM_BUS_ADDRESS=unix:path=$dir/none PYTHONPATH=lib python3 gateway.py --config theengs.json \
    -H 127.0.0.1 -P "$port" > gateway.log 2>&1 &
gateway=$!
for _ in $(seq 60); do
    grep -q "the scan has ended" gateway.log && break
    sleep 0.5
done
sleep 5
mosquitto -h | head -1 || true
cat gateway.log
said=$(mosquitto_sub -p "$port" -t home/TheengsGateway/LWT -C 1 -W 2 || true)
lives=$(kill -0 "$gateway" 2>/dev/null && echo yes || echo no)
echo "5 s later its topic says $said, it lives: $lives"
grep -q "the scan has ended: FileNotFoundError" gateway.log && [ "$said" = online ] && [ "$lives" = yes ]
