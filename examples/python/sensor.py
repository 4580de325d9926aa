#!/usr/bin/env python3
"""A sensor that is online for as long as it measures, and says what it has measured.

    sensor.py --username carol --password demo-carol --id thermometer --ttl 30

Where the network can vanish without a word, the broker notices by the keep-alive only, and not at
all that a program hangs. So the sensor promises by a `ttl` to state something again, and does so
with each reading; if it does not, the bridge calls it lost.
"""

from __future__ import annotations

import queue
import random
import signal
import sys
import time

from presence import Away, Presence, Refusal, options


def measure(last: float) -> float:
    """Here yours reads its hardware."""
    return last + random.uniform(-0.5, 0.5)


def main() -> None:
    parser = options("States a reading several times within its ttl.", device="sensor", ttl=30)
    parser.add_argument("--alarm", type=float, default=30, help="the word is then 'alarm' (30)")
    given = parser.parse_args()
    if given.ttl == 0:
        parser.error("--ttl is what tells that a sensor hangs: 5 to 86400 seconds")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    reading = 20.0
    presence = Presence(given, alive=False)
    # An answer that does not come must not keep it from stating itself in time.
    presence.patience, presence.attempts = given.ttl / 3, 1
    try:
        presence.start()
        while True:
            reading = measure(reading)
            # The same word again is no event for anyone; it is the sign of life.
            presence.state("alarm" if reading >= given.alarm else "online")
            if presence.online:
                publish(presence, reading, given.ttl)
            wait(presence, given.ttl / 3)
    except KeyboardInterrupt:
        pass
    finally:
        presence.close()


def publish(presence: Presence, reading: float, ttl: int) -> None:
    """The reading is the user's description. It goes away by itself when no other follows."""
    try:
        answer = presence.ask("publish", description=f"{reading:.1f} °C", expiry=2 * ttl)
        print(f'{answer["status"]}: {answer["description"]}', flush=True)
    except (Away, Refusal) as trouble:
        print(f"not published: {trouble}", flush=True)


def wait(presence: Presence, seconds: float) -> None:
    """Until the next reading is due, or the bridge is there for the first time or again."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            kind, value = presence.inbox.get(timeout=max(0, until - time.monotonic()))
        except queue.Empty:
            return
        if kind == "refused":
            sys.exit(value)
        if kind == "note":
            print(value, flush=True)
        if kind == "bridge":
            print("the bridge is there" if value else "the bridge is away", flush=True)
            if value:
                return


if __name__ == "__main__":
    main()
