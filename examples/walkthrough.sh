#!/usr/bin/env bash
# Presence with nothing but mosquitto's own command line tools, against a running broker and
# bridge (`make run`): bob's phone comes online, alice is told what becomes of it.
#
#     [PRESENCE_HOST=127.0.0.1] [PRESENCE_PORT=1883] examples/walkthrough.sh
#
# It needs the demo users of examples/make-users.sh, and ends with 1 if something that the
# protocol promises does not come in time.
set -euo pipefail

host=${PRESENCE_HOST:-127.0.0.1}
port=${PRESENCE_PORT:-1883}
# How long to wait for anything at all, in seconds: longer than the bridge's offline_grace.
patience=15

work=$(mktemp -d)
events=$work/events
# They are looked into before those who write them have begun.
touch "$events" "$work/status" "$work/alice"
bob_pid=
alice_pid=

step() { printf '\n* %s\n' "$*"; }
show() { printf '    %s\n' "$@"; }
fail() {
    printf '\nwalkthrough.sh: %s\n' "$*" >&2
    exit 1
}

# as USER TOOL ARGUMENT...: one of the tools, with the login of that demo user.
as() {
    local user=$1 tool=$2
    shift 2
    "$tool" -h "$host" -p "$port" -u "$user" -P "demo-$user" "$@"
}

# The same for the background: the process that is started is the tool itself, and $! its id.
start_as() {
    local user=$1 tool=$2
    shift 2
    exec "$tool" -h "$host" -p "$port" -u "$user" -P "demo-$user" "$@"
}

# ask USER DEVICE OPERATION JSON: one request, and its answer on standard output. mosquitto_rr
# subscribes to the topic after -e, and names it in the request as the MQTT 5 Response Topic.
ask() {
    as "$1" mosquitto_rr -V mqttv5 -q 1 -W "$patience" -e "presence/response/$1/$2" \
        -t "presence/request/$1/$2/$3" -m "$4" ||
        fail "no answer to $3 on presence/response/$1/$2 within $patience s"
}

# answer PATTERN ANSWER: shows an answer, and insists that it contains what the scene needs.
answer() {
    show "$2"
    case $2 in *$1*) ;; *) fail "expected $1 in this answer" ;; esac
}

# await_event MARK REGEX WHAT: waits for a line after line MARK of alice's events.
await_event() {
    local deadline=$((SECONDS + patience)) line
    until line=$(tail -n "+$(($1 + 1))" "$events" | grep -m 1 -E -- "$2"); do
        kill -0 "$alice_pid" 2>/dev/null || fail "alice's connection broke: $(cat "$work/alice")"
        [ "$SECONDS" -lt "$deadline" ] || fail "alice was not told within $patience s that $3"
        sleep 0.05
    done
    show "$line"
}
mark() { wc -l <"$events"; }

# Called by the trap.
# shellcheck disable=SC2317
clean_up() {
    trap - EXIT
    [ -z "$bob_pid" ] || kill -KILL "$bob_pid" 2>/dev/null || true
    [ -z "$alice_pid" ] || kill -TERM "$alice_pid" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

for tool in mosquitto_pub mosquitto_sub mosquitto_rr; do
    command -v "$tool" >/dev/null || fail "$tool is missing (apt install mosquitto-clients)"
done

step "Is there a bridge? Its state is retained on presence/bridge/<bridge id>."
state=$(as alice mosquitto_sub -t 'presence/bridge/+' -C 1 -W 5 2>&1) ||
    fail "no bridge at $host port $port (make run): ${state:-it has never said that it is there}"
answer '"state":"online"' "$state"

bob=$(ask alice laptop get '{"usernames":["bob"],"brief":true}')
case $bob in *'"bob":false'*) ;; *)
    fail "bob must be offline for this scene. End his other devices, wait a moment, try again: $bob"
    ;;
esac

step "bob's phone connects, with a will that says \"lost\", and states \"online\"."
# mosquitto_pub -l publishes each line it reads, on one connection: the pipe stays open, and so
# does the connection.
mkfifo "$work/bob"
start_as bob mosquitto_pub -t presence/device/bob/phone -q 1 -r -l \
    --will-topic presence/device/bob/phone --will-payload lost --will-qos 1 --will-retain \
    <"$work/bob" &
bob_pid=$!
# Not a job of the shell, which would report its violent death.
disown "$bob_pid"
exec 3>"$work/bob"
echo online >&3
# What is there comes first, as a retained message; the deadline is for the one that is awaited.
start_as bob mosquitto_sub -t presence/status/bob -W "$patience" >"$work/status" 3>&- &
reader=$!
deadline=$((SECONDS + patience))
until grep -q '"online":true' "$work/status"; do
    [ "$SECONDS" -lt "$deadline" ] || fail "bob did not come online within $patience s"
    sleep 0.05
done
kill "$reader" 2>/dev/null || true
show "$(grep -m 1 '"online":true' "$work/status")"

step "alice's laptop connects, listens for her events, and states \"online\" too."
start_as alice mosquitto_sub -q 1 -v -t presence/event/alice -t 'presence/bridge/+' \
    --will-topic presence/device/alice/laptop --will-payload lost --will-qos 1 --will-retain \
    >"$events" 2>"$work/alice" 3>&- &
alice_pid=$!
# The retained state of the bridge shows that both subscriptions are in place.
await_event 0 '^presence/bridge/' "there is a bridge"
as alice mosquitto_pub -t presence/device/alice/laptop -q 1 -r -m online

step "alice subscribes to bob for an hour. The answer brings his status."
answer '"subscribed":[{"username":"bob"' \
    "$(ask alice laptop subscribe '{"id":1,"usernames":["bob"],"expiry":3600}')"

step "bob goes away: one word on the topic of his phone, and alice is told."
before=$(mark)
echo away >&3
await_event "$before" '"username":"bob".*"status":"away"' "bob is away"

step "bob says what he is doing: the operation \"publish\"."
before=$(mark)
# Other words each time: the same ones again would be no change, and nobody would be told.
words="having tea, cup $$"
answer "$words" "$(ask bob phone publish "{\"id\":2,\"description\":\"$words\"}")"
await_event "$before" "\"username\":\"bob\".*\"description\":\"$words\"" "bob has a description"

step "bob's phone dies (kill -9). The broker sends its will; a grace later alice is told."
before=$(mark)
kill -KILL "$bob_pid"
bob_pid=
await_event "$before" '"username":"bob","online":false.*"cause":"lost"' "bob is offline"

step "alice asks who is online."
answer '"alice"' "$(ask alice laptop online '{"id":3}')"

step "alice logs out: \"offline\" on her device topic. That was all."
as alice mosquitto_pub -t presence/device/alice/laptop -q 1 -r -m offline
