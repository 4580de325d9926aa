#!/usr/bin/env bash
# Makes the demo users for examples/mosquitto.conf: alice, bob, carol, monitor and presence-bridge.
#
#     examples/make-users.sh [folder]        the default folder is run/ in the checkout
#
# It writes <folder>/passwd for mosquitto, and <folder>/bridge.password, which the bridge reads
# (password_file). A user who is there already is left alone, so it can be run again at any time.
# The password of each user is "demo-" and the name. They are published here: never let this file
# near a broker that others can reach.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:-$root/run}
passwd=$folder/passwd
bridge=presence-bridge
bridge_password=$folder/bridge.password

if ! command -v mosquitto_passwd >/dev/null; then
    echo "make-users.sh: mosquitto_passwd is missing; it comes with mosquitto (apt install mosquitto)" >&2
    exit 1
fi

# Passwords are nobody else's business, and later releases of mosquitto insist on it.
umask 077
mkdir -p "$folder"
touch "$passwd"

has_user() {
    grep -q "^$1:" "$passwd"
}

for user in alice bob carol monitor; do
    has_user "$user" || mosquitto_passwd -b "$passwd" "$user" "demo-$user"
done

# These two belong together: without the file, nobody knows the password in the other.
if ! has_user "$bridge" || [ ! -s "$bridge_password" ]; then
    mosquitto_passwd -b "$passwd" "$bridge" "demo-$bridge"
    printf '%s\n' "demo-$bridge" >"$bridge_password"
fi
