"""ha-mqtt-discoverable 0.26.0: a door that says itself whether it is there."""
from ha_mqtt_discoverable import DeviceInfo, Settings
from ha_mqtt_discoverable.sensors import BinarySensor, BinarySensorInfo
from steering import HOST, PASSWORD, PORT, USER, keep_the_end, wait_for_the_end

keep_the_end()
broker = Settings.MQTT(host=HOST, port=PORT, username=USER, password=PASSWORD)
info = BinarySensorInfo(
    name="door", device_class="door", unique_id="d1", device=DeviceInfo(name="Hall", identifiers="hall")
)
door = BinarySensor(Settings(mqtt=broker, entity=info, manual_availability=True))
door.on()
door.set_availability(True)
wait_for_the_end()
