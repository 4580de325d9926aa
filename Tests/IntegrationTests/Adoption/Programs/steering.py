"""How a test steers the programs: which broker, and when to end."""
import os
import signal
import threading

HOST = os.environ["BROKER_HOST"]
PORT = int(os.environ["BROKER_PORT"])
USER = os.environ["BROKER_USER"]
PASSWORD = USER


def wait_for_the_end():
    """Waits until SIGTERM asks this program to end."""
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: asked.set())
    asked.wait()
