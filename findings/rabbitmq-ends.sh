#!/usr/bin/env bash
# RabbitMQ 3.10.8: closing a user's connections leaves MQTT's open; deleting the user closes them without the will.
#
# One would expect: rabbitmqctl close_all_user_connections closes what the user has open, and whoever is thrown out
# so has his will published, as when a connection breaks: he did not say DISCONNECT.
# What happens: close_all_user_connections says "Closing connections of user alice", ends with 0, and the MQTT
# connection goes on and gets messages (the server's log: no running node "reported it as an active connection").
# delete_user does close it, and publishes no will: the retained "online" of a user who does not exist stays.
# Presence: neither command makes a user offline. State "offline" for the user by another login after delete_user;
# do not rely on the first at all.
# Versions: Debian 12's rabbitmq-server 3.10.8 (installed) and mosquitto-clients 2.0.11. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
mkdir "$dir/home"
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port=$(free_port)
export HOME=$dir/home ERL_EPMD_ADDRESS=127.0.0.1 RABBITMQ_NODENAME=finding@localhost RABBITMQ_NODE_IP_ADDRESS=127.0.0.1
export RABBITMQ_MNESIA_BASE=$dir/store RABBITMQ_LOG_BASE=$dir/log RABBITMQ_PID_FILE=$dir/pid
export RABBITMQ_CONFIG_FILE=$dir/rabbit RABBITMQ_ENABLED_PLUGINS_FILE=$dir/plugins
export RABBITMQ_ADVANCED_CONFIG_FILE=$dir/none RABBITMQ_CONF_ENV_FILE=$dir/none
export ERL_EPMD_PORT RABBITMQ_NODE_PORT RABBITMQ_DIST_PORT
ERL_EPMD_PORT=$(free_port) RABBITMQ_NODE_PORT=$(free_port) RABBITMQ_DIST_PORT=$(free_port)
ctl() { /usr/lib/rabbitmq/bin/rabbitmqctl -n finding@localhost "$@"; }
end() {
    ctl stop > /dev/null 2>&1 || true
    kill -9 $(jobs -p) 2> /dev/null || true
    epmd -port "$ERL_EPMD_PORT" -kill > /dev/null 2>&1 || true
    rm -rf "$dir"
}
trap end EXIT
cd "$dir"
echo '[rabbitmq_mqtt].' > plugins
printf 'mqtt.listeners.tcp.1 = 127.0.0.1:%s\nmqtt.allow_anonymous = false\n' "$port" > rabbit.conf
dpkg-query -W -f '${Package} ${Version}\n' rabbitmq-server mosquitto-clients
/usr/lib/rabbitmq/bin/rabbitmq-server > server.log 2>&1 &
for _ in $(seq 120); do grep -q 'completed with' server.log && break; sleep 0.25; done
for user in alice bob; do
    ctl -q add_user $user secret > /dev/null
    ctl -q set_permissions $user '.*' '.*' '.*'
done
bob() { mosquitto_pub -p "$port" -u bob -P secret -q 1 "$@"; }
mosquitto_sub -p "$port" -u bob -P secret -i watcher -q 1 -t status/alice -F %p > watcher.txt &
mosquitto_sub -p "$port" -u alice -P secret -i phone -q 1 -t news -F %p --will-topic status/alice \
    --will-payload offline --will-retain --will-qos 1 > phone.txt 2> /dev/null &
log=log/finding@localhost.log
for _ in $(seq 50); do [ "$(grep -c 'client id: \(watcher\|phone\)' "$log" || true)" = 2 ] && break; sleep 0.1; done
sleep 0.5
mosquitto_pub -p "$port" -u alice -P secret -q 1 -r -t status/alice -m online
ctl close_all_user_connections alice "asked to leave"
sleep 1
bob -t news -m "after the closing"
sleep 0.5
echo "alice's phone got: $(cat phone.txt); bob saw: $(paste -sd, watcher.txt)"
grep -o 'no running cluster node reported it.*' "$log" | tail -1
ctl delete_user alice
sleep 3
bob -t news -m "after the deletion"
sleep 0.5
refused=$(grep -c "login failed for user 'alice'" "$log" || true)
late=$(mosquitto_sub -p "$port" -u bob -P secret -i late -q 1 -t status/alice -C 1 -W 2 || true)
echo "the phone was cut and refused again: $refused times; it got: $(paste -sd, phone.txt)"
echo "bob saw: $(paste -sd, watcher.txt); a late reader: $late"
[ "$(paste -sd, phone.txt)" = "after the closing" ]
[ "$refused" -ge 1 ]
[ "$(paste -sd, watcher.txt)" = online ]
[ "$late" = online ]
