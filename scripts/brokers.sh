#!/usr/bin/env bash
# Plays the README's tour on other brokers, and says what worked: docs/brokers.md is what it compares
# with.
#
#     [BRIDGE=.build/release/presence-bridge] scripts/brokers.sh [mosquitto|ejabberd|nats|rabbitmq ...]
#
# Each broker runs on free ports of the loopback address, with the smallest rights, in a temporary
# folder; all that is started here ends here. The broker of each name, its rights, and what is
# expected of it are in scripts/brokers/. Ends with 0 when each did what is expected, with 1
# otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

. scripts/mosquitto-path.sh
bridge=${BRIDGE:-.build/release/presence-bridge}
[ "${bridge#/}" != "$bridge" ] || bridge=$root/$bridge
# What pip installs.
# shellcheck disable=SC2034
tools=$root/.build/brokers
names=("$@")
[ ${#names[@]} -gt 0 ] || names=(mosquitto ejabberd nats rabbitmq)
steps=(connects serves answers events describes lost lists status wildcard restored restart)

. scripts/brokers/tour.sh

[ -x "$bridge" ] || { echo "brokers.sh: $bridge is missing; make build" >&2; exit 1; }
for name in "${names[@]}"; do
    case $name in
    mosquitto | ejabberd | nats | rabbitmq) ;;
    *)
        echo "brokers.sh: \"$name\" is none of mosquitto, ejabberd, nats, rabbitmq" >&2
        exit 2
        ;;
    esac
done

here=$(mktemp -d)
chmod 755 "$here"
pids=()

# Starts a program in a process group of its own, and notes it as one to end.
start() {
    local log=$1
    shift
    setsid "$@" >>"$log" 2>&1 </dev/null &
    started=$!
    # Its end is not told on the terminal.
    disown "$started"
    pids+=("$started")
}

# Asks a program that start() started to end, and waits; what does not end within 20 s is killed.
stop() {
    local pid=$1 deadline=$((SECONDS + 20))
    kill -TERM "$pid" 2>/dev/null || return 0
    while kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.1; done
    kill -KILL -- "-$pid" 2>/dev/null || true
}

# Called by the trap.
# shellcheck disable=SC2317
end() {
    trap - EXIT INT TERM HUP
    local pid
    for pid in "${pids[@]}"; do kill -TERM -- "-$pid" 2>/dev/null || true; done
    sleep 1
    for pid in "${pids[@]}"; do kill -KILL -- "-$pid" 2>/dev/null || true; done
    rm -rf "$here"
}
trap end EXIT
trap 'exit 1' INT TERM HUP

# A port that is free now.
free_port() {
    /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Tries a command until it succeeds, for so many seconds.
within() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

declare -A seen
table=()
failures=0

# Plays one broker from its start to its end.
play() {
    local name=$1 step row cell
    run=$here/$name
    mkdir "$run"
    port=$(free_port)
    seen=()
    flags=()
    declare -gA expected=()
    # shellcheck disable=SC1090
    . "scripts/brokers/$name.sh"
    echo "--- $name"
    if ! broker_start || ! within 60 listening "$port"; then
        echo "$name did not start:" >&2
        tail -n 20 "$run/broker.log" >&2 || true
        failures=$((failures + 1))
        return
    fi
    title="$(broker_version), MQTT $version"
    tour
    stop "$broker_pid"
    local -i before=$failures
    row=$title
    for step in "${steps[@]}"; do
        cell=${seen[$step]:--}
        if [ "$cell" != "${expected[$step]:-yes}" ]; then
            cell="$cell (expected: ${expected[$step]:-yes})"
            failures=$((failures + 1))
        fi
        row+=$'\t'$cell
    done
    table+=("$row")
    if [ "$failures" -gt "$before" ]; then
        echo "the bridge's log:" >&2
        tail -n 20 "$run/bridge.log" >&2
        echo "the broker's log:" >&2
        tail -n 20 "$run/broker.log" >&2
    fi
}

for name in "${names[@]}"; do play "$name"; done

echo
# One line for each step, one column for each broker.
printf '%-10s' ""
for row in ${table[@]+"${table[@]}"}; do printf '  %-26s' "${row%%$'\t'*}"; done
echo
for index in "${!steps[@]}"; do
    printf '%-10s' "${steps[$index]}"
    for row in ${table[@]+"${table[@]}"}; do
        printf '  %-26s' "$(cut -f $((index + 2)) <<<"$row")"
    done
    echo
done
echo
if [ "$failures" -gt 0 ]; then
    echo "$failures differ from docs/brokers.md" >&2
    exit 1
fi
echo "Each did what docs/brokers.md says."
