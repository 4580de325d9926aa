"""mqtt-spb-wrapper 2.1.2: a node, whose will never has the number of its birth."""
import time

from mqtt_spb_wrapper import MqttSpbEntityEdgeNode
from steering import HOST, PASSWORD, PORT, USER, keep_the_end, wait_for_the_end

keep_the_end()
node = MqttSpbEntityEdgeNode("plant", "line2")
node.data.set_value("t", 7)
node.connect(HOST, PORT, USER, PASSWORD)
while not node.is_connected():
    time.sleep(0.1)
node.publish_birth()
wait_for_the_end()
node.disconnect()
