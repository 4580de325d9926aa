#!/usr/bin/env bash
# mosquitto 2.0.11: a QoS 1 message is thrown away on a live connection, since QoS 0 messages wait for the same client.
#
# One would expect: max_queued_messages counts messages of QoS 1 and 2, of which none waits here, and a broker that has
# acknowledged a QoS 1 message delivers it while its subscriber is connected; of QoS 0 it may drop what it likes.
# What happens: past 1,000 packets that wait for a socket, whatever their QoS, the next packet is freed before it is
# written. For a QoS 1 message the broker takes it for sent: it stands in flight, keeps its place among the 20, and the
# subscriber, once it reads again, gets all that waited and never this one. The publisher's PUBACK said success. Nor is
# there an answer to a PINGREQ of that time, so that many a client takes the connection for dead. The message
# comes, with DUP, only after the subscriber has connected once more, to the same session; without one it is gone.
# Presence: a page of a monitor that is slow for a moment, subscribed to chatter with QoS 0 and to presence with QoS 1,
# misses a change for as long as it stays connected. Subscribe over a connection of its own, or set
# max_queued_messages to 0 or far higher; sync after a stall.
# Versions: Debian 12's mosquitto 2.0.11, paho-mqtt 2.1.0 (publisher). The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib paho-mqtt==2.1.0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
mosquitto -c mosquitto.conf > broker.log 2>&1 &
cat > play.py <<'PY'
import select, socket, struct, sys, time
from paho.mqtt.client import Client, CallbackAPIVersion
port = int(sys.argv[1])

def text(value):
    return struct.pack("!H", len(value)) + value.encode()

class Subscriber:
    """Speaks MQTT 3.1.1 by hand, so that it can leave its socket unread."""
    def __init__(self, subscribes):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(100):
            try:
                self.socket.connect(("127.0.0.1", port))
                break
            except OSError:
                time.sleep(0.1)
        self.bytes, self.answers = b"", 0
        self.send(0x10, text("MQTT") + bytes([4, 0, 0, 0]) + text("slow"))
        self.read()
        if subscribes:
            self.send(0x82, b"\0\1" + text("chatter") + b"\0")
            self.send(0x82, b"\0\2" + text("presence") + b"\1")
            self.read(), self.read()

    def send(self, kind, body):
        self.socket.sendall(bytes([kind, len(body)]) + body)

    def need(self, count):
        while len(self.bytes) < count:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError
            self.bytes += more
        taken, self.bytes = self.bytes[:count], self.bytes[count:]
        return taken

    def read(self):
        head, length, shift = self.need(1)[0], 0, 0
        while True:
            byte = self.need(1)[0]
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return head, self.need(length)

    def hear(self):
        """The messages that come until nothing has come for a second: topic, QoS, DUP."""
        heard = []
        while self.bytes or select.select([self.socket], [], [], 1)[0]:
            head, body = self.read()
            if head >> 4 == 13:
                self.answers += 1
            if head >> 4 != 3:
                continue
            length = struct.unpack("!H", body[:2])[0]
            heard.append((body[2:2 + length].decode(), head >> 1 & 3, head >> 3 & 1))
        return heard

subscriber = Subscriber(True)
publisher = Client(CallbackAPIVersion.VERSION2, "publisher")
publisher.connect("127.0.0.1", port)
publisher.loop_start()
for count in range(2000):
    publisher.publish("chatter", bytes(10000), 0)
alert = publisher.publish("presence", "offline", 1)
alert.wait_for_publish(30)
print("the publisher's QoS 1 message is acknowledged:", alert.is_published())
subscriber.send(0xC0, b"")
time.sleep(1)
heard = subscriber.hear()
chatter = sum(topic == "chatter" for topic, _, _ in heard)
first = [item for item in heard if item[0] == "presence"]
print("read again: chatter", "over 1,000" if 1000 < chatter < 2000 else chatter, "of 2,000; presence:", first,
      "- answers to its PINGREQ:", subscriber.answers)
publisher.publish("presence", "online", 1).wait_for_publish(30)
later = [item for item in subscriber.hear() if item[0] == "presence"]
print("the next message of QoS 1:", later)
subscriber.socket.close()
again = Subscriber(False).hear()
print("after it has connected once more (topic, QoS, DUP):", again[:1])
sys.exit(not alert.is_published() or first != [] or subscriber.answers != 0
         or later != [("presence", 1, 0)] or again[:1] != [("presence", 1, 1)])
PY
PYTHONPATH=lib python3 play.py "$port"
grep -o 'Outgoing messages are being dropped for client slow' broker.log | sort -u
