"""homie4 0.4.0: a contact, whose library leaves the end to whoever uses it."""
from homie.device_contact import Device_Contact
from steering import HOST, PASSWORD, PORT, USER, keep_the_end, wait_for_the_end

keep_the_end()
device = Device_Contact("pump", "Pump", mqtt_settings={
    "MQTT_BROKER": HOST, "MQTT_PORT": PORT, "MQTT_USERNAME": USER, "MQTT_PASSWORD": PASSWORD,
})
wait_for_the_end()
device.close()
# What it says goes out on another thread, which the end of the process would cut off.
loop = device.mqtt_client.event_loop
loop.call_soon_threadsafe(lambda: loop.call_later(0.5, loop.stop))
device.mqtt_client._ws_thread.join()
