# shellcheck shell=bash
# To be sourced: which mosquitto is used. MOSQUITTO=/path/to/mosquitto names one, whose programs lie
# beside it or in the folder bin next to its own; without it, it is the one on the PATH. Sets
# mosquitto to what is to be started.

# Programs of the system are not on every user's PATH.
PATH=$PATH:/usr/local/sbin:/usr/sbin
# shellcheck disable=SC2034
mosquitto=mosquitto
if [ -n "${MOSQUITTO:-}" ]; then
    if [ ! -f "$MOSQUITTO" ] || [ ! -x "$MOSQUITTO" ]; then
        echo "MOSQUITTO=$MOSQUITTO is no program: it must be the path of a mosquitto" >&2
        exit 2
    fi
    MOSQUITTO=$(cd "$(dirname "$MOSQUITTO")" && pwd)/$(basename "$MOSQUITTO")
    # shellcheck disable=SC2034
    mosquitto=$MOSQUITTO
    PATH=$(dirname "$MOSQUITTO"):$(dirname "$(dirname "$MOSQUITTO")")/bin:$PATH
fi
