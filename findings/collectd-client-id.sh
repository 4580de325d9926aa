#!/usr/bin/env bash
# collectd 5.12.0 with the example of its own manual throws itself off the broker, again and again.
#
# One would expect: the synopsis of collectd.conf(5) for the plugin "mqtt", a block to publish and a block to
# subscribe without a ClientId, gives two connections of one process that live beside each other.
# What happens: each block is a connection, and the default ClientId of both is the host's name. The broker ends the
# one when the other connects; collectd connects it again, and so on with each publish. Two of three measurements are
# lost at an interval of 1 s. collectd says "successfully reconnected" and "back to normal operation", and nothing of
# a second one. And it is just that which holds the example together: with a ClientId in each block, what is published
# is heard and published again, in a circle, thousands a second of one measurement a second.
# Presence: who takes measurements as a sign of life, or connections as presence ($SYS, connection messages, a
# plugin), sees a host come and go without end.
# What helps: a ClientId in each block, and a Topic that does not match the own Prefix (run here). The broker's log
# tells: "already connected, closing old connection".
# Versions: Debian 12's collectd-core 5.12.0-14 (with the installed libmosquitto1), mosquitto 2.0.11. It has no will.
# The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
apt-get download -qq collectd-core=5.12.0-14 2> /dev/null
dpkg -x collectd-core_*.deb unpacked
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
mosquitto -h | head -1 || true
unpacked/usr/sbin/collectd -h | grep -o '^collectd [0-9.]*' || true
# play NAME PUBLISH-LINE SUBSCRIBE-LINE TOPIC: runs collectd for 10 s, or until 500 were heard, and counts.
play() {
    local port daemons=()
    port=$(free_port)
    printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
    mosquitto -v -c mosquitto.conf > "$1-broker.log" 2>&1 & daemons+=($!)
    sleep 1
    cat > collectd.conf <<CONF
Hostname "server1"
FQDNLookup false
Interval 1
BaseDir "$dir/$1"
PluginDir "$dir/unpacked/usr/lib/collectd"
TypesDB "$dir/unpacked/usr/share/collectd/types.db"
LoadPlugin logfile
<Plugin logfile>
  File STDOUT
</Plugin>
LoadPlugin load
LoadPlugin mqtt
<Plugin mqtt>
  <Publish "name">
    Host "127.0.0.1"
    Port "$port"
    Prefix "collectd"
    $2
  </Publish>
  <Subscribe "name">
    Host "127.0.0.1"
    Port "$port"
    Topic "$4"
    $3
  </Subscribe>
</Plugin>
CONF
    mkdir "$1"
    unpacked/usr/sbin/collectd -f -C collectd.conf > "$1.log" 2>&1 & daemons+=($!)
    local start=$SECONDS
    measured=$(timeout 10 mosquitto_sub -p "$port" -t 'collectd/#' -C 500 | wc -l) || true
    seconds=$((SECONDS - start))
    kill "${daemons[@]}"
    wait "${daemons[@]}" 2> /dev/null || true
    thrown=$(grep -c 'already connected, closing old connection' "$1-broker.log" || true)
    echo "$1: in $seconds s $measured measurements, thrown off $thrown times"
}
play manual '' '' 'collectd/#'
grep -hE 'reconnected|failed' manual.log | sort | cut -d] -f2- | sort | uniq -c | sed 's/ "127.0.0.1:.*"//'
[ "$thrown" -ge 3 ] && [ "$measured" -le 6 ]
play named 'ClientId "server1-out"' 'ClientId "server1-in"' 'collectd/#'
[ "$thrown" = 0 ] && [ "$measured" = 500 ]
play apart 'ClientId "server1-out"' 'ClientId "server1-in"' 'other/#'
[ "$thrown" = 0 ] && [ "$measured" -ge 6 ] && [ "$measured" -le 12 ]
