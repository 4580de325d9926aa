"""linux2mqtt 1.9.0: the processor and the memory of a host."""
import sys

from linux2mqtt.linux2mqtt import main
from steering import HOST, PASSWORD, PORT, USER

sys.argv = [
    "linux2mqtt", "--name", "box", "--host", HOST, "--port", str(PORT),
    "--username", USER, "--password", PASSWORD,
    "--interval", "5", "--cpu=5", "--vm", "-vvvv",
]
main()
