#!/usr/bin/env bash
# Runs mosquitto under valgrind with the built plugin and everything in it on, through a short
# scene; ends with an error if valgrind finds anything, or the plugin does not do what it should.
# Then runs every integration test with the plugin in place of the access control list.
#
#     scripts/check-plugin.sh [valgrind] [tests]
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- valgrind tests

. scripts/mosquitto-path.sh
plugin=$PWD/.build/release/libPresencePlugin.so

free_port() {
    local port
    while port=$((20000 + RANDOM % 20000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
    echo "$port"
}

fail() {
    echo "check-plugin.sh: $1" >&2
    exit 1
}

await() {
    local what=$1
    shift
    for _ in $(seq 300); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    fail "waited in vain for $what"
}

run_valgrind() {
    command -v valgrind >/dev/null || {
        echo "Skipped: valgrind is not installed." >&2
        return
    }
    folder=$(mktemp -d)
    local port broker watcher plain status
    port=$(free_port)
    trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
    printf '%s:%s\n' alice alice bob bob bridge bridge monitor monitor >"$folder/passwords"
    chmod 600 "$folder/passwords"
    mosquitto_passwd -U "$folder/passwords"
    cat >"$folder/mosquitto.conf" <<-END
	listener $port 127.0.0.1
	$([ "$(id -u)" -ne 0 ] || echo user root)
	allow_anonymous false
	password_file $folder/passwords
	persistence true
	persistence_location $folder/
	log_dest file $folder/log
	plugin $plugin
	plugin_opt_auto_presence true
	plugin_opt_acl true
	plugin_opt_bridge_users bridge
	plugin_opt_monitor_users monitor
	END
    valgrind --quiet --leak-check=full --show-leak-kinds=definite \
        --errors-for-leak-kinds=definite --suppressions=scripts/valgrind-plugin.txt --error-exitcode=9 \
        --log-file="$folder/valgrind" "$(command -v "$mosquitto")" -c "$folder/mosquitto.conf" 2>/dev/null &
    broker=$!
    # What runs beside this is started without a function, so that its number is its own.
    local at=(-h 127.0.0.1 -p "$port" -V mqttv5) crowd=()
    as() { # user, program, further arguments
        "$2" "${at[@]}" -u "$1" -P "$1" "${@:3}"
    }
    await "the broker" as bridge mosquitto_pub -t presence/x -n
    mosquitto_sub "${at[@]}" -u monitor -P monitor -t 'presence/#' -v >"$folder/seen" &
    watcher=$!
    mosquitto_sub "${at[@]}" -u bob -P bob -i plain -t presence/event/bob -q 1 >"$folder/events" &
    plain=$!
    await "bob's device" grep -q 'device/bob/plain.*online' "$folder/seen"
    # Refused: a wrong password, another's client id, topics and filters that are not one's own.
    mosquitto_pub -h 127.0.0.1 -p "$port" -u bob -P wrong -i plain -t x -n 2>/dev/null || true
    as alice mosquitto_pub -i plain -t x -n 2>/dev/null || true
    as alice mosquitto_pub -q 1 -t presence/status/bob -m x 2>/dev/null || true
    as alice mosquitto_sub -W 1 -t presence/event/bob 2>/dev/null || true
    as alice mosquitto_pub -q 1 -t "\$CONTROL/presence/v1" -m '{"hello":1}' 2>/dev/null || true
    # Who speaks for itself, with a will.
    as alice mosquitto_pub -q 1 -t presence/device/alice/phone -m busy -r \
        --will-topic presence/device/alice/phone --will-payload lost
    # The bridge's side, broken messages first.
    for payload in '' '{' '{}' '{"fanout":7}' '{"hello":1}'; do
        as bridge mosquitto_pub -q 1 -t "\$CONTROL/presence/v1" -m "$payload"
    done
    printf '{"fanout":["bob","alice"],"expiry":60}\n[1]' |
        as bridge mosquitto_pub -q 1 -t "\$CONTROL/presence/v1" -s
    await "bob's event" grep -q '\[1\]' "$folder/events"
    as bridge mosquitto_pub -q 1 -t presence/response/bob/plain -m '{"operation":"announce"}'
    # A crowd that comes and goes, and a reload in its midst.
    for index in $(seq 20); do
        mosquitto_sub "${at[@]}" -u bob -P bob -i "crowd-$index" -t presence/event/bob >/dev/null &
        crowd+=($!)
    done
    await "the crowd" grep -q 'crowd-20.*online' "$folder/seen"
    kill -HUP "$broker"
    kill -KILL "$plain"
    await "bob's going" grep -q 'device/bob/plain.*lost' "$folder/seen"
    kill "${crowd[@]}"
    # mosquitto 2.0 does not say that they went properly.
    await "the crowd's going" grep -q 'crowd-20.*\(lost\|offline\)' "$folder/seen"
    kill -TERM "$broker"
    status=0
    wait "$broker" || status=$?
    kill "$watcher" 2>/dev/null || true
    cat "$folder/valgrind" >&2
    [ $status -eq 0 ] || fail "mosquitto with the plugin ended with $status under valgrind"
    echo "valgrind finds nothing"
}

for part in "$@"; do
    case $part in
    valgrind) run_valgrind ;;
    tests)
        swift build --build-tests
        INTEGRATION_ACCESS=plugin SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=16 \
            swift test --skip-build --filter IntegrationTests
        ;;
    *) fail "\"$part\" is none of valgrind, tests" ;;
    esac
done
