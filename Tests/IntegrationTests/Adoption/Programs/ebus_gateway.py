"""ebus-sdk 0.27.0, Homie 5: a gateway with a pump behind it."""
from ebus_sdk import Device
from steering import HOST, PASSWORD, PORT, USER, keep_the_end, wait_for_the_end

keep_the_end()
gateway = Device("gw", type="gateway", name="Gateway", homie_domain="ebus", mqtt_cfg={
    "host": HOST, "port": PORT,
    "authentication": {"type": "USER_PASS", "username": USER, "password": PASSWORD},
})
gateway.start_mqtt_client()
with gateway.state_transition():
    pump = Device("pump", type="pump", name="Pump", parent=gateway)
    with pump.state_transition():
        pass
wait_for_the_end()
gateway.stop()
