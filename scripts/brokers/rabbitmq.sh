# shellcheck shell=bash
# shellcheck disable=SC2004,SC2016,SC2034,SC2154
# RabbitMQ with its MQTT plugin: 3.1.1, and nothing retained by wildcard. A topic level is a word of
# a routing key here. Its port mapper is started here as well, so that none stays behind.
version=3.1.1
flags=(--broker_restart never --broker_plugin off)
expected=([serves]='no, and says why')
for step in answers events describes lost lists status wildcard restored restart; do
    expected[$step]=-
done

broker_version() {
    dpkg-query -W -f 'RabbitMQ ${Version}' rabbitmq-server 2>/dev/null | sed 's/-.*//' || echo RabbitMQ
}

# A user's entry in the definitions; the password is a hash with a salt of four bytes.
rabbitmq_user() {
    local hash
    hash=$({ printf 'salt'; printf 'salt%s' "demo-$1" | openssl dgst -sha256 -binary; } | base64)
    printf '{"name":"%s","password_hash":"%s","hashing_algorithm":"rabbit_password_hashing_sha256","tags":""}' \
        "$1" "$hash"
}

# A user's rights: its own queues and the exchange, and there these patterns: NAME WRITE READ.
rabbitmq_rights() {
    local own='^(amq\\.topic|mqtt-subscription-.*)$'
    permissions+="${permissions:+,}{\"user\":\"$1\",\"vhost\":\"/\",\"configure\":\"^mqtt-subscription-.*\",\"write\":\"$own\",\"read\":\"$own\"}"
    topics+="${topics:+,}{\"user\":\"$1\",\"vhost\":\"/\",\"exchange\":\"amq.topic\",\"write\":\"$2\",\"read\":\"$3\"}"
}

broker_start() {
    local home user users='' permissions='' topics=''
    home=$(echo /usr/lib/rabbitmq/lib/rabbitmq_server-*)
    for user in alice bob carol; do
        users+="${users:+,}$(rabbitmq_user "$user")"
        rabbitmq_rights "$user" '^presence\\.(device|request)\\.{username}\\..*' \
            '^presence\\.((response|event|status)\\.{username}(\\..*)?|bridge\\..*)$'
    done
    users+=",$(rabbitmq_user monitor),$(rabbitmq_user presence-bridge)"
    rabbitmq_rights monitor '^$' '^presence\\..*'
    # A SUBSCRIBE or PUBLISH that is not allowed ends the connection: what the bridge only tries has to
    # be allowed, too, or not tried.
    rabbitmq_rights presence-bridge '^presence\\..*' '^(presence|\\$SYS\\.broker)\\..*'
    printf '{"vhosts":[{"name":"/"}],"users":[%s],"permissions":[%s],"topic_permissions":[%s]}\n' \
        "$users" "$permissions" "$topics" >"$run/definitions.json"
    [ -n "${amqp_port:-}" ] || { amqp_port=$(free_port) dist_port=$(free_port) epmd_port=$(free_port); }
    cat >"$run/rabbitmq.conf" <<END
listeners.tcp.1 = 127.0.0.1:$amqp_port
mqtt.listeners.tcp.1 = 127.0.0.1:$port
mqtt.allow_anonymous = false
load_definitions = $run/definitions.json
log.file = false
log.console = true
log.console.level = warning
END
    echo '[rabbitmq_mqtt].' >"$run/plugins"
    if ! listening "$epmd_port"; then
        start "$run/epmd.log" epmd -address 127.0.0.1 -port "$epmd_port"
        within 10 listening "$epmd_port"
    fi
    start "$run/broker.log" env "HOME=$run" "ERL_EPMD_PORT=$epmd_port" ERL_EPMD_ADDRESS=127.0.0.1 \
        RABBITMQ_NODENAME=presence@localhost "RABBITMQ_DIST_PORT=$dist_port" \
        "RABBITMQ_CONFIG_FILE=$run/rabbitmq.conf" "RABBITMQ_ENABLED_PLUGINS_FILE=$run/plugins" \
        "RABBITMQ_MNESIA_BASE=$run/db" "RABBITMQ_LOG_BASE=$run/log" "RABBITMQ_PID_FILE=$run/pid" \
        RABBITMQ_ALLOW_INPUT= RABBITMQ_CONF_ENV_FILE=/dev/null \
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}" \
        RUNNING_UNDER_SYSTEMD=true NOTIFY_SOCKET= "$home/sbin/rabbitmq-server"
    broker_pid=$started
}
