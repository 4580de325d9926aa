"""pysparkplug 0.6.1: a node and its pump."""
import pysparkplug as psp
from steering import HOST, PASSWORD, PORT, USER, keep_the_end, wait_for_the_end

keep_the_end()
metric = psp.Metric(timestamp=psp.get_current_timestamp(), name="t", datatype=psp.DataType.INT32, value=7)
node = psp.EdgeNode("plant", "line3", [metric], client=psp.Client(username=USER, password=PASSWORD))
node.register(psp.Device("pump", [metric]))
node.connect(HOST, port=PORT)
wait_for_the_end()
node.disconnect()
