#!/usr/bin/env bash
# mosquitto 2.0.11: a will that the ACL forbids is accepted at CONNECT, and dropped without a word at the end.
#
# One would expect: CONNACK 0x87 (not authorized) with MQTT 5, as a PUBLISH to the same topic gets PUBACK 0x87, or a
# line in the log when the will is thrown away.
# What happens: mosquitto asks the ACL only when the client is gone. CONNACK says success, the log (with -v) names the
# will's topic as for any other, and at the end says that the client closed its connection, nothing of the will.
# Presence: a device with one letter wrong in its will's topic, or a broker whose ACL lists the birth's topic alone,
# works for months, and its first loss is not told. Publish to the will's own topic once with MQTT 5 and QoS 1, and
# look at the reason code (run here); best use one topic for birth and will.
# Versions: Debian 12's mosquitto and mosquitto-clients 2.0.11, paho-mqtt 2.1.0. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib paho-mqtt==2.1.0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'user alice\ntopic write status/lamp\n\nuser bob\ntopic read #\n' > acl
printf 'listener %s 127.0.0.1\nallow_anonymous true\nacl_file %s/acl\n' "$port" "$dir" > mosquitto.conf
mosquitto -v -c mosquitto.conf > broker.log 2>&1 &
cat > play.py <<'PY'
import socket, sys, time
from paho.mqtt.client import Client, CallbackAPIVersion, MQTTv311, MQTTv5
port, codes = int(sys.argv[1]), {}

def connect(name, user, protocol=MQTTv5, will=None):
    client = Client(CallbackAPIVersion.VERSION2, name, protocol=protocol, reconnect_on_failure=False)
    client.username_pw_set(user)
    if will:
        client.will_set(will, "offline", 1, True)
    client.on_connect = lambda c, u, f, code, p: codes.setdefault(name, str(code))
    for _ in range(100):
        try:
            client.connect("127.0.0.1", port)
            break
        except OSError:
            time.sleep(0.1)
    client.loop_start()
    while name not in codes:
        time.sleep(0.05)
    return client

heard = []
watcher = connect("watcher", "bob")
watcher.on_message = lambda c, u, m: heard.append(m.topic + " " + m.payload.decode())
watcher.subscribe("status/#", 1)
answers = {}
for name, protocol, will in [("forbidden-3.1.1", MQTTv311, "status/Lamp"), ("forbidden-5", MQTTv5, "status/Lamp"),
                             ("allowed", MQTTv5, "status/lamp")]:
    device = connect(name, "alice", protocol, will)
    if name == "forbidden-5":
        device.on_publish = lambda c, u, mid, code, p: answers.setdefault("PUBACK", code.value)
        device.publish("status/Lamp", "online", 1, True).wait_for_publish(5)
        time.sleep(0.2)
    print(name, "- CONNACK:", codes[name], *("%s 0x%02x" % item for item in answers.items() if name == "forbidden-5"))
    device.socket().shutdown(socket.SHUT_RDWR)
    time.sleep(1)
print("the watcher heard:", heard)
sys.exit(heard != ["status/lamp offline"] or answers != {"PUBACK": 0x87}
         or any(codes[name] != "Success" for name in codes))
PY
mosquitto -h | head -1 || true
PYTHONPATH=lib python3 play.py "$port"
echo "the log of forbidden-5:"
grep -A2 'forbidden-5' broker.log | grep -E 'forbidden-5|Will|status' | cut -d' ' -f2-
[ "$(grep -ci 'denied.*forbidden-3' broker.log || true)" = 0 ]
