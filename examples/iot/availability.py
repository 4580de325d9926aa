#!/usr/bin/env python3
"""Presence for things that have an availability topic of their own: Tasmota, zigbee2mqtt, Homie,
Home Assistant. It reads those topics, by the table of rules below, and states
presence/device/<user>/<device> for each thing.

    availability.py --username availability --password ...

One connection has one will, which cannot speak for many things. So each statement has a `ttl`, and
is stated again well within it: if this program ends, its things are lost after that time.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import secrets
import signal
import sys
import time
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as mqtt


@dataclass(frozen=True)
class Rule:
    """How the things of one kind are read, and whom they are stated for."""

    topics: tuple[str, ...]  # filters; "+" stands for the thing's name, or for a part of it
    words: dict[str, str]  # what is found there, and the status word that it means
    user: str  # "{name}" is what "+" stood for, here and in the device
    device: str
    # Where the program that speaks for the things says whether it is there itself. While that says
    # "offline", nobody knows how they are: what they last said is retained, and proves nothing.
    source: str | None = None


# The prefixes keep a lamp called alice apart from alice.
RULES = [
    Rule(
        topics=("tele/+/LWT",),
        words={"Online": "online", "Offline": "lost"},
        user="tasmota-{name}",
        device="tasmota",
    ),
    Rule(
        # A friendly name may have slashes; in the name of a user they become dots.
        topics=("zigbee2mqtt/+/availability", "zigbee2mqtt/+/+/availability"),
        words={"online": "online", "offline": "lost"},
        user="zigbee-{name}",
        device="zigbee2mqtt",
        source="zigbee2mqtt/bridge/state",
    ),
    Rule(
        topics=("homie/+/$state", "homie/5/+/$state"),  # versions 2 to 4, and 5
        words={
            "init": "init",
            "ready": "online",
            "alert": "alert",
            "sleeping": "sleeping",
            "disconnected": "offline",
            "lost": "lost",
        },
        user="homie-{name}",
        device="homie",
    ),
    Rule(
        topics=("homeassistant/status",),
        words={"online": "online", "offline": "lost"},
        user="homeassistant",
        device="homeassistant",
    ),
]

# A thing in one of these states is gone, and need not be stated again and again.
GONE = ("offline", "lost")
# What a broker says of a login that will not do: bad user name or password, not authorised.
BAD_LOGIN = (134, 135)


def said(payload: bytes) -> str:
    """The word of a payload: plain, or the "state" of a JSON object."""
    text = payload.decode(errors="replace").strip()
    if text.startswith("{"):
        try:
            text = str(json.loads(text).get("state", ""))
        except (ValueError, RecursionError):
            pass  # no JSON: a word then, and one that no rule knows
    return text


def name_in(topic: str, pattern: str) -> str | None:
    """What the wildcards of a filter stand for in a topic; None if it does not match."""
    levels, wanted = topic.split("/"), pattern.split("/")
    if len(levels) != len(wanted):
        return None
    pairs = list(zip(levels, wanted))
    if any(want not in ("+", level) for level, want in pairs):
        return None
    return ".".join(level for level, want in pairs if want == "+")


def is_name(text: str, limit: int) -> bool:
    """Whether it can be the name of a user or a device. (A topic has no "+" and no "#".)"""
    control = any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in text)
    return 0 < len(text.encode()) <= limit and not control and text[0] != "$"


@dataclass
class Thing:
    """A thing as it was last heard of."""

    rule: Rule
    topic: str  # where it is stated
    word: str  # what it said of itself
    due: float = 0  # when it has to be stated again


class Mapper:
    """Knows the things, and states them. Everything here runs on the main thread."""

    def __init__(self, client: mqtt.Client, ttl: int) -> None:
        self.client = client
        self.ttl = ttl
        self.things: dict[str, Thing] = {}
        self.away: set[str] = set()  # sources that are not there

    def forget(self) -> None:
        """After a new connection: what still holds comes again now, as retained messages."""
        self.things.clear()
        self.away.clear()

    def heard(self, topic: str, payload: bytes) -> None:
        for rule in RULES:
            if topic == rule.source:
                self.source_said(topic, said(payload))
                return
        for rule in RULES:
            for pattern in rule.topics:
                name = name_in(topic, pattern)
                if name is not None:
                    self.thing_said(rule, topic, name, payload)
                    return

    def source_said(self, source: str, word: str) -> None:
        (self.away.add if word == "offline" else self.away.discard)(source)
        print(f"{source} is {word}", flush=True)
        for thing in self.things.values():
            if thing.rule.source == source:
                self.state(thing)

    def thing_said(self, rule: Rule, topic: str, name: str, payload: bytes) -> None:
        user, device = rule.user.format(name=name), rule.device.format(name=name)
        if not is_name(user, 128) or not is_name(device, 64):
            print(f"{topic}: {user!r}, {device!r} cannot be a user and a device", flush=True)
            return
        target = f"presence/device/{user}/{device}"
        if not payload:  # its topic was cleared: there is no such thing any more
            if self.things.pop(topic, None):
                self.client.publish(target, b"", qos=1, retain=True)
                print(f"{user} {device} was removed", flush=True)
            return
        word = rule.words.get(said(payload))
        if word is None:
            print(f"{topic}: no rule for {payload[:40]!r}", flush=True)
            return
        print(f"{user} {device} is {word}", flush=True)
        self.things[topic] = Thing(rule, target, word)
        self.state(self.things[topic])

    def state(self, thing: Thing) -> None:
        statement: dict[str, Any] = {"status": thing.word, "ttl": self.ttl}
        if thing.rule.source in self.away:
            statement["status"] = "lost"
        if statement["status"] in GONE:
            del statement["ttl"]
        self.client.publish(thing.topic, json.dumps(statement), qos=1, retain=True)
        thing.due = time.monotonic() + self.ttl / 3

    def state_due(self) -> None:
        now = time.monotonic()
        for thing in self.things.values():
            gone = thing.word in GONE or thing.rule.source in self.away
            if thing.due <= now and not gone:
                self.state(thing)


def connect(given: argparse.Namespace, inbox: queue.Queue[tuple[str, Any]]) -> mqtt.Client:
    """Connects, now and for ever; paho's thread only hands on what happens."""
    filters = [rule.source for rule in RULES if rule.source]
    filters += [topic for rule in RULES for topic in rule.topics]

    def on_connect(client: Any, userdata: Any, flags: Any, reason: Any, *_: Any) -> None:
        if reason.value in BAD_LOGIN:
            inbox.put(("refused", f"the broker refuses the login: {reason}"))
        elif not reason.value:
            inbox.put(("connected", None))
            # The sources first: whether a thing is believed depends on them.
            client.subscribe([(topic, 1) for topic in filters])

    def on_subscribe(client: Any, userdata: Any, mid: Any, codes: Any, *_: Any) -> None:
        # The others go on: their rights may be left out where there are no such things.
        for topic, code in zip(filters, codes):
            if code.value >= 0x80:
                inbox.put(("trouble", f"the broker refuses to let {topic} be read: {code}"))

    def on_message(client: Any, userdata: Any, message: mqtt.MQTTMessage) -> None:
        inbox.put(("heard", (message.topic, message.payload)))

    arguments: dict[str, Any] = {
        "client_id": f"availability-{secrets.token_hex(8)}", "protocol": mqtt.MQTTv5
    }
    if hasattr(mqtt, "CallbackAPIVersion"):  # paho 2; of MQTT 5, 1.6 has the same callbacks
        arguments["callback_api_version"] = mqtt.CallbackAPIVersion.VERSION2
    client = mqtt.Client(**arguments)
    client.username_pw_set(given.username, given.password)
    if given.cafile:
        client.tls_set(given.cafile)
    client.reconnect_delay_set(1, 30)
    client.on_connect = on_connect
    client.on_connect_fail = lambda *_: inbox.put(("trouble", "no broker; trying again"))
    client.on_disconnect = lambda *_: inbox.put(("disconnected", None))
    client.on_message = on_message
    client.on_subscribe = on_subscribe
    client.connect_async(given.host, given.port, keepalive=30, clean_start=True)
    client.loop_start()
    return client


