#!/usr/bin/env bash
# mosquitto 2.0.11: a QoS 1 message is thrown away on a live connection, since QoS 0 messages wait for the same client.
#
# One would expect: max_queued_messages counts messages of QoS 1 and 2, of which none waits here, and a broker that has
# acknowledged a QoS 1 message delivers it while its subscriber is connected; of QoS 0 it may drop what it likes.
# What happens: past 1,000 packets that wait for a socket, whatever their QoS, the next packet is freed before it is
# written. The broker takes a QoS 1 message for sent then: it stands in flight, and the subscriber, once it reads again,
# gets the chatter that waited, and later messages, but never this one. The publisher's PUBACK said success. The message
# comes only after the subscriber has connected once more, to the same session; without a session it is gone.
# Presence: a page of a monitor that is slow for a moment, subscribed to chatter and to presence, misses a change for as
# long as it stays connected. Read presence over a connection of its own, or set max_queued_messages to 0 or far higher;
# sync after a stall.
# Versions: Debian 12's mosquitto and mosquitto-clients 2.0.11. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill -9 $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -c mosquitto.conf > broker.log 2>&1 &
subscribe() { exec stdbuf -oL mosquitto_sub -p "$port" -i slow -c -q 1 -F "%t %q %l" -t chatter -t presence; }
publish() { mosquitto_pub -p "$port" -V 5 "$@"; }
until publish -t up -m 1 2>/dev/null; do sleep 0.1; done
has() { for _ in $(seq 100); do grep -q "$1" "$2" 2>/dev/null && return; sleep 0.1; done; return 1; }

subscribe > first &
sub=$!
until publish -t chatter -m ready && grep -q chatter first; do sleep 0.1; done
kill -STOP "$sub"
awk 'BEGIN { line = sprintf("%8000s", "x"); for (i = 0; i < 2000; i++) print line }' | publish -t chatter -l
publish -q 1 -t presence -m offline
echo "the publisher's QoS 1 message is acknowledged"
kill -CONT "$sub"
until publish -q 1 -t presence -m on && grep -q "^presence 1 2$" first; do sleep 0.1; done
echo "the next message of QoS 1 comes"
waited=$(grep -c "^chatter 0 8000" first)
echo "chatter that waited and came: $([ "$waited" -gt 1000 ] && [ "$waited" -lt 2000 ] && echo "over 1,000" || echo "$waited") of 2,000"
if grep -q "^presence 1 7$" first; then echo "the first one came, too"; exit 1; fi
echo "the first one does not"
kill "$sub"
subscribe > second &
has "^presence 1 7$" second
echo "it comes once the subscriber has connected again"
grep -q "Outgoing messages are being dropped for client slow" broker.log
