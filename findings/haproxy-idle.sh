#!/usr/bin/env bash
# HAProxy 2.6.12 with Debian's own defaults before mosquitto: every quiet device is told offline every 50 seconds.
#
# One would expect: a proxy in mode tcp passes on what lives. MQTT's keep-alive of 60 s, the default of paho-mqtt,
# libmosquitto, MQTT.js and most others, tells the broker that a quiet device is there, and the broker waits for 90 s.
# What happens: the defaults of Debian's haproxy.cfg (timeout client and timeout server 50000 ms) cut a connection on
# which nothing was said for 50 s, 10 s before the PINGREQ. The broker sees an end without DISCONNECT and publishes
# the will; the client comes back at once, and so on, once in 51 s for each device.
# Presence: offline and online for all who are quiet, while busy ones are fine, so that it looks like bad devices.
# What helps: "timeout client" and "timeout server" above 1.5 keep-alives in the section for MQTT (the broker's
# keep-alive check finds the dead ones), or keep-alives of 30 s (run here); a grace longer than a reconnection hides
# it, and costs a CONNECT a minute for each device.
# Versions: Debian 12's haproxy 2.6.12-1+deb12u4 with its /etc/haproxy/haproxy.cfg, mosquitto 2.0.11, paho-mqtt 2.1.0.
# The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
apt-get download -qq haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing-c-wrapper0=1.1.3-3+b1 \
    libopentracing1=1.6.0-4 2> /dev/null
for package in *.deb; do dpkg -x "$package" root; done
pip install -q --disable-pip-version-check --root-user-action ignore --target lib paho-mqtt==2.1.0
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
broker=$(free_port) proxy=$(free_port)
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$broker" > mosquitto.conf
mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
{
    # The package's section "defaults", without its pages for errors of HTTP.
    sed -n '/^defaults/,$p' root/etc/haproxy/haproxy.cfg | grep -v errorfile
    printf 'listen mqtt\n    mode tcp\n    option tcplog\n    bind 127.0.0.1:%s\n    server broker 127.0.0.1:%s\n' \
        "$proxy" "$broker"
} > haproxy.cfg
LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/sbin/haproxy -db -f haproxy.cfg > haproxy.log 2>&1 &
grep -E 'timeout (client|server)' haproxy.cfg
cat > play.py <<'PY'
import sys, time
from paho.mqtt.client import Client, CallbackAPIVersion
broker, proxy = int(sys.argv[1]), int(sys.argv[2])
start, heard = time.monotonic(), {"quiet60": [], "quiet30": []}

def device(name, keep_alive):
    client = Client(CallbackAPIVersion.VERSION2, name)
    client.will_set("status/" + name, "offline", 1, True)
    client.on_connect = lambda c, *a: c.publish("status/" + name, "online", 1, True)
    client.connect("127.0.0.1", proxy, keep_alive)
    client.loop_start()
    return client

def saw(client, userdata, message):
    heard[message.topic[7:]].append(message.payload.decode())
    print("%4.1f s: %s %s" % (time.monotonic() - start, message.topic, message.payload.decode()), flush=True)

watcher = Client(CallbackAPIVersion.VERSION2, "watcher")
watcher.on_message = saw
watcher.on_connect = lambda c, *a: c.subscribe("status/#", 1)
watcher.connect("127.0.0.1", broker, 60)
watcher.loop_start()
devices = [device("quiet60", 60), device("quiet30", 30)]
while time.monotonic() - start < 54 and len(heard["quiet60"]) < 3:
    time.sleep(0.2)
sys.exit(heard != {"quiet60": ["online", "offline", "online"], "quiet30": ["online"]})
PY
sleep 1
mosquitto -h | head -1 || true
PYTHONPATH=lib python3 play.py "$broker" "$proxy"
grep 'Client quiet60' broker.log | cut -d' ' -f2-
