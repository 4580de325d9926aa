#!/usr/bin/env bash
# A birth that expires by itself does not expire behind a bridge of mosquitto 2.0.11, unless one line is added.
#
# One would expect: brokers that speak MQTT 5, joined by mosquitto's own bridge, pass on MQTT 5 messages whole.
# What happens: the bridge speaks MQTT 3.1.1 by default. Message Expiry Interval, user properties and content type
# are dropped on the way. A retained birth with an expiry (a lease: the device states it again in time, and is
# gone when it does not) ends on its own broker, and stays online for ever on the other.
# Presence: a lease made of Message Expiry is worth nothing behind a bridge, and a session number in a user
# property is lost. What helps: bridge_protocol_version mqttv50 in the bridge's configuration (run here, too), or
# the lease and the number in the payload.
# Versions: Debian 12's mosquitto and mosquitto-clients 2.0.11. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
read_status() {
    local found
    found=$(mosquitto_sub -p "$1" -V mqttv5 -t status/lamp -C 1 -W 2 -F '%p, user property %P' 2> /dev/null || true)
    echo "${found:-nothing}"
}
# play LINE: two brokers, the first with a bridge to the second, LINE in the bridge's configuration.
play() {
    local near far
    near=$(free_port) far=$(free_port)
    printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$far" > far.conf
    printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$near" > near.conf
    printf 'connection far\nremote_clientid bridge\naddress 127.0.0.1:%s\n%s\ntopic status/# out 1\n' \
        "$far" "$1" >> near.conf
    mosquitto -v -c far.conf > far.log 2>&1 &
    local first=$!
    mosquitto -v -c near.conf > near.log 2>&1 &
    local second=$!
    for _ in $(seq 100); do grep -q ' as bridge (p' far.log && break; sleep 0.1; done
    mosquitto_pub -p "$near" -V mqttv5 -t status/lamp -q 1 -r -m online \
        -D publish message-expiry-interval 4 -D publish user-property number 7
    for _ in $(seq 50); do grep -q 'Received PUBLISH.*status/lamp' far.log && break; sleep 0.1; done
    echo "the far broker's log: $(grep -o 'bridge (p[0-9]' far.log))"
    echo "at once: near $(read_status "$near"); far $(read_status "$far")"
    sleep 5
    echo "after 5 s: near $(read_status "$near"); far $(read_status "$far")"
    kill $first $second
    wait $first $second 2> /dev/null || true
}
mosquitto -h | head -1 || true
echo "bridge as configured by default:"
play "" | tee default.txt
echo "bridge_protocol_version mqttv50:"
play "bridge_protocol_version mqttv50" | tee five.txt
diff default.txt - <<'TXT'
the far broker's log: bridge (p2)
at once: near online, user property number:7; far online, user property 
after 5 s: near nothing; far online, user property 
TXT
diff five.txt - <<'TXT'
the far broker's log: bridge (p5)
at once: near online, user property number:7; far online, user property number:7
after 5 s: near nothing; far nothing
TXT
