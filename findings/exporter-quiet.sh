#!/usr/bin/env bash
# prometheus-mqtt-exporter 0.1.7 with Prometheus 2.42: who is online and has nothing to say is gone after five
# minutes.
#
# One would expect: the exporter keeps what it heard for "cache: timeout" (60 minutes in Debian's configuration, 24
# hours by default) and presents it at each scrape. So a retained "online" is 1 in Prometheus until "offline" comes.
# What happens: each value is presented with the time at which it came in. Prometheus stores it once under that time,
# and its questions look back five minutes (query.lookback-delta): after that the series is not there, though the
# exporter still presents it at each scrape and "up" is 1. Statuses are words that are said once, so all are gone but
# who has changed within five minutes. A restart of the exporter brings all retained ones back, as if they were new.
# Presence: sum(presence) is the number of those who came lately; an alarm on "presence == 0" never rings for who has
# been away for longer, and absent(presence) rings for who is there.
# What helps: "omit_timestamp: true" at the metric (run here with a second word of the same message).
# Versions: Debian 12's prometheus-mqtt-exporter (mqtt2prometheus) and prometheus 2.42.0, mosquitto 2.0.11, curl. Here
# the look-back is 10 s, so as not to wait for five minutes. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
apt-get download -qq prometheus=2.42.0+ds-5+deb12u1 prometheus-mqtt-exporter=0.1.7-1+b4 2> /dev/null
for package in *.deb; do dpkg -x "$package" root; done
ls ./*.deb
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port=$(free_port) exporter=$(free_port) prometheus=$(free_port)
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
cat > exporter.yaml <<YAML
mqtt: {server: "tcp://127.0.0.1:$port", topic_path: presence/status/+}
cache: {timeout: 24h}
metrics:
  - {prom_name: presence, mqtt_name: status, type: gauge, help: as it comes,
     string_value_mapping: {map: {online: 1, offline: 0}}}
  - {prom_name: presence_untimed, mqtt_name: again, type: gauge, help: without a time, omit_timestamp: true,
     string_value_mapping: {map: {online: 1, offline: 0}}}
YAML
cat > prometheus.yaml <<YAML
scrape_configs: [{job_name: exporter, scrape_interval: 1s, static_configs: [{targets: ["127.0.0.1:$exporter"]}]}]
YAML
root/usr/bin/prometheus --config.file=prometheus.yaml --storage.tsdb.path=data --query.lookback-delta=10s \
    --web.listen-address="127.0.0.1:$prometheus" > prometheus.log 2>&1 &
root/usr/bin/prometheus-mqtt-exporter -config exporter.yaml -listen-address 127.0.0.1 -listen-port "$exporter" \
    > exporter.log 2>&1 &
say() {
    mosquitto_pub -p "$port" -q 1 -r -t "presence/status/$1" -m "{\"username\":\"$1\",\"status\":\"online\",\"again\":\"online\"}"
}
# ask QUERY: the names (or the value) that Prometheus answers.
ask() {
    curl -s -m 5 -G "http://127.0.0.1:$prometheus/api/v1/query" --data-urlencode "query=$1" | python3 -c '
import json, sys
print(*sorted(each["metric"].get("sensor", each["value"][1]) for each in json.load(sys.stdin)["data"]["result"]))'
}
for _ in $(seq 60); do [ "$(ask up 2> /dev/null)" = 1 ] && break; sleep 0.5; done
say alice
for _ in $(seq 10); do say bob; [ "$(ask presence)" = 'alice bob' ] && break; sleep 0.5; done
fresh=$(ask presence)
for _ in $(seq 13); do sleep 1; say bob; done
sleep 1.5
timed=$(ask presence) untimed=$(ask presence_untimed) up=$(ask up)
presented=$(curl -s "http://127.0.0.1:$exporter/metrics" | grep -c '^presence{.*} 1 ')
echo "at once, Prometheus has: $fresh"
echo "alice quiet for 14 s, bob not: Prometheus has: $timed (up is $up, the exporter presents $presented)"
echo "the same without timestamps: $untimed"
[ "$fresh/$timed/$untimed/$up/$presented" = 'alice bob/bob/alice bob/1/2' ]
