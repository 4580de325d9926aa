# shellcheck shell=bash
# shellcheck disable=SC2004,SC2016,SC2034,SC2154
# To be sourced by brokers.sh: the README's tour, and what comes after it, on one broker. Notes in
# seen[step] what happened. The bridge is $bridge with $flags, the broker listens on $port, clients
# speak MQTT $version; files go to $run.

# The login of a user, for mosquitto's programs.
login() {
    printf '%s\n' -V "$([ "$version" = 5 ] && echo 5 || echo 311)" -h 127.0.0.1 -p "$port" \
        -u "$1" -P "demo-$1"
}

# One of mosquitto's programs as a user: as PROGRAM USER ARGUMENT ...
as() {
    local program=$1 user=$2 options
    shift 2
    mapfile -t options < <(login "$user")
    "$program" "${options[@]}" "$@"
}

# A request of alice's and its answer.
ask() {
    as mosquitto_rr alice -W 5 -q 1 -e presence/response/alice/laptop \
        -t "presence/request/alice/laptop/$1" -m "$2"
}

# What is retained on a topic, or on those that match a filter, for monitor.
retained() { as mosquitto_sub monitor -W 3 -C 1 -v -t "$1" 2>/dev/null; }

# Tries a command, for so many seconds, and notes whether it succeeded.
check() {
    local step=$1 code=0
    shift
    within "$@" || code=$?
    if [ "$code" -eq 0 ]; then seen[$step]=yes; else seen[$step]=no; fi
}

answers() { ask subscribe '{"id":1,"usernames":["bob"],"expiry":3600}' | grep -q '"username":"bob"'; }
describes() { ask publish '{"id":2,"description":"tea"}' | grep -q '"description":"tea"'; }
is_listed() { ask online '{}' | grep -q "\"$1\""; }
is_not_listed() { ask online '{}' | grep -q '"total":0'; }
is_told() { grep -q "\"username\":\"bob\".*\"$1\"" "$run/events.log"; }
is_retained() { retained "$1" | grep -q "$2"; }
is_said() { grep -qE "$1" "$run/bridge.log"; }

start_bridge() {
    start "$run/bridge.log" env "PRESENCE_BRIDGE_STORE=$run/$1.db" "$bridge" --host 127.0.0.1 \
        --port "$port" --username presence-bridge --password demo-presence-bridge \
        --broker_restart_grace 3s ${flags[@]+"${flags[@]}"}
    bridge_pid=$started
}

# A device that states a word, has the will "lost", and stays: phone USER WORD.
phone() {
    local topic=presence/device/$1/phone options
    mapfile -t options < <(login "$1")
    # Its standard input stays open, as that of somebody who types.
    start "$run/phone.log" bash -c '{ echo "$1"; exec sleep 600; } | exec "${@:2}"' phone "$2" \
        mosquitto_pub "${options[@]}" -t "$topic" -q 1 -r -l --will-topic "$topic" \
        --will-payload lost --will-qos 1 --will-retain
    phone_pid=$started
}

# Kills a device with all that it consists of, so that the broker sends its will.
kill_phone() { kill -KILL -- "-$phone_pid" 2>/dev/null || true; }

tour() {
    local listener
    mapfile -t options < <(login alice)
    start "$run/events.log" mosquitto_sub "${options[@]}" -q "${event_qos:-1}" -t presence/event/alice
    listener=$started
    start_bridge first
    check connects 20 is_said 'connected to the broker'
    check serves 20 is_retained "presence/bridge/presence-bridge" '"state":"online"'
    if [ "${seen[serves]}" = no ]; then
        ! is_said 'does not serve' || seen[serves]='no, and says why'
        stop "$bridge_pid"
        stop "$listener"
        return
    fi
    check answers 10 answers
    phone bob online
    within 10 is_told online || true
    as mosquitto_pub bob -q 1 -r -t presence/device/bob/phone -m away || true
    check events 10 is_told away
    check describes 10 describes
    kill_phone
    check lost 15 is_told lost
    check lists 10 is_not_listed
    check status 10 is_retained presence/status/bob '"cause":"lost"'
    check wildcard 10 is_retained 'presence/status/+' '"username"'
    # A bridge that knows nothing finds who is online by what the broker retains.
    phone carol online
    within 10 is_listed carol || true
    sleep 1
    stop "$bridge_pid"
    start_bridge second
    check restored 15 is_listed carol
    # The broker is stopped and started, and carol does not come back. A bridge that did not know
    # her before has nothing to show.
    stop "$broker_pid"
    kill_phone
    broker_start
    within 60 listening "$port"
    within 30 is_retained presence/bridge/presence-bridge '"state":"online"' || true
    [ "${seen[restored]}" = no ] || check restart 20 is_not_listed
    stop "$bridge_pid"
    stop "$listener"
}
