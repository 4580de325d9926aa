"""hue2mqtt 0.4.2, with a stand-in for the bridge of the lamps on loopback."""
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hue2mqtt.app import app
from steering import HOST, PASSWORD, PORT, USER

STATE = {
    "config": {"name": "Hue", "mac": "00:17:88:00:00:00", "bridgeid": "001788FFFE000000", "apiversion": "1.50.0"},
    "lights": {},
    "groups": {},
    "scenes": {},
    "sensors": {},
}


class Bridge(BaseHTTPRequestHandler):
    """Answers as an older bridge does, which knows the first interface alone."""

    def do_GET(self):
        known = self.path.startswith("/api/")
        body = json.dumps(STATE).encode() if known else b""
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Bridge)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open("hue2mqtt.toml", "w", encoding="utf8") as file:
    file.write(f"""
[mqtt]
host = "{HOST}"
port = {PORT}
enable_auth = true
username = "{USER}"
password = "{PASSWORD}"

[hue]
ip = "127.0.0.1:{server.server_port}"
username = "user"
""")

sys.argv = ["hue2mqtt", "-v", "-c", "hue2mqtt.toml"]
app()
