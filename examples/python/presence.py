"""Presence for a program written with paho-mqtt, 1.6 or 2: a user's device, and its requests.

The network has a thread of its own, paho's. What happens comes, one thing after the other, into the
queue `inbox`, from which the main thread takes it, as a pair:

    ("bridge", True)      the bridge is there, or there again: now catch up
    ("bridge", False)     it is away, or the connection is: what is known may be out of date
    ("event", status)     a user's status, or a notice about a subscription
    ("note", text)        something to tell a person
    ("refused", text)     the broker does not let this login in: it is no use to go on
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import queue
import random
import re
import secrets
import threading
import time
from typing import Any

try:
    import paho.mqtt.client as mqtt
except ModuleNotFoundError:
    raise SystemExit("paho-mqtt is missing: pip install paho-mqtt, or Debian's python3-paho-mqtt")
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

# What a device may say of itself.
WORD = re.compile("[a-z0-9_-]{1,32}")
# What the bridge takes for another word, since things say it by habit.
MEANINGS = {
    **dict.fromkeys(("1", "true", "on", "connected", "available"), "online"),
    **dict.fromkeys(("0", "false", "off", "disconnected", "unavailable", "dead"), "lost"),
}
# What a broker says of a login that will not do: bad user name or password, not authorised.
BAD_LOGIN = (134, 135)


class Refusal(Exception):
    """The bridge has refused a request: its code, for programs, and its message, for people."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error.get("message", error["code"]))
        self.code: str = error["code"]


class Away(Exception):
    """There is no answer: the broker or the bridge is away."""


def device_name(text: str) -> str:
    # The broker would let nothing through to a topic with another "/" in it, and not say so.
    if not 0 < len(text.encode()) <= 64 or set(text) & set("/+#") or text.startswith("$"):
        raise argparse.ArgumentTypeError(f'"{text}" is no name: up to 64 bytes without / + #')
    return text


def lifetime(text: str) -> int:
    if text != "0" and not (text.isdecimal() and 5 <= int(text) <= 86_400):
        raise argparse.ArgumentTypeError(f'"{text}" is not 5 to 86400 seconds, nor 0 for no end')
    return int(text)


def options(description: str, device: str, ttl: int = 300) -> argparse.ArgumentParser:
    """The options of every program here; each has its default in the environment.

    `device` is the name of the device by default, and `ttl` the seconds that a statement lasts.
    """
    parser = argparse.ArgumentParser(description=description)
    add, env = parser.add_argument, os.environ.get
    user = env("PRESENCE_USERNAME")
    add("--host", default=env("PRESENCE_HOST", "127.0.0.1"))
    add("--port", type=int, default=int(env("PRESENCE_PORT", "1883")))
    add("--username", default=user, required=not user, help="the login, and the user's name")
    # In the environment it is seen by fewer than on a command line.
    add("--password", default=env("PRESENCE_PASSWORD"))
    name = env("PRESENCE_ID") or device
    add("--id", default=name, type=device_name, help=f"the device's name ({device})")
    add("--cafile", default=env("PRESENCE_CAFILE"), help="for TLS: whom to trust")
    add(
        "--ttl",
        default=env("PRESENCE_TTL") or str(ttl),
        type=lifetime,
        help=f"seconds after which the device is lost if it states nothing; 0: never ({ttl})",
    )
    return parser


