#!/usr/bin/env bash
# Varnish 7.1.1 with Debian's own configuration before a stream of events: late watchers get the past as news, and
# watchers that have left stay.
#
# One would expect: a stream of server-sent events without Cache-Control is passed on as it comes, to each client its
# own; Last-Event-ID reaches the server; and the server sees when the client leaves. (One may fear that it is
# buffered: not so.)
# What happens: a GET without cookie and Authorization is looked up by its address alone. While the first client's
# stream runs it is in the cache as an object that still grows: the second client gets the same stream from its first
# byte on, at once, the past as if it were now, whatever its Last-Event-ID; the server is not asked. When the first
# client leaves, varnish goes on reading: the server keeps its watcher for ever, and varnish all that the stream ever
# said, in memory.
# Presence: "alice online" of an hour ago comes as a new event; who is counted as a watcher while connected never
# leaves.
# What helps: "Cache-Control: no-store" from the server (run here: own streams, and the end of a client is seen);
# "return (pass)" or pipe in the configuration; an id in each event by which a client drops what it knows.
# Versions: Debian 12's varnish 7.1.1-2+deb12u1 (with libvarnishapi3 and libjemalloc2) and its default.vcl, gcc, which
# varnish needs to start, and curl. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
chmod 755 "$dir"
apt-get download -qq varnish=7.1.1-2+deb12u1 libvarnishapi3=7.1.1-2+deb12u1 libjemalloc2=5.3.0-1 2> /dev/null
for package in *.deb; do dpkg -x "$package" unpacked; done
libraries=$dir/unpacked/usr/lib/$(uname -m)-linux-gnu
export LD_LIBRARY_PATH=$libraries:$libraries/varnish
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
cat > server.py <<'PY'
import itertools, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
numbers, now = itertools.count(1), [0]

def count():
    for now[0] in numbers:
        time.sleep(0.25)

class Stream(BaseHTTPRequestHandler):
    """From the change after Last-Event-ID on (else from now on) what happens, four changes a second."""
    protocol_version = "HTTP/1.1"
    def log_message(self, *words): pass
    def do_GET(self):
        print("comes, Last-Event-ID", self.headers.get("Last-Event-ID"), flush=True)
        number = int(self.headers.get("Last-Event-ID") or now[0])
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        if sys.argv[2]:
            self.send_header("Cache-Control", sys.argv[2])
        self.end_headers()
        try:
            while True:
                while number < now[0]:
                    number += 1
                    event = b"id: %d\ndata: alice %s\n\n" % (number, b"online" if number % 2 else b"offline")
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
                time.sleep(0.05)
        except OSError:
            print("leaves", flush=True)

threading.Thread(target=count, daemon=True).start()
server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Stream)
server.daemon_threads = True
server.serve_forever()
PY
ids() { { curl -sN -m "$1" "$url" "${@:2}" || true; } | sed -n 's/^id: //p' | paste -sd' '; }
# play NAME CACHE-CONTROL: one client for 2 s; 2 s later, with the last id it had, another for 2 s; 2 s later the end.
play() {
    local back front pids=()
    back=$(free_port) front=$(free_port)
    url=http://127.0.0.1:$front/changes
    sed "s/\"8080\"/\"$back\"/" unpacked/etc/varnish/default.vcl > "$1.vcl"
    python3 server.py "$back" "$2" > "$1.log" & pids+=($!)
    unpacked/usr/sbin/varnishd -F -n "$dir/$1" -j none -f "$dir/$1.vcl" -a "127.0.0.1:$front" > "$1.out" 2>&1 & pids+=($!)
    for _ in $(seq 100); do grep -q 'Child .* Started' "$1.out" && break; sleep 0.1; done
    sleep 1; first=$(ids 2); sleep 2
    second=$(ids 2 -H "Last-Event-ID: ${first##* }")
    sleep 2
    echo "$1: first client: $first"
    echo "$1: second client, Last-Event-ID ${first##* }: $second"
    sed "s/^/$1: server: a client /" "$1.log"
    kill "${pids[@]}"
    wait "${pids[@]}" 2> /dev/null || true
}
unpacked/usr/sbin/varnishd -V 2>&1 | head -1
play default ''
[ "${second%% *}" = "${first%% *}" ] && [ "$(cat default.log)" = 'comes, Last-Event-ID None' ]
play no-store no-store
[ "${second%% *}" = $((${first##* } + 1)) ] && [ "$(grep -c comes no-store.log)/$(grep -c leaves no-store.log)" = 2/2 ]
