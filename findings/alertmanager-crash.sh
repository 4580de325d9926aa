#!/usr/bin/env bash
# Alertmanager 0.25: after a crash a webhook is never told that an alert is over, and accepted silences are gone.
#
# One would expect: what Alertmanager has told, and a silence for which its API has answered with an id, is in its
# data folder. A crash costs at most the last moments; Prometheus sends all alerts again anyway.
# What happens: both are written when it ends in order, and else each 15 minutes (--data.maintenance-interval). After
# a crash it does not know that it has told the alert. Whoever is back when Prometheus reaches it again comes as
# resolved, and a resolved alert that was never told needs no message: the webhook's last word is "firing", for ever.
# Who is still away is told a second time, and then all is well. The silence is gone, though amtool had its id.
# Presence: an alert "bob is offline" of a monitor that goes down with the broker's machine, the very case for which
# it is there, stays open in whatever the webhook feeds: pagers, tickets, a board of who is there.
# What helps: --data.maintenance-interval of some seconds (run here); two Alertmanagers in a cluster; receivers that
# ask Prometheus again instead of waiting for "resolved".
# Versions: Debian 12's prometheus-alertmanager 0.25.0, curl. The alerts are posted as Prometheus posts them. It reads
# /usr/share/prometheus, which is put in its place by unshare (root, or user namespaces). The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill -9 $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
chmod 755 "$dir"; cd "$dir"
apt-get download -qq prometheus-alertmanager=0.25.0-1+b4 2> /dev/null
dpkg -x ./*.deb root
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port=$(free_port) hook=$(free_port)
cat > alertmanager.yaml <<YAML
route: {receiver: hook, group_by: [user], group_wait: 0s, group_interval: 1s, repeat_interval: 4h}
receivers: [{name: hook, webhook_configs: [{url: "http://127.0.0.1:$hook/"}]}]
YAML
cat > hook.py <<'PY'
import http.server, json, sys

class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for alert in told["alerts"]:
            print(alert["labels"]["user"], alert["status"], flush=True)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_): pass

http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Hook).serve_forever()
PY
python3 hook.py "$hook" > told.txt &
root/usr/bin/prometheus-alertmanager --version 2>&1 | head -1
# begin [OPTION...]: starts it on the folder that is there, and waits until it is ready.
begin() {
    # shellcheck disable=SC2016
    unshare -rm sh -c 'mount --bind root/usr/share /usr/share && exec root/usr/bin/prometheus-alertmanager "$@"' - \
        --config.file=alertmanager.yaml --storage.path=data --web.listen-address="127.0.0.1:$port" \
        --cluster.listen-address= "$@" > alertmanager.log 2>&1 &
    process=$!
    for _ in $(seq 75); do curl -sf "127.0.0.1:$port/-/ready" > /dev/null && return; sleep 0.2; done
    cat alertmanager.log; exit 1
}
end() { kill "-$1" "$process"; wait "$process" 2> /dev/null || true; }
post() { curl -sf -m 5 -H 'Content-Type: application/json' "127.0.0.1:$port/api/v2/$1" -d "$2"; }
moment() { date -u -d "$1" +%FT%TZ; }
# alert USER START END
alert() {
    post alerts "[{\"labels\":{\"alertname\":\"Offline\",\"user\":\"$1\"},\"startsAt\":\"$2\",\"endsAt\":\"$3\"}]"
}
# play USER SIGNAL [OPTION...]: USER is away, it ends by SIGNAL, and USER is back before it has started again.
play() {
    local user=$1 signal=$2 since told silences; shift 2
    rm -rf data
    begin "$@"
    since=$(moment now)
    post silences "{\"matchers\":[{\"name\":\"user\",\"value\":\"carol\",\"isRegex\":false}],\"createdBy\":\"x\",
        \"comment\":\"x\",\"startsAt\":\"$since\",\"endsAt\":\"$(moment '+1 hour')\"}" > /dev/null
    alert "$user" "$since" "$(moment '+4 min')"
    for _ in $(seq 50); do grep -q "^$user firing" told.txt && break; sleep 0.2; done
    sleep 3
    end "$signal"
    begin "$@"
    alert "$user" "$since" "$(moment '-1 sec')"
    for _ in $(seq 25); do grep -q "^$user resolved" told.txt && break; sleep 0.2; done
    silences=$(curl -s "127.0.0.1:$port/api/v2/silences" | grep -c carol || true)
    end KILL
    told=$(grep "^$user " told.txt | cut -d' ' -f2 | tr '\n' ' ')
    echo "$user, SIG$signal${*:+ with $*}: the webhook is told: ${told% }; silences: $silences of 1"
    result+="$told$silences/"
}
play alice TERM
play bob KILL
play dora KILL --data.maintenance-interval=1s
[ "$result" = 'firing resolved 1/firing 0/firing resolved 1/' ] || {
    echo 'changed: of bob alone "resolved" and the silence were to be missing'
    exit 1
}
