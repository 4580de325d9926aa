#!/usr/bin/env bash
# ejabberd 23.01: a user who is kicked, or whose account is deleted, stays connected by MQTT, and online.
#
# One would expect: ejabberd is one server for XMPP and MQTT with the same accounts. kick_user ends "the user's
# active sessions", connected_users lists who is connected, and unregister ends what the account had.
# What happens: these commands know XMPP's sessions alone. connected_users lists nobody, kick_user says 0 and
# unregister says that the account is gone; the MQTT connection goes on, gets messages, and its will is not
# published. Only the device's own end does that.
# Presence: a user who does not exist any more is online for as long as the device keeps its connection; who wants
# to see or end MQTT connections cannot use these commands. What helps: the application states the user offline when
# an account goes, and the device is told to leave; rights are to be taken from it by access rules.
# Versions: Debian 12's ejabberd 23.01-1 (installed) and mosquitto-clients 2.0.11. To be run as root or as ejabberd.
# The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
chmod 755 "$dir"
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port=$(free_port)
export ERL_EPMD_PORT
ERL_EPMD_PORT=$(free_port)
ctl() {
    ejabberdctl --config "$dir/ejabberd.yml" --ctl-config "$dir/ejabberdctl.cfg" --spool "$dir/spool" \
        --logs "$dir/logs" --node finding@localhost "$@"
}
end() {
    ctl stop > /dev/null 2>&1 && ctl stopped > /dev/null 2>&1 || true
    kill -9 $(jobs -p) 2> /dev/null || true
    epmd -port "$ERL_EPMD_PORT" -kill > /dev/null 2>&1 || true
    rm -rf "$dir"
}
trap end EXIT
cd "$dir"
cat > ejabberd.yml <<YML
hosts: [localhost]
auth_method: internal
listen:
  - {port: $port, ip: "127.0.0.1", module: mod_mqtt}
modules:
  mod_mqtt: {}
  mod_admin_extra: {}
YML
echo 'ERL_EPMD_ADDRESS=127.0.0.1' > ejabberdctl.cfg
mkdir spool logs
[ "$(id -u)" != 0 ] || chown ejabberd spool logs
dpkg-query -W -f '${Package} ${Version}\n' ejabberd mosquitto-clients
ctl foreground > ejabberd.log 2>&1 &
ctl started
for user in alice bob; do ctl register $user localhost secret; done
# -F with %p alone: one line for each message that alice's phone gets.
mosquitto_sub -p "$port" -u alice@localhost -P secret -i phone -q 1 -t news -F %p \
    --will-topic status/alice --will-payload offline --will-retain --will-qos 1 > phone.txt &
phone=$!
mosquitto_sub -p "$port" -u bob@localhost -P secret -i watcher -q 1 -t status/alice -F %p > watcher.txt &
for _ in $(seq 100); do [ "$(grep -c 'Opened MQTT session' ejabberd.log)" -ge 4 ] && break; sleep 0.1; done
say() { mosquitto_pub -p "$port" -u bob@localhost -P secret -q 1 "$@"; }
mosquitto_pub -p "$port" -u alice@localhost -P secret -q 1 -r -t status/alice -m online
listed=$(ctl connected_users)
echo "connected_users: '$listed'"
kicked=$(ctl kick_user alice localhost)
echo "kick_user alice: $kicked"
sleep 1
say -t news -m "after the kick"
ctl unregister alice localhost
sleep 1
say -t news -m "after the end of the account"
sleep 1
echo "alice's phone got: $(paste -sd, phone.txt); bob saw: $(paste -sd, watcher.txt)"
[ -z "$listed" ]
[ "$kicked" = 0 ]
kill -0 $phone
[ "$(paste -sd, phone.txt)" = "after the kick,after the end of the account" ]
[ "$(cat watcher.txt)" = online ]
kill -9 $phone
sleep 1
echo "and when the phone is killed: $(paste -sd, watcher.txt)"
[ "$(paste -sd, watcher.txt)" = online,offline ]
