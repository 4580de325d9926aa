#!/usr/bin/env bash
# Starts a mosquitto and the bridge in the foreground, for trying things out; Ctrl-C ends both.
#
#     [PORT=1883] [WEB_PORT=8083] [PLUGIN=1] [STORE=postgresql] [MOSQUITTO=/path/to/mosquitto] scripts/run.sh \
#         [option of presence-bridge ...]
#
# The broker is examples/mosquitto.conf with demo users, on the loopback address; with PLUGIN=1 it is
# examples/mosquitto-plugin.conf, whose rights come from the plugin. If something listens on the port
# already, that is the broker. With WEB_PORT, the broker, which then must be one
# of its own, serves the page in examples/web and MQTT over WebSockets at that port. With
# STORE=postgresql the store is in a PostgreSQL of its own (scripts/postgresql.sh), which ends with the
# rest. Everything is written to run/ in the checkout.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/mosquitto-path.sh
port=${PORT:-1883}
web_port=${WEB_PORT:-}
store=${STORE:-}
bridge=.build/release/presence-bridge
plugin=
broker_conf=examples/mosquitto.conf
if [ -n "${PLUGIN:-}" ]; then
    plugin=.build/release/libPresencePlugin.so
    broker_conf=examples/mosquitto-plugin.conf
fi
host=127.0.0.1
broker_log=run/mosquitto.log
broker_pid=
bridge_pid=
announcer_pid=
postgresql=

fail() {
    echo "run.sh: $*" >&2
    exit 1
}

# Whether something listens on a port.
listening() {
    (exec 3<>"/dev/tcp/$host/$1") 2>/dev/null
}

is_port() {
    [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] && [ "$1" -le 65535 ]
}

# mosquitto_sub with the bridge's own login.
as_bridge() {
    mosquitto_sub -h "$host" -p "$port" -u presence-bridge -P "$(cat run/bridge.password)" "$@"
}

# Debian and Ubuntu start the broker of the package as soon as it is installed.
service_hint="If it is the service of the package mosquitto: sudo systemctl stop mosquitto"

# Called by the trap. The bridge first, so that its last words reach the broker, which then writes them down.
# shellcheck disable=SC2317
end() {
    trap - EXIT INT TERM HUP
    local pid
    for pid in "$announcer_pid" "$bridge_pid" "$broker_pid"; do
        [ -n "$pid" ] || continue
        kill -TERM "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    [ -z "$postgresql" ] || scripts/postgresql.sh stop run/postgresql
}

# It is no child of this script: who ends it meanwhile sees what the bridge does without its store.
start_postgresql() {
    # These would tell the bridge of another one.
    # shellcheck disable=SC2086
    unset ${!PG@}
    postgresql=started
    PRESENCE_BRIDGE_STORE=$(scripts/postgresql.sh start run/postgresql 9>&-)
    echo "PostgreSQL has the store: psql '$PRESENCE_BRIDGE_STORE'"
}

start_broker() {
    # The paths in the example are relative to the checkout. What differs here: the port; an ACL
    # that only its owner can read, as later releases want it; and the user. A mosquitto that root
    # starts becomes the user "mosquitto", who can write nothing in somebody's checkout.
    {
        sed -e "s/^listener 1883 /listener $port /" -e 's|^acl_file .*|acl_file run/acl|' \
            "$broker_conf"
        [ "$(id -u)" -ne 0 ] || echo "user root"
        if [ -n "$web_port" ]; then
            printf '%s\n' "listener $web_port $host" "protocol websockets" "socket_domain ipv4" \
                "http_dir $PWD/examples/web"
        fi
        # For who changes users or rights: kill -HUP "$(cat run/mosquitto.pid)".
        echo "pid_file run/mosquitto.pid"
    } >run/mosquitto.conf
    install -m 600 examples/acl run/acl

    "$mosquitto" -c run/mosquitto.conf 2>"$broker_log" 9>&- &
    broker_pid=$!
    local deadline=$((SECONDS + 10))
    until listening "$port"; do
        if ! kill -0 "$broker_pid" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
            cat "$broker_log" >&2
            fail "mosquitto did not start; its log is above"
        fi
        sleep 0.05
    done
    echo "mosquitto listens on $host port $port; its log is $broker_log"
}

# A broker that was there before us has users of its own: say now what it lacks, not by a refused
# login in the bridge's log.
use_foreign_broker() {
    local answer
    echo "Something listens on $host port $port already: using it as the broker." \
        "(For one of its own: make run PORT=1884)"
    if ! answer=$(as_bridge -t 'presence/bridge/+' -E -W 5 2>&1 >/dev/null); then
        case $answer in
        *uthori* | *efused* | *"user name"*)
            fail "it refuses the user \"presence-bridge\" with the password in" \
                "run/bridge.password. Give it the users that examples/make-users.sh makes and the" \
                "rights in examples/acl, or choose another port: make run PORT=1884. $service_hint"
            ;;
        *)
            fail "what listens on $host port $port does not answer as an MQTT broker does${answer:+ ($answer)}." \
                "Choose another port: make run PORT=1884"
            ;;
        esac
    fi
    echo "It needs the rights in examples/acl; the commands below, the users of make-users.sh."
}

