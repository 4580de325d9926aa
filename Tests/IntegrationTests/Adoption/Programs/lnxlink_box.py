"""LNXlink 2026.10.0: the processor of a host, without a system bus."""
import sys

import yaml
from lnxlink.__main__ import main
from lnxlink.consts import CONFIGTEMP
from steering import HOST, PASSWORD, PORT, USER

config = yaml.safe_load(CONFIGTEMP)
config["update_interval"] = 5
config["modules"] = ["cpu"]
config["mqtt"].update({
    "clientId": "box", "server": HOST, "port": PORT,
    "auth": {"user": USER, "pass": PASSWORD, "tls": False},
})
config["mqtt"]["discovery"]["enabled"] = False
with open("lnxlink.yaml", "w", encoding="utf8") as file:
    yaml.safe_dump(config, file)
sys.argv = ["lnxlink", "-i", "-c", "lnxlink.yaml"]
main()
