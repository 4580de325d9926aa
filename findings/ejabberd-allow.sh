#!/usr/bin/env bash
# ejabberd 23.01: allow: [bridge, monitor] allows nobody, and the refusal says that the topic filter is malformed.
#
# One would expect: a list of two names in an access rule of mod_mqtt allows the one and the other, and whom it does
# not allow gets the SUBACK code 0x87, Not authorized.
# What happens: the names of one list are conditions that must hold all together, so that a user who is "bridge" and
# "monitor" at once would be let in, and neither is. The entries of the list around them are alternatives:
# [{allow: bridge}, {allow: monitor}] allows both. AND and OR lie one level of YAML apart. Configuration and start are
# without a warning, and the refusal is 0x8F, Topic Filter invalid, though the filter is a valid one.
# Presence: who adds a monitor to the rule of a bridge takes the bridge's right away with it; a program that believes
# 0x8F looks for a fault in its filter. What helps: one entry for each name, and to read 0x8F as "no right".
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
acl:
  bridge: {user: bridge}
  monitor: {user: monitor}
  named: {user: [bridge, monitor]}
modules:
  mod_mqtt:
    access_subscribe:
      "one/#": [allow: bridge]
      "together/#": [allow: [bridge, monitor]]
      "twice/#": [allow: [bridge, named]]
      "apart/#": [{allow: bridge}, {allow: monitor}]
YML
echo 'ERL_EPMD_ADDRESS=127.0.0.1' > ejabberdctl.cfg
mkdir spool logs
[ "$(id -u)" != 0 ] || chown ejabberd spool logs
dpkg-query -W -f '${Package} ${Version}\n' ejabberd mosquitto-clients
ctl foreground > ejabberd.log 2>&1 &
ctl started
for user in bridge monitor other; do ctl register $user localhost secret > /dev/null; done
for topic in one together twice apart; do
    for user in bridge monitor other; do
        # -E ends the client at the SUBACK; the debug output has its code in decimal.
        mosquitto_sub -d -V mqttv5 -p "$port" -u $user@localhost -P secret -t "$topic/#" -q 1 -E -W 5 > client.txt 2>&1 ||
            true
        echo "$topic/#: $user: $(sed -n 's/^Subscribed (mid: 1): //p' client.txt)"
    done
done | tee seen.txt
warnings=$(grep -c -i '\[\(warning\|error\)\]' ejabberd.log || true)
echo "warnings and errors in the log: $warnings"
[ "$warnings" = 0 ]
# 1 is a granted QoS 1, 143 is 0x8F, 135 would be 0x87.
codes() { grep "^$1/" seen.txt | sed 's/.*: //' | paste -sd,; }
[ "$(codes one)" = 1,143,143 ]
[ "$(codes together)" = 143,143,143 ]
[ "$(codes twice)" = 1,143,143 ]
[ "$(codes apart)" = 1,1,143 ]