def main() -> None:
    env = os.environ.get
    parser = argparse.ArgumentParser(description="States presence for things by their own topics.")
    parser.add_argument("--host", default=env("PRESENCE_HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(env("PRESENCE_PORT", "1883")))
    parser.add_argument("--username", default=env("PRESENCE_USERNAME", "availability"))
    parser.add_argument("--password", default=env("PRESENCE_PASSWORD"))
    parser.add_argument("--cafile", default=env("PRESENCE_CAFILE"), help="for TLS: whom to trust")
    parser.add_argument("--ttl", type=int, default=90, help="seconds, from 5 on (90)")
    given = parser.parse_args()
    if not 5 <= given.ttl <= 86_400:
        parser.error("--ttl takes 5 to 86400 seconds")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    inbox: queue.Queue[tuple[str, Any]] = queue.Queue()
    client = connect(given, inbox)
    mapper = Mapper(client, given.ttl)
    connected = False
    try:
        while True:
            try:
                kind, value = inbox.get(timeout=1)
            except queue.Empty:
                kind, value = "", None
            if kind == "heard" and connected:
                mapper.heard(*value)
            elif kind in ("connected", "disconnected"):
                connected = kind == "connected"
                mapper.forget()
                print(kind, flush=True)
            elif kind == "trouble":
                print(value, flush=True)
            elif kind == "refused":
                sys.exit(value)
            if connected:
                mapper.state_due()
    except KeyboardInterrupt:
        pass
    finally:
        # The things live on. They are stated again when this comes back within their ttl.
        client.disconnect()
        client.loop_stop()


if __name__ == "__main__":
    main()
