# shellcheck shell=bash
# shellcheck disable=SC2004,SC2016,SC2034,SC2154
# ejabberd's mod_mqtt, started without a node name, so that no epmd stays behind.
version=5
# It has no $SYS/broker/uptime, and no restart is recognized.
flags=(--broker_restart never)
expected=([restart]=no)

broker_version() {
    dpkg-query -W -f 'ejabberd ${Version}' ejabberd 2>/dev/null | sed 's/-.*//' || echo ejabberd
}

broker_start() {
    local libraries
    libraries=$(find /usr/lib -maxdepth 4 -name ejabberd.beam -printf '%h' -quit)
    libraries=${libraries%/*/ebin}
    mkdir -p "$run/db"
    cat >"$run/ejabberd.yml" <<END
hosts: [localhost]
loglevel: warning
auth_method: [internal]
listen:
  - port: $port
    ip: "127.0.0.1"
    module: mod_mqtt
acl:
  bridge: {user: presence-bridge}
  monitor: {user: monitor}
modules:
  mod_mqtt:
    match_retained_limit: infinity
    max_queue: 50000
    access_publish:
      "presence/device/%u/+": [allow: all]
      "presence/request/%u/+/+": [allow: all]
      "presence/#": [allow: bridge]
      "#": [deny: all]
    access_subscribe:
      "presence/response/%u/#": [allow: all]
      "presence/event/%u": [allow: all]
      "presence/status/%u": [allow: all]
      "presence/bridge/+": [allow: all]
      "presence/#": [{allow: bridge}, {allow: monitor}]
      "#": [deny: all]
END
    start "$run/broker.log" env "ERL_LIBS=$libraries" "EJABBERD_CONFIG_PATH=$run/ejabberd.yml" \
        "EJABBERD_LOG_PATH=$run/ejabberd.log" "ERL_CRASH_DUMP=$run/crash" "HOME=$run" \
        erl -noinput -mnesia dir "\"$run/db\"" -s ejabberd -eval '
            [ejabberd_auth:try_register(U, <<"localhost">>, <<"demo-", U/binary>>)
             || U <- [<<"alice">>, <<"bob">>, <<"carol">>, <<"monitor">>, <<"presence-bridge">>]].'
    broker_pid=$started
}