class Presence:
    """A device that is online from `start()` to `close()`, for as long as it is connected.

    It states itself again three times within its `ttl`, so that it is lost where the broker
    publishes no will. With `alive` False the program does that itself, by `state()`: then it is
    lost, too, when the program hangs.
    """

    def __init__(
        self, given: argparse.Namespace, word: str = "online", alive: bool = True
    ) -> None:
        self.inbox: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.word = word
        self.ttl: int = given.ttl
        self.patience = 5.0  # seconds after which a request that was not answered is sent again
        self.attempts = 3  # how often it is sent
        self.online = False  # whether the bridge is there and can be asked
        self._connected = False
        self._bridges: dict[str, dict[str, Any]] = {}
        self._epochs: dict[str, int] = {}
        self._asked: dict[bytes, concurrent.futures.Future[dict[str, Any]]] = {}
        self._device = f"presence/device/{given.username}/{given.id}"
        self._request = f"presence/request/{given.username}/{given.id}"
        self._response = f"presence/response/{given.username}/{given.id}"
        self._event = f"presence/event/{given.username}"
        # What is subscribed to, and the line that the broker's ACL needs for it.
        self._filters = {
            f"{self._response}/#": "pattern read presence/response/%u/#",
            self._event: "pattern read presence/event/%u",
            "presence/bridge/+": "pattern read presence/bridge/+",
        }
        # The client id is nobody's business: who knows it can throw the connection off.
        arguments: dict[str, Any] = {
            "client_id": f"presence-{secrets.token_hex(8)}", "protocol": mqtt.MQTTv5
        }
        if hasattr(mqtt, "CallbackAPIVersion"):  # paho 2; of MQTT 5, 1.6 has the same callbacks
            arguments["callback_api_version"] = mqtt.CallbackAPIVersion.VERSION2
        self._client = mqtt.Client(**arguments)
        self._client.username_pw_set(given.username, given.password)
        if given.cafile:
            self._client.tls_set(given.cafile)
        self._client.reconnect_delay_set(1, 30)
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_subscribe = self._on_subscribe
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._set_will()
        # Nothing is left to the broker's memory: each connection subscribes anew.
        self._client.connect_async(given.host, given.port, keepalive=30, clean_start=True)
        self._alive = alive
        self._closed = threading.Event()

    def start(self) -> None:
        """Connects, and goes on until `close()`, which may be called before, too."""
        self._client.loop_start()
        if self._alive and self.ttl:
            threading.Thread(target=self._stay_alive, daemon=True).start()

    def state(self, word: str | None = None) -> None:
        """States a word, or the present one again; without a connection, with the next birth."""
        if word is not None:
            self.word = self._meaning(word)
        if self._connected:
            self._state()

    @staticmethod
    def _meaning(text: str) -> str:
        """The word that a text is to the bridge."""
        word = text.strip().lower()
        word = MEANINGS.get(word, word)
        if not WORD.fullmatch(word):
            raise ValueError(f'"{text}" is no word: 1 to 32 of a-z, 0-9, _ and -')
        if word in ("offline", "lost"):
            raise ValueError(f'"{text}" is said by the end of the program, and by the will')
        return word

    def ask(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """One request, and the result of its answer. It blocks: not for paho's own thread."""
        correlation = secrets.token_bytes(8)
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.ResponseTopic = self._response
        properties.CorrelationData = correlation
        for _ in range(self.attempts):
            answer: concurrent.futures.Future[dict[str, Any]] = concurrent.futures.Future()
            self._asked[correlation] = answer
            try:
                if not self.online:
                    break
                topic, body = f"{self._request}/{operation}", json.dumps(parameters)
                self._client.publish(topic, body, qos=1, properties=properties)
                found = answer.result(self.patience)
            except concurrent.futures.TimeoutError:
                continue  # every request may be repeated
            finally:
                self._asked.pop(correlation, None)
            if "error" not in found:
                result: dict[str, Any] = found["result"]
                return result
            if found["error"]["code"] not in ("rate_limited", "unavailable"):
                raise Refusal(found["error"])
            time.sleep(found["error"].get("retryAfter", 1))
        raise Away("the bridge does not answer" if self.online else "the bridge is away")

    def history(self, limit: int = 20, after: int | None = None) -> list[dict[str, Any]]:
        """What has changed of oneself, the newest first: each change has an `id`, its `time`, a `type`
        and the `status` that was told. Changes of that Unix second and later, if one is given. Where the
        operator keeps none it is a Refusal, `forbidden`."""
        changes: list[dict[str, Any]] = []
        more: dict[str, Any] = {} if after is None else {"after": after}
        while len(changes) < limit:
            page = self.ask("history", pageSize=min(500, limit - len(changes)), **more)
            changes += page["changes"]
            if "cursor" not in page:
                break
            more["cursor"] = page["cursor"]
        return changes

    def close(self) -> None:
        """Logs out. A DISCONNECT alone would not: it takes the will back."""
        self._closed.set()
        if self._connected:
            self.word = "offline"
            try:
                self._state().wait_for_publish(self.patience)
            except (ValueError, RuntimeError):
                pass  # the connection has just broken: the will does it
        self._client.disconnect()
        self._client.loop_stop()

    def _stay_alive(self) -> None:
        while not self._closed.wait(self.ttl / 3):
            if self._connected:
                self._state()

    # What follows runs on paho's thread, which would end, and leave the device online, if one of
    # these raised an error.

    def _set_will(self) -> None:
        # Each connection has a session of its own, in its will and its births: the will of an old
        # connection, if it comes late, is known by it and changes nothing.
        self._session = secrets.token_hex(8)
        will = json.dumps({"status": "lost", "session": self._session})
        self._client.will_set(self._device, will, qos=1, retain=True)

    def _state(self) -> mqtt.MQTTMessageInfo:
        statement: dict[str, Any] = {"status": self.word, "session": self._session}
        if self.ttl and self.word != "offline":
            statement["ttl"] = self.ttl
        return self._client.publish(self._device, json.dumps(statement), qos=1, retain=True)

    def _on_connect(self, client: Any, userdata: Any, flags: Any, reason: Any, *_: Any) -> None:
        if reason.value in BAD_LOGIN:
            self.inbox.put(("refused", f"the broker refuses the login: {reason}"))
        elif reason.value:
            self.inbox.put(("note", f"the broker says: {reason}; trying again"))
        else:
            client.subscribe([(topic, 1) for topic in self._filters])

    def _on_connect_fail(self, *_: Any) -> None:
        self.inbox.put(("note", "the broker cannot be reached; trying again"))

    def _on_subscribe(self, client: Any, userdata: Any, mid: Any, codes: Any, *_: Any) -> None:
        for (topic, right), code in zip(self._filters.items(), codes):
            if code.value >= 0x80:
                text = f'the broker refuses the subscription to {topic} ({code}): its ACL needs'
                self.inbox.put(("refused", f'{text} "{right}"'))
                return
        # Only now: what an earlier connection left unacknowledged, paho has sent again by now, and
        # the birth must be the last word.
        self._connected = True
        self._state()
        self.inbox.put(("note", "connected to the broker"))

    def _on_disconnect(self, *_: Any) -> None:
        self._connected = False
        self._bridges.clear()
        self._set_online(False)
        self._set_will()

    def _on_message(self, client: Any, userdata: Any, message: mqtt.MQTTMessage) -> None:
        try:
            body = json.loads(message.payload or b"{}")
            self._take(message, body)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            self.inbox.put(("note", f"what came on {message.topic} cannot be understood"))

    def _take(self, message: mqtt.MQTTMessage, body: Any) -> None:
        if message.topic == self._event:
            for event in body:
                if "subscription" in event or isinstance(event["seq"], int):
                    self.inbox.put(("event", event))
        elif message.topic.startswith("presence/bridge/"):
            self._on_bridge(message.topic, body)
        elif body.get("operation") == "announce":
            self._state()
        elif body.get("operation") == "device":
            self.inbox.put(("note", f"the statement was refused: {body['error']['message']}"))
        else:
            correlation = getattr(message.properties, "CorrelationData", b"")
            answer = self._asked.pop(correlation, None)
            if answer:  # else it is the second to a request that was repeated
                answer.set_result(body)

    def _on_bridge(self, name: str, body: dict[str, Any]) -> None:
        self._bridges[name] = body
        self._set_online(any(each.get("state") == "online" for each in self._bridges.values()))
        if body.get("state") != "online":
            return
        # Whatever the reason why it says so, events may have been missed before.
        self.inbox.put(("bridge", True))
        epoch = body.get("epoch", 0)
        if epoch > self._epochs.get(name, epoch):  # the broker was restarted: not all at once
            delay = random.uniform(0, body.get("grace", 60) / 3)
            timer = threading.Timer(delay, self.state)
            timer.daemon = True
            timer.start()
        self._epochs[name] = epoch

    def _set_online(self, online: bool) -> None:
        if self.online and not online:
            self.inbox.put(("bridge", False))
        self.online = online
        if not online:
            for answer in list(self._asked.values()):
                # Wakes up who waits for it, to find that nobody is there.
                answer.set_exception(concurrent.futures.TimeoutError())
            self._asked.clear()
