"""How a test steers the programs: which broker, and when to end."""
import os
import signal
import threading

HOST = os.environ["BROKER_HOST"]
PORT = int(os.environ["BROKER_PORT"])
USER = os.environ["BROKER_USER"]
PASSWORD = USER


_asked = threading.Event()


def keep_the_end():
    """Lets SIGTERM ask this program to end in order, from here on.

    It is called before the program connects: as soon as that is seen the test may ask.
    """
    signal.signal(signal.SIGTERM, lambda number, frame: _asked.set())


def wait_for_the_end():
    """Waits until SIGTERM asks this program to end."""
    _asked.wait()
