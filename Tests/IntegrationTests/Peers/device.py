"""A device written with paho-mqtt, for the tests: presence by the words of docs/protocol.md.

Usage: device.py VERSION HOST PORT USER DEVICE WATCHED, where VERSION is 311 or 5. It prints each
answer, each event and its own status as a line of JSON, and ends, without a DISCONNECT, when it has
been told that the user WATCHED is busy.
"""

import json
import os
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

VERSION, HOST, PORT, USER, DEVICE, WATCHED = sys.argv[1:]
FIVE = VERSION == "5"
STATEMENTS = f"presence/device/{USER}/{DEVICE}"
ANSWERS = f"presence/response/{USER}/{DEVICE}"
EVENTS = f"presence/event/{USER}"


def say(kind, **more):
    print(json.dumps({"kind": kind, **more}), flush=True)


def ask(client, operation, **parameters):
    properties = None
    if FIVE:
        properties = Properties(PacketTypes.PUBLISH)
        properties.ResponseTopic = f"{ANSWERS}/paho"
        properties.CorrelationData = operation.encode()
    topic = f"presence/request/{USER}/{DEVICE}/{operation}"
    client.publish(topic, json.dumps(parameters), qos=1, properties=properties)


def connected(client, userdata, flags, reason, properties=None):
    client.subscribe([(f"{ANSWERS}/#", 1), (EVENTS, 1), (f"presence/status/{USER}", 1)])


def subscribed(client, userdata, packet, granted, properties=None):
    client.publish(STATEMENTS, "online", qos=1, retain=True)
    ask(client, "subscribe", id=1, usernames=[WATCHED], expiry=60)
    ask(client, "publish", id=2, description="via paho")


def received(client, userdata, message):
    body = json.loads(message.payload)
    if message.topic == EVENTS:
        for event in body:
            say("event", qos=message.qos, username=event["username"], status=event["status"])
            if event["status"] == "busy":
                # No DISCONNECT: the broker publishes the will.
                os._exit(0)
    elif message.topic.startswith(ANSWERS):
        correlation = ""
        if FIVE:
            correlation = message.properties.CorrelationData.decode()
        say("answer", topic=message.topic, correlation=correlation, body=body)
    else:
        say("status", status=body["status"], description=body["description"])


client = mqtt.Client(f"paho-{VERSION}", protocol=mqtt.MQTTv5 if FIVE else mqtt.MQTTv311)
client.username_pw_set(USER, USER)
client.will_set(STATEMENTS, "lost", qos=1, retain=True)
client.on_connect = connected
client.on_subscribe = subscribed
client.on_message = received
client.connect(HOST, int(PORT))
client.loop_forever()
