# shellcheck shell=bash
# shellcheck disable=SC2004,SC2016,SC2034,SC2154
# mosquitto with examples/mosquitto.conf: MOSQUITTO names another one than that on the PATH.
version=5

broker_version() {
    { "$mosquitto" -h 2>/dev/null || true; } | sed -n "1s/ version / /p"
}

broker_start() {
    local user
    if [ ! -e "$run/passwd" ]; then
        touch "$run/passwd"
        chmod 600 "$run/passwd"
        for user in alice bob carol monitor presence-bridge; do
            mosquitto_passwd -b "$run/passwd" "$user" "demo-$user" 2>/dev/null
        done
        install -m 600 examples/acl "$run/acl"
        {
            sed -e "s/^listener 1883 /listener $port /" -e "s|^acl_file .*|acl_file $run/acl|" \
                -e "s|^password_file .*|password_file $run/passwd|" \
                -e "s|^persistence_location .*|persistence_location $run/|" \
                -e "s|^sys_interval .*|sys_interval 1|" examples/mosquitto.conf
            [ "$(id -u)" -ne 0 ] || echo "user root"
        } >"$run/mosquitto.conf"
    fi
    start "$run/broker.log" "$mosquitto" -c "$run/mosquitto.conf"
    broker_pid=$started
}
