#!/usr/bin/env bash
# slixmpp 1.17.0 with stream management: after a resumed stream everybody is offline, and stays so.
#
# One would expect: XEP-0198 takes up a stream where it broke. The server tells nothing again, since the client has
# missed nothing, so what the client knows of its contacts holds.
# What happens: slixmpp forgets all presences when the connection is lost, also when the stream is resumed afterwards.
# client_roster then shows nobody until each contact says something new. Without stream management the server tells
# again who is there.
# Presence: a gateway to MQTT that reads client_roster tells all users offline after a short loss of its connection.
# What is meant to spare a new start makes it worse.
# What helps: a table of one's own, by presence_available and presence_unavailable, emptied at session_start and not at
# session_resumed; or a probe of each contact after a resumption (run here); or no xep_0198.
# Versions: slixmpp 1.17.0, Debian 12's ejabberd 23.01-1 (installed); as root or ejabberd. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d); chmod 755 "$dir"
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port=$(free_port) ERL_EPMD_PORT=$(free_port); export ERL_EPMD_PORT
ctl() {
    ejabberdctl --config "$dir/ejabberd.yml" --ctl-config "$dir/ejabberdctl.cfg" --spool "$dir/spool" \
        --logs "$dir/logs" --node finding@localhost "$@"
}
end() {
    ctl stop > /dev/null 2>&1 && ctl stopped > /dev/null 2>&1 || true
    kill -9 $(jobs -p) 2> /dev/null || true
    epmd -port "$ERL_EPMD_PORT" -kill > /dev/null 2>&1 || true
    rm -rf "$dir"
}
trap end EXIT
cd "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib slixmpp==1.17.0
cat > ejabberd.yml <<YML
hosts: [localhost]
auth_method: internal
listen: [{port: $port, ip: "127.0.0.1", module: ejabberd_c2s}]
modules: {mod_roster: {}, mod_admin_extra: {}, mod_stream_mgmt: {}}
YML
echo 'ERL_EPMD_ADDRESS=127.0.0.1' > ejabberdctl.cfg
mkdir spool logs
[ "$(id -u)" != 0 ] || chown ejabberd spool logs
dpkg-query -W -f '${Package} ${Version}\n' ejabberd
ctl foreground > ejabberd.log 2>&1 &
ctl started
for user in alice bob; do ctl register $user localhost secret > /dev/null; done
ctl add_rosteritem alice localhost bob localhost bob '' both
ctl add_rosteritem bob localhost alice localhost alice '' both
cat > play.py <<'PY'
import asyncio, sys, slixmpp

class User(slixmpp.ClientXMPP):
    def __init__(self, name, managed=False):
        super().__init__(name + "@localhost/desk", "secret")
        self.enable_starttls = self.enable_direct_tls = False
        self.enable_plaintext = self.plugin["feature_mechanisms"].unencrypted_scram = True
        self.ready = asyncio.Event()
        if managed: self.register_plugin("xep_0198")
        self.add_event_handler("session_resumed", lambda _: self.ready.set())
        self.add_event_handler("session_start", self.start)
    async def start(self, _):
        await self.get_roster()
        self.send_presence()
        self.ready.set()
    async def come(self):
        self.ready.clear()
        self.connect("127.0.0.1", int(sys.argv[1]))
        await asyncio.wait_for(self.ready.wait(), 10)
        await asyncio.sleep(0.7)
    def sees_bob(self): return bool(self.client_roster["bob@localhost"].resources)

async def play(managed):
    """Alice's connection breaks, and comes back."""
    alice, bob = User("alice", managed), User("bob")
    for user in (bob, alice): await user.come()
    seen = [alice.sees_bob()]
    alice.transport.abort()
    await alice.come()
    seen.append(alice.sees_bob())
    alice.send_presence(pto="bob@localhost", ptype="probe")
    await asyncio.sleep(0.7)
    seen.append(alice.sees_bob())
    print("%s: bob is online before: %s; connected again: %s; after a probe: %s" % (
        "resumed stream" if managed else "new stream", *seen), flush=True)
    await asyncio.gather(alice.disconnect(), bob.disconnect())
    return seen

print("slixmpp", slixmpp.__version__)
fresh, resumed = asyncio.run(play(False)), asyncio.run(play(True))
sys.exit((fresh, resumed) != ([True] * 3, [True, False, True]))
PY
PYTHONPATH=lib timeout 60 python3 play.py "$port"
