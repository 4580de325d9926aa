#!/bin/sh
# One sign of life of a device that is never connected for long: for cron, or at the end of a job.
#
#     * * * * * PRESENCE_USERNAME=carol PRESENCE_PASSWORD=demo-carol /path/to/heartbeat.sh [word]
#
# There is no will here: a device is lost if no other sign comes within PRESENCE_TTL seconds, 150 if
# not given: two and a half times the interval, so that a single one may be missed.
set -eu

user=${PRESENCE_USERNAME:?is whom to log in as}
device=${PRESENCE_ID:-$(uname -n)}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Not on the command line, where everyone on the machine can see it.
(umask 077 && echo "--pw ${PRESENCE_PASSWORD:-}" >"$work/mosquitto_pub")

XDG_CONFIG_HOME=$work mosquitto_pub -V mqttv5 -q 1 -r \
    -h "${PRESENCE_HOST:-127.0.0.1}" -p "${PRESENCE_PORT:-1883}" -u "$user" \
    -t "presence/device/$user/$device" \
    -m "{\"status\":\"${1:-online}\",\"ttl\":${PRESENCE_TTL:-150}}"
