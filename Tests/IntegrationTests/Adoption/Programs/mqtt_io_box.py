"""MQTT IO 2.7.0, with the pins that it makes up for tests in the place of those of a board."""
import sys

from mqtt_io.__main__ import main
from steering import HOST, PASSWORD, PORT, USER

with open("mqtt-io.yml", "w", encoding="utf8") as file:
    file.write(f"""
mqtt:
  host: {HOST}
  port: {PORT}
  user: {USER}
  password: {PASSWORD}
  topic_prefix: box/io
gpio_modules:
  - name: mock
    module: mock
    test: true
digital_outputs:
  - name: lamp
    module: mock
    pin: 1
""")
sys.argv = ["mqtt_io", "mqtt-io.yml"]
main()
