"""mqttwarn 0.36.1, with a target that writes to a file."""
import sys

from mqttwarn.commands import run
from steering import HOST, PASSWORD, PORT, USER

with open("mqttwarn.ini", "w", encoding="utf8") as file:
    file.write(f"""
[defaults]
hostname = '{HOST}'
port = {PORT}
username = '{USER}'
password = '{PASSWORD}'
lwt = 'clients/mqttwarn'
lwt_alive = '1'
lwt_dead = '0'
launch = file

[config:file]
targets = {{ 'log': ['messages.log'] }}

[test/messages]
targets = file:log
""")
sys.argv = ["mqttwarn", "--config-file=mqttwarn.ini"]
run()
