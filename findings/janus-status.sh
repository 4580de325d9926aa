#!/usr/bin/env bash
# Janus 1.1.2: the status of its MQTT event handler is right once; "disconnected" stays while it sends events.
#
# One would expect: <topic>/status is "connected", retained, whenever Janus is connected, and with will_enabled the
# last will puts "disconnected" there. Without will_enabled nothing of it is retained.
# What happens: "connected" is published in the callback of the first connection. Paho's library connects again by
# itself and calls another callback then, which Janus does not set: after one lost connection the will's
# "disconnected" stays for as long as Janus runs, while its events come as before. Without will_enabled, the default,
# "connected" is retained all the same and there is no will: after a kill it stays for ever.
# Presence: with a will a gateway for calls is away for ever after a stall; without one it can never be lost.
# What helps: believe "disconnected" only until the next event below <topic> (it is seen here); where nobody calls, and
# so nothing comes, ask Janus' HTTP API. Nothing in the configuration mends it.
# Versions: Debian 12's janus 1.1.2, libpaho-mqtt1.3 1.3.12, mosquitto 2.0.11, mosquitto-clients, curl. The
# result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill -9 $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
apt-get download -qq janus=1.1.2-1 libpaho-mqtt1.3=1.3.12-1 libconfig9 libnice10 libusrsctp2 libsrtp2-1 libgssdp-1.6-0 \
    libgupnp-1.6-0 libgupnp-igd-1.0-4 libsoup-3.0-0 libmicrohttpd12 libjansson4 libnghttp2-14 libpsl5 2> /dev/null
for package in *.deb; do dpkg -x "$package" unpacked; done
export LD_LIBRARY_PATH=$dir/unpacked/usr/lib/x86_64-linux-gnu
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port=$(free_port) api=$(free_port)
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
mkdir events transports none
cp -L "$LD_LIBRARY_PATH/janus/events/libjanus_mqttevh.so" events
cp -L "$LD_LIBRARY_PATH/janus/transports/libjanus_http.so" transports
# until_seen COUNT PATTERN: waits until the broker's log has so many lines of it.
until_seen() {
    for _ in $(seq 150); do [ "$(grep -c "$2" broker.log)" -ge "$1" ] && return; sleep 0.2; done
    tail -n 5 broker.log janus.log
    exit 1
}
# begin NAME WILL: starts Janus with that client id and topic.
begin() {
    mkdir "$1"
    cat > "$1/janus.jcfg" <<JCFG
general: { configs_folder = "$dir/$1", plugins_folder = "$dir/none", transports_folder = "$dir/transports",
    events_folder = "$dir/events", loggers_folder = "$dir/none", interface = "127.0.0.1" }
events: { broadcast = true }
JCFG
    echo "general: { http = true, https = false, ip = \"127.0.0.1\", port = $api }" > "$1/janus.transport.http.jcfg"
    echo "general: { enabled = true, url = \"tcp://127.0.0.1:$port\", client_id = \"$1\", topic = \"calls/$1\",
        keep_alive_interval = 2, events = \"all\", will_enabled = $2 }" > "$1/janus.eventhandler.mqttevh.jcfg"
    unpacked/usr/bin/janus -F "$dir/$1" -o > janus.log 2>&1 &
    janus=$!
    until_seen 1 "PUBLISH from $1 .*/status"
}
# status NAME: the retained word.
status() { mosquitto_sub -p "$port" -t "calls/$1/status" -C 1 -W 5 | grep -o 'connected\|disconnected' | head -1; }
{ unpacked/usr/bin/janus --version 2> /dev/null || true; } | grep '^Janus version'
begin with true
first=$(status with)
kill -STOP "$janus"
until_seen 1 'Client with .*timeout'
kill -CONT "$janus"
until_seen 2 'New client connected .* as with '
mosquitto_sub -p "$port" -t 'calls/with/#' -R -C 1 -W 20 -F %t > event.txt &
reader=$!
until_seen 1 'calls/with/#'
echo "a new session: $(curl -s -m 10 "http://127.0.0.1:$api/janus" -d '{"janus": "create", "transaction": "1"}' |
    grep -o success)"
wait "$reader"
sleep 2
again=$(status with) event=$(cat event.txt)
{ kill -9 "$janus"; wait "$janus" || true; } 2> /dev/null
begin without false
{ kill -9 "$janus"; wait "$janus" || true; } 2> /dev/null
until_seen 1 'Client without closed'
sleep 1
killed=$(status without)
echo "with a will: $first at first; after a stall of the process: $again, while it sends $event"
echo "without: $killed after kill -9"
[[ "$first/$again/$killed $event" == "connected/disconnected/connected calls/with/"?* && $event != */status ]] || {
    echo 'changed: connected, then disconnected with an event, and connected after the kill were to be seen'
    exit 1
}