# What the broker has retained of bridges: one line for each.
bridge_states() { as_bridge -t 'presence/bridge/+' -W "$1" 2>/dev/null || true; }

# Whether one of the lines says that a bridge is online, and was not there before this one started:
# what an earlier bridge has said is retained.
is_news() {
    local line
    while IFS= read -r line; do
        case $line in *'"state":"online"'*)
            grep -qxF -e "$line" <<<"$states_before" || return 0
            ;;
        esac
    done
    return 1
}

# Says what to type, once there is a bridge to try it with.
announce() {
    local deadline=$((SECONDS + 30))
    while [ "$SECONDS" -lt "$deadline" ]; do
        if bridge_states 1 | is_news; then
            kill -0 "$bridge_pid" 2>/dev/null || return
            [ -z "$web_port" ] || cat <<END

The page is at  http://$host:$web_port/  for alice, bob and carol; the password is "demo-" and the
name. Open it twice, as two of them.
END
            [ -z "$plugin" ] || cat <<END

The plugin makes a device of every client: carol is online as long as this runs.

  mosquitto_sub -p $port -u carol -P demo-carol -t presence/event/carol
END
            cat <<END

The bridge is online. In another terminal, in this folder:

  mosquitto_sub -p $port -u monitor -P demo-monitor -v -t 'presence/#'
  mosquitto_pub -p $port -u bob -P demo-bob -t presence/device/bob/phone -q 1 -r -l --will-topic presence/device/bob/phone --will-payload lost --will-qos 1 --will-retain
  PRESENCE_PORT=$port examples/walkthrough.sh

The first shows all that happens. In the second, type online, then away: bob's phone; end it with
Ctrl-C. The third plays and explains a scene by itself. Here, Ctrl-C ends the bridge and the broker${store:+, and PostgreSQL}.

END
            return
        fi
    done
    echo "run.sh: the bridge has not said that it is online; see its log" >&2
}

is_port "$port" || fail "PORT=$port is no port: 1 to 65535"
if [ -n "$web_port" ]; then
    is_port "$web_port" || fail "WEB_PORT=$web_port is no port: 1 to 65535"
    [ "$port" -ne "$web_port" ] || fail "PORT and WEB_PORT must differ"
    [ -e examples/web/bundle.js ] || fail "examples/web/bundle.js is missing; make web"
    for taken in "$port" "$web_port"; do
        ! listening "$taken" || fail "something listens on $host port $taken already. The page needs" \
            "a broker of its own: end the other one, or make demo PORT=1884 WEB_PORT=8084." \
            "$service_hint"
    done
fi
case $store in
'') ;;
postgresql)
    [ -z "${PRESENCE_BRIDGE_STORE:-}" ] ||
        fail "PRESENCE_BRIDGE_STORE is set, and STORE=postgresql would be another store; take one of them"
    ;;
*) fail "STORE=$store is no store: postgresql, or nothing for SQLite" ;;
esac
[ -z "$plugin" ] || [ -e "$plugin" ] || fail "$plugin is missing; make plugin"
[ -x "$bridge" ] || fail "$bridge is missing; make build"

mkdir -p run
exec 9>run/lock
flock -n 9 || fail "it runs in this folder already"
examples/make-users.sh

trap end EXIT
trap 'exit 0' INT TERM HUP
[ -z "$store" ] || start_postgresql
# Process groups of their own: Ctrl-C comes to this script alone, which ends them in order.
set -m
if listening "$port"; then use_foreign_broker; else start_broker; fi

# What must fit the broker above. Everything else is as bridge.conf says.
export PRESENCE_BRIDGE_HOST=$host PRESENCE_BRIDGE_PORT=$port
export PRESENCE_BRIDGE_USERNAME=presence-bridge PRESENCE_BRIDGE_PASSWORD_FILE=run/bridge.password
export PRESENCE_BRIDGE_STORE=${PRESENCE_BRIDGE_STORE:-run/presence.db}
# What has changed is kept for the page's strips and for `presence history`, unless bridge.conf says for how long.
grep -q '^ *history_keep ' bridge.conf || export PRESENCE_BRIDGE_HISTORY_KEEP="${PRESENCE_BRIDGE_HISTORY_KEEP:-7d}"
# What the caller has exported for the command line `presence` is not the bridge's.
unset PRESENCE_USERNAME PRESENCE_PASSWORD PRESENCE_CAFILE
states_before=$(bridge_states 1)
"$bridge" --config bridge.conf "$@" 9>&- &
bridge_pid=$!
announce 9>&- &
announcer_pid=$!

wait -n "$bridge_pid" ${broker_pid:+"$broker_pid"} || true
kill -0 "$bridge_pid" 2>/dev/null || fail "the bridge has ended"
cat "$broker_log" >&2
fail "mosquitto has ended; its log is above"
