#!/usr/bin/env bash
# sseclient 0.0.27 and aiohttp-sse-client 0.2.1 join the half event before a cut to the whole one after it.
#
# One would expect: a client of server-sent events comes back with Last-Event-ID, and what it had of an event that was
# cut off counts for nothing, as the HTML standard says for the end of a stream.
# What happens: both keep the whole lines of the half event and add what the next connection sends. The server sends
# event 2 again, as it was asked to, and the program gets one event 2 with its JSON twice in one text, which no JSON
# reader takes; later reconnections ask for what comes after it, so that this change is never told. launchdarkly-
# eventsource does it right. A stream is cut within an event by any proxy that passes on what it has got when its
# upstream ends.
# Presence: one change is lost at a reconnection in a burst, and the reader fails with an error of JSON, or skips it.
# What helps: launchdarkly-eventsource; else keep the id of the last event that could be read, and when one cannot,
# make a new client that begins there. A server should write an event and its blank line at once.
# Versions: sseclient 0.0.27, aiohttp-sse-client 0.2.1, launchdarkly-eventsource 1.7.4. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib sseclient==0.0.27 aiohttp==3.14.5 \
    aiohttp-sse-client==0.2.1 launchdarkly-eventsource==1.7.4
cat > play.py <<'PY'
import asyncio, json, socket, sys, threading
from importlib.metadata import version

EVENTS = ['id: %d\ndata: {"user":"%s","status":"online"}\n\n' % each
          for each in ((1, "alice"), (2, "bob"), (3, "carol"))]
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
asked = []

def serve(door):
    """Sends after Last-Event-ID; the first connection ends before the blank line of event 2."""
    while True:
        connection = door.accept()[0]
        lines = connection.recv(65536).decode().split("\r\n")
        last = int(next((line[15:] for line in lines if line.lower().startswith("last-event-id: ")), 0))
        asked.append(last)
        text = "retry: 200\n" + "".join(EVENTS[last:])
        connection.sendall((HEAD + (text[:text.index("\n\nid: 3") + 1] if len(asked) == 1 else text)).encode())
        connection.close()

door = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, args=(door,), daemon=True).start()
url = "http://127.0.0.1:%d/changes" % door.getsockname()[1]

def by_sseclient():
    import sseclient
    for event in sseclient.SSEClient(url, retry=200):
        yield event.id, event.data

def by_launchdarkly():
    from ld_eventsource import SSEClient
    from ld_eventsource.config import ConnectStrategy, ErrorStrategy
    for event in SSEClient(ConnectStrategy.http(url), error_strategy=ErrorStrategy.always_continue()).events:
        yield event.last_event_id, event.data

def by_aiohttp():
    from aiohttp_sse_client.client import EventSource
    loop = asyncio.new_event_loop()
    async def connect():
        return await EventSource(url).__aenter__()
    source = loop.run_until_complete(connect())
    while True:
        event = loop.run_until_complete(source.__anext__())
        yield event.last_event_id, event.data

name, package = sys.argv[1:]
seen = []
for number, data in globals()["by_" + name]():
    if data:
        try:
            seen.append("%s %s" % (number, json.loads(data)["user"]))
        except ValueError as error:
            seen.append("%s no JSON" % number)
            print("    data: %r: %s" % (data, error))
    if seen and seen[-1] == "3 carol":
        break
print("%s %s: %s; asked for what comes after %s" % (package, version(package), ", ".join(seen), asked), flush=True)
PY
run() { PYTHONPATH=lib timeout 20 python3 -W ignore play.py "$1" "$2" 2> errors.txt || { cat errors.txt; exit 1; }; }
{
    run sseclient sseclient
    run aiohttp aiohttp-sse-client
    run launchdarkly launchdarkly-eventsource
} | tee seen.txt
broken='1 alice, 2 no JSON, 3 carol; asked for what comes after [0, 1]'
right='1 alice, 2 bob, 3 carol; asked for what comes after [0, 1]'
grep -qxF "sseclient 0.0.27: $broken" seen.txt
grep -qxF "aiohttp-sse-client 0.2.1: $broken" seen.txt
grep -qxF "launchdarkly-eventsource 1.7.4: $right" seen.txt
