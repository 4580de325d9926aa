#!/bin/sh
# One sign of life of a device that is never connected for long: for cron, or at the end of a job.
#
#     * * * * * PRESENCE_USERNAME=carol PRESENCE_PASSWORD=demo-carol /path/to/heartbeat.sh [word]
#
# There is no will here: a device is lost if no other sign comes within PRESENCE_TTL seconds, 150 if
# not given: two and a half times the interval, so that a single one may be missed.
set -eu

fail() {
    printf 'heartbeat.sh: %s\n' "$*" >&2
    exit 2
}

user=${PRESENCE_USERNAME:?is whom to log in as}
device=${PRESENCE_ID:-$(uname -n)}
word=${1:-online}
ttl=${PRESENCE_TTL:-150}
password=${PRESENCE_PASSWORD:-}
newline='
'

# The bridge would answer to what is wrong on a topic that nobody reads here, the broker not at all.
case $word in
*[!A-Za-z0-9_-]* | ?????????????????????????????????*)
    fail "\"$word\" is no word: 1 to 32 of a-z, 0-9, _ and -"
    ;;
esac
case $ttl in
*[!0-9]* | 0* | ??????*) fail "PRESENCE_TTL is 5 to 86400 (seconds), not \"$ttl\"" ;;
esac
if [ "$ttl" -lt 5 ] || [ "$ttl" -gt 86400 ]; then
    fail "PRESENCE_TTL is 5 to 86400 (seconds), not $ttl"
fi
case $device in
\$* | *[/+#]*) fail "PRESENCE_ID is a name without / + # and no \$ at the start, not \"$device\"" ;;
esac
case $password in
*"$newline"*) fail "PRESENCE_PASSWORD: there must be no line break in it" ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Not on the command line, where everyone on the machine can see it. The rest of the line is the
# password as it stands, blanks and quotes included.
(umask 077 && [ -z "$password" ] || printf -- '--pw %s\n' "$password" >"$work/mosquitto_pub")

XDG_CONFIG_HOME=$work mosquitto_pub -V mqttv5 -q 1 -r \
    -h "${PRESENCE_HOST:-127.0.0.1}" -p "${PRESENCE_PORT:-1883}" -u "$user" \
    -t "presence/device/$user/$device" \
    -m "{\"status\":\"$word\",\"ttl\":$ttl}"
