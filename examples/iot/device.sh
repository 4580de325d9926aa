#!/bin/sh
# A device that is online while this runs, with nothing but mosquitto_pub and a POSIX shell.
#
#     PRESENCE_USERNAME=carol PRESENCE_PASSWORD=demo-carol device.sh [command [argument ...]]
#
# The command, if there is one, prints the device's word each time that it states itself; "online"
# if there is none, "failing" if it fails or prints what is no word. TERM, INT and HUP log out. Also in
# the environment: PRESENCE_HOST, PRESENCE_PORT, PRESENCE_ID (the device's name), PRESENCE_TTL,
# PRESENCE_CAFILE.
set -eu

fail() {
    printf 'device.sh: %s\n' "$*" >&2
    exit 2
}

host=${PRESENCE_HOST:-127.0.0.1}
port=${PRESENCE_PORT:-1883}
user=${PRESENCE_USERNAME:?is whom to log in as}
device=${PRESENCE_ID:-$(uname -n)}
# Three statements within the ttl: two may be lost, or come late. It is also the time after which
# a device that was cut off is back at the latest.
ttl=${PRESENCE_TTL:-30}
case $ttl in
'' | *[!0-9]* | 0* | ??????*) fail "PRESENCE_TTL is 5 to 86400 (seconds), not \"$ttl\"" ;;
esac
if [ "$ttl" -lt 5 ] || [ "$ttl" -gt 86400 ]; then
    fail "PRESENCE_TTL is 5 to 86400 (seconds), not $ttl"
fi
interval=$((ttl / 3))
retry=5

# It becomes a topic, where the broker would let nothing through, and not say so.
case $device in
'' | \$* | *[/+#]*) fail "PRESENCE_ID is a name without / + # and no \$ at the start, not \"$device\"" ;;
esac

newline='
'
case $host$port$user${PRESENCE_PASSWORD:-}${PRESENCE_CAFILE:-} in
*"$newline"*) fail "there must be no line break in PRESENCE_PASSWORD, nor in the other settings" ;;
esac

work=$(mktemp -d)
publisher=
heartbeat=
pacemaker=

# A password on the command line can be seen by everyone on the machine; mosquitto_pub also reads its
# options from a file. There the rest of a line is the value as it stands, blanks and quotes included.
option() { # NAME VALUE
    [ -z "$2" ] || printf -- '--%s %s\n' "$1" "$2"
}
(
    umask 077
    {
        option host "$host"
        option port "$port"
        option username "$user"
        option pw "${PRESENCE_PASSWORD:-}"
        option cafile "${PRESENCE_CAFILE:-}"
    } >"$work/mosquitto_pub"
)
mkfifo "$work/statements"

# The first line that the command prints, without the white space around it, if that is a word. The
# bridge would answer to anything else on a topic that nobody reads here.
word() { # [COMMAND [ARGUMENT ...]]
    [ $# -gt 0 ] || set -- echo online
    line=$({ "$@" || echo failing; } | sed -n '1 { s/^[[:space:]]*//; s/[[:space:]]*$//; p; q; }')
    case $line in
    '' | *[!A-Za-z0-9_-]* | ?????????????????????????????????*)
        echo "device.sh: \"$line\" is no word: 1 to 32 of a-z, 0-9, _ and -; it is failing until then" >&2
        line=failing
        ;;
    esac
    echo "$line"
}

statement() { # WORD
    printf '{"status":"%s","ttl":%d,"session":"%s"}\n' "$1" "$ttl" "$session"
}

# Everything the device says, on one connection: the birth, and then the signs of life, for as long
# as the script itself ($$) is alive. A sleep that outlives this must not keep the pipe open.
state_again_and_again() {
    while kill -0 $$ 2>/dev/null; do
        statement "$(word "$@")" >&3 || exit
        sleep "$interval" >/dev/null 2>&1 3>&-
    done
}

stop() { # PROCESS
    [ -z "$1" ] || kill "$1" 2>/dev/null || true
}

# The last word, and the end of what mosquitto_pub reads: it waits for the broker to acknowledge all
# of it, and disconnects. If there is no broker, it would wait for ever.
log_out() {
    trap - TERM INT HUP
    stop "$heartbeat"
    if [ -n "$publisher" ] && kill -0 "$publisher" 2>/dev/null; then
        statement offline >&3 || true
        exec 3>&-
        (sleep "$retry" && kill "$publisher") >/dev/null 2>&1 &
        pacemaker=$!
        wait "$publisher" || true
        stop "$pacemaker"
    fi
    exit 0
}

trap 'stop "$publisher"; rm -rf "$work"' EXIT
trap log_out TERM INT HUP
# Writing to a mosquitto_pub that has ended is an error, not the end.
trap '' PIPE

while :; do
    # Each connection has a session of its own, so that a will that comes late is known by it.
    session=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
    # -l publishes line by line on one connection, and connects again by itself if it breaks.
    XDG_CONFIG_HOME=$work mosquitto_pub -V mqttv5 -q 1 -r -l -t "presence/device/$user/$device" \
        --will-topic "presence/device/$user/$device" --will-qos 1 --will-retain \
        --will-payload "{\"status\":\"lost\",\"session\":\"$session\"}" <"$work/statements" &
    publisher=$!
    exec 3>"$work/statements"
    state_again_and_again "$@" &
    heartbeat=$!
    # It ends when the first connection cannot be made; it has said why.
    wait "$publisher" || true
    stop "$heartbeat"
    exec 3>&-
    echo "device.sh: not connected; trying again in $retry s" >&2
    sleep "$retry" &
    wait $! || true
done
