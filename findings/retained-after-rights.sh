#!/usr/bin/env bash
# mosquitto 2.0.11: the last status of a user without rights stays readable; a check that is "on by default" is off.
#
# One would expect: what mosquitto.conf(5) says of check_retain_source: true is the default, and the source of a
# retained message is checked for its rights before the message is sent to a subscriber.
# What happens: without the line nothing is checked; a retained "online" of a user who may write nothing any more
# goes to every new reader, after a reload of the ACL file and after a restart. With the line check_retain_source
# true, which should change nothing, it is held back: the reader gets nothing, and no word that there was something.
# Presence: taking away a user's rights (or the user) leaves the last "online" for ever, and the device's will is
# dropped as well, since it has no right either. Clear a user's statuses when rights are taken. With the line, a reader
# who starts late sees nobody where an early reader still sees "online".
# Versions: Debian 12's mosquitto and mosquitto-clients 2.0.11. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
# The broker drops root's rights for those of the user mosquitto, who keeps its store here.
chmod 777 "$dir"
# play LINE: a broker with LINE in its configuration.
play() {
    local port broker
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    printf 'user bob\ntopic read status/#\n\nuser alice\ntopic write status/alice\n' > acl
    printf 'listener %s 127.0.0.1\nallow_anonymous true\nacl_file %s/acl\n' "$port" "$dir" > mosquitto.conf
    printf 'persistence true\npersistence_location %s/\n%s\n' "$dir" "$1" >> mosquitto.conf
    rm -f mosquitto.db
    start() {
        mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
        broker=$!
        for _ in $(seq 100); do grep -q 'running' broker.log && break; sleep 0.1; done
    }
    read_status() { mosquitto_sub -p "$port" -u bob -t status/alice -C 1 -W 2 2> /dev/null || echo nothing; }
    start
    mosquitto_sub -p "$port" -u alice -i phone -t none --will-topic status/alice --will-payload offline \
        --will-retain --will-qos 1 > /dev/null &
    local phone=$!
    for _ in $(seq 100); do grep -q 'as phone' broker.log && break; sleep 0.1; done
    mosquitto_pub -p "$port" -u alice -t status/alice -m online -q 1 -r
    echo "with her rights: $(read_status)"
    sed -i '/user alice/,$d' acl
    kill -HUP $broker
    sleep 0.5
    echo "without: $(read_status)"
    kill -9 $phone
    wait $phone 2> /dev/null || true
    sleep 0.5
    echo "after the death of her phone: $(read_status)"
    kill $broker
    wait $broker 2> /dev/null || true
    start
    echo "after a restart of the broker: $(read_status)"
    kill $broker
    wait $broker 2> /dev/null || true
}
mosquitto -h | head -1 || true
echo "no line about check_retain_source:"
play "" | tee default.txt
echo "check_retain_source true:"
play "check_retain_source true" | tee true.txt
[ "$(cut -d: -f2 default.txt | paste -sd,)" = " online, online, online, online" ]
[ "$(cut -d: -f2 true.txt | paste -sd,)" = " online, nothing, nothing, nothing" ]
