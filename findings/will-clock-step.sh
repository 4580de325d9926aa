#!/usr/bin/env bash
# A clock that is set back holds back every delayed will of mosquitto 2.0.11.
#
# One would expect: Will Delay Interval is a span of time. A broker counts it as it counts keep-alives, so
# that a correction of the wall clock (NTP, or a small computer without a battery for its clock) changes nothing.
# What happens: mosquitto looks for due wills by the wall clock, and only when the wall clock is later than at its
# last look. Set back by an hour, the clock keeps the wills of all who die in that hour waiting for up to an hour;
# their retained births say online all that time. A will without a delay, and keep-alives, are not concerned.
# Presence: with delayed wills, give the births an end of their own (a ttl), or keep the grace in the
# application and use wills without delay; start the broker only after the clock has been set.
# Versions: Debian 12's mosquitto 2.0.11, libfaketime 0.9.10-2.1 (it sets the clock for the broker alone),
# paho-mqtt 2.1.0. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
apt-get download -qq libfaketime=0.9.10-2.1 2>/dev/null
dpkg -x libfaketime_*.deb faketime
pip install -q --disable-pip-version-check --root-user-action ignore --target lib paho-mqtt==2.1.0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
echo +0 > clock
LD_PRELOAD=$(find "$dir/faketime" -name libfaketimeMT.so.1) FAKETIME_TIMESTAMP_FILE=$dir/clock \
    FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
cat > device.py <<'PY'
import sys, time
from paho.mqtt.client import Client, CallbackAPIVersion, MQTTv5
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
port, name, delay = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
client = Client(CallbackAPIVersion.VERSION2, name, protocol=MQTTv5)
properties = Properties(PacketTypes.WILLMESSAGE)
properties.WillDelayInterval = delay
client.will_set("status/" + name, "offline", 1, True, properties=properties)
for _ in range(100):
    try:
        client.connect("127.0.0.1", port, 30)
        break
    except OSError:
        time.sleep(0.1)
client.loop_start()
client.publish("status/" + name, "online", 1, True).wait_for_publish(10)
print("ready", flush=True)
time.sleep(120)
PY
read_status() { mosquitto_sub -p "$port" -t "status/$1" -C 1 -W 3; }
# device NAME DELAY: starts a device, waits for its birth, and kills it.
die() {
    PYTHONPATH=lib python3 device.py "$port" "$1" "$2" > "$1.out" &
    local pid=$!
    for _ in $(seq 100); do grep -q ready "$1.out" && break; sleep 0.1; done
    grep -q ready "$1.out"
    kill -9 $pid
    wait $pid 2>/dev/null || true
}
mosquitto -h | head -1 || true
die before 2; sleep 5
before=$(read_status before)
echo "clock right, will delay 2 s, 5 s after the death: $before"
echo -3600 > clock
sleep 1.5
die delayed 2; die plain 0; sleep 8
delayed=$(read_status delayed) plain=$(read_status plain)
echo "clock set back by an hour, will delay 2 s, 8 s after the death: $delayed"
echo "clock set back by an hour, no will delay: $plain"
echo +1 > clock
sleep 5
after=$(read_status delayed)
echo "clock set right again: $after"
[ "$before/$delayed/$plain/$after" = offline/online/offline/offline ]
