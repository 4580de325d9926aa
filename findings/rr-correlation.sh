#!/usr/bin/env bash
# mosquitto_rr 2.0.11 takes any message on its response topic for the answer, also a retained one and another's
# answer.
#
# One would expect: the request and response tool sends Correlation Data (-D publish correlation-data) to know its
# answer by it, as MQTT 5 has it.
# What happens: the Correlation Data is sent and never looked at again. The first message on the topic of -e is
# printed, and the exit code is 0: the late answer to an earlier request, another's answer, or a retained message,
# which is there before the request has been answered. The tool makes no topic of its own: -e has to be given.
# Presence: a script that asks "is bob online?" with a fixed response topic, because an ACL knows that one only, reads
# the answer to its former question that had timed out: a status of the past as that of now.
# What helps: a response topic of one's own for each run, such as presence/response/alice/$$ with an ACL that ends in
# +, and no retained messages below it; or to compare an id in the answer's payload.
# Versions: Debian 12's mosquitto and mosquitto-clients 2.0.11 (2.1.2: the same). The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
for _ in $(seq 50); do mosquitto_pub -p "$port" -t ready -m 1 2> /dev/null && break; sleep 0.1; done
# serve FIRST...: hears one request and answers it with each FIRST, as WORDS of the correlation data ID (ID:WORDS).
serve() {
    local route
    route=$(mosquitto_sub -V mqttv5 -p "$port" -t request -F '%R' -C 1 -W 10)
    for answer in "$@"; do
        mosquitto_pub -V mqttv5 -p "$port" -q 1 -t "$route" -m "${answer#*:}" \
            -D publish correlation-data "${answer%%:*}"
    done
}
# ask TOPIC SERVER-ANSWER...: what mosquitto_rr prints for a request with the correlation data "now".
ask() {
    local topic=$1
    shift
    serve "$@" &
    local server=$!
    for _ in $(seq 50); do grep -q "SUBSCRIBE from" broker.log && break; sleep 0.1; done
    sleep 0.3
    mosquitto_rr -V mqttv5 -p "$port" -q 1 -t request -e "$topic" -m '?' -W 5 \
        -D publish correlation-data now || echo "exit code $?"
    wait $server
}
mosquitto_rr --help | head -1 || true
right=$(ask response/1 now:online)
other=$(ask response/2 'before:offline, of an hour ago' now:online)
mosquitto_pub -p "$port" -q 1 -r -t response/3 -m 'offline, retained'
retained=$(ask response/3 now:online)
echo "asked with correlation data 'now', answered with 'now': $right"
echo "answered with 'before', then with 'now': $other"
echo "a retained message on the response topic: $retained"
requests=$(grep -c "Received PUBLISH .* 'request'" broker.log)
echo "requests that the broker received: $requests"
[ "$right" = online ] && [ "$requests" = 3 ]
[ "$other" = 'offline, of an hour ago' ]
[ "$retained" = 'offline, retained' ]
