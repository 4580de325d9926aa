#!/usr/bin/env python3
"""A chat client's roster: who of the users that are named comes, goes and changes.

    roster.py --username alice --password demo-alice bob carol

A line that is typed changes what others see of oneself: "/away" the word, "back at 5" the
description, an empty line takes the description away, and "?" shows what has changed of oneself.
Ctrl-D or Ctrl-C logs out.
"""

from __future__ import annotations

import queue
import secrets
import signal
import sys
import threading
import time
from typing import Any

from presence import Away, Presence, Refusal, options

# How long a subscription lasts, in seconds. It is renewed when half of it is over.
EXPIRY = 7 * 24 * 3600
# How many names a request takes.
PAGE = 100
# Seconds until what has failed is tried again.
RETRY = 5


def show(text: str, at: float | None = None) -> None:
    print(time.strftime("%H:%M:%S", time.localtime(at)), text, flush=True)


class Roster:
    """What is known of the users that are watched, and what is yet to be said of oneself."""

    def __init__(self, presence: Presence, users: list[str]) -> None:
        self.presence = presence
        self.users = users
        self.known: dict[str, dict[str, Any]] = {}
        self.synced = 0  # up to when nothing was missed, in the bridge's time
        self.renewal = 0.0  # when to subscribe again, in our own
        self.there = False  # whether we were told that the bridge is there
        self.behind = False  # whether something may have been missed
        self.description: str | None = None  # what is yet to be published
        self.asks_history = False  # whether what has changed of oneself is to be shown

    def run(self) -> str | None:
        """Goes on until the input ends; what it returns is why it had to give up."""
        while True:
            try:
                kind, value = self.presence.inbox.get(timeout=RETRY)
            except queue.Empty:
                kind, value = "", None
            if kind == "event":
                self.told(value)
            elif kind == "line":
                self.typed(value)
            elif kind == "note":
                show(value)
            elif kind == "bridge":
                show("the bridge is there" if value else "the bridge is away: this may be old")
                self.there = self.behind = value
            elif kind in ("refused", "end"):
                return str(value) if value else None
            if self.there and self.presence.online:
                try:
                    self.catch_up()
                except Away as reason:
                    show(f"{reason}; trying again")
                except Refusal as refusal:
                    return f"the bridge refuses this: {refusal}"

    def catch_up(self) -> None:
        """Whatever is due: subscriptions, what was missed, what was typed meanwhile."""
        if time.time() > self.renewal:
            for start in range(0, len(self.users), PAGE):
                self.subscribe(self.users[start : start + PAGE])
            self.renewal = time.time() + EXPIRY / 2
        if self.behind:
            self.sync()
            self.behind = False
        if self.description is not None:
            self.publish(self.description)
            self.description = None
        if self.asks_history:
            self.show_history()
            self.asks_history = False

    def subscribe(self, users: list[str]) -> None:
        answer = self.presence.ask("subscribe", usernames=users, expiry=EXPIRY)
        for status in answer["subscribed"]:
            self.told(status)
        for user in answer["rejected"] + answer["evicted"]:
            show(f"{user} is one too many to subscribe to")

    def sync(self) -> None:
        first = page = self.presence.ask("sync", after=self.synced)
        while True:
            for status in page["users"]:
                self.told(status)
            if "cursor" not in page:
                break
            page = self.presence.ask("sync", after=self.synced, cursor=page["cursor"])
        # The first page's: what changes from then on is for the next time.
        self.synced = first["time"]

    def publish(self, description: str) -> None:
        try:
            self.presence.ask("publish", description=description)
            show(f'you say "{description}"' if description else "you say nothing")
        except Refusal as refusal:  # too long, say: no reason to end
            show(f"not said: {refusal}")

    def show_history(self) -> None:
        try:
            changes = self.presence.history()
        except Refusal as refusal:  # the operator keeps none, say
            return show(f"no history: {refusal}")
        for change in reversed(changes):
            status = change["status"]
            text = f'{change["type"]}: {status["status"]}'
            if status["cause"]:
                text += f' ({status["cause"]})'
            if status["description"]:
                text += f', "{status["description"]}"'
            show(f"you: {text}", change["time"])
        show(f"{len(changes)} changes" if changes else "nothing has changed")

    def told(self, status: dict[str, Any]) -> None:
        """A status, or a notice that a subscription has ended."""
        user: str = status.get("username", "everyone")
        if "subscription" in status:
            if user in self.users and status["subscription"] == "expired":
                self.renewal = 0
            show(f"the subscription to {user} has {status['subscription']}")
            return
        before = self.known.get(user)
        # Messages can come twice, and an answer can cross an event.
        if before and status["seq"] <= before["seq"]:
            return
        self.known[user] = status
        text = f'{user} is {status["status"]}'
        if not status["online"]:
            text = f"{user} is offline"
            if before and before["online"]:
                text = f'{user} has gone ({status["cause"]})'
        elif before and not before["online"]:
            text = f'{user} has come: {status["status"]}'
        if status["description"]:
            text += f', "{status["description"]}"'
        if status["devices"]:
            text += f' ({", ".join(status["devices"])})'
        show(text, status["updated"])

    def typed(self, line: str) -> None:
        if line.startswith("/"):
            try:
                self.presence.state(line[1:].strip())
                show(f"you are {self.presence.word}")
            except ValueError as trouble:
                show(f"not said: {trouble}")
        elif line.strip() == "?":
            self.asks_history = True
        else:
            self.description = line.strip()
        if not self.presence.online:
            show("it will be said later")


def read_lines(inbox: queue.Queue[tuple[str, Any]]) -> None:
    for line in sys.stdin:
        inbox.put(("line", line.rstrip("\n")))
    inbox.put(("end", None))


def main() -> None:
    # Two of them in two terminals are two devices: who ends one stays online with the other.
    parser = options("Shows who comes, goes and changes.", device=f"roster-{secrets.token_hex(4)}")
    parser.add_argument("user", nargs="+", help="whom to watch")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    presence = Presence(given)
    try:
        presence.start()
        threading.Thread(target=read_lines, args=[presence.inbox], daemon=True).start()
        sys.exit(Roster(presence, list(dict.fromkeys(given.user))).run())
    except KeyboardInterrupt:
        pass
    finally:
        presence.close()


if __name__ == "__main__":
    main()
