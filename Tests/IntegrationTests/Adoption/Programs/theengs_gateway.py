"""Theengs gateway 1.8.0, with a radio that never hears anything."""
import sys
import types

from steering import HOST, PASSWORD, PORT, USER


class Scanner:
    """Takes what bleak's does, and finds nothing."""

    def __init__(self, **options):
        pass

    async def start(self):
        pass

    async def stop(self):
        pass


def module(name, **members):
    """A module of bleak, which speaks to the radio."""
    sys.modules[name] = types.ModuleType(name)
    for key, value in members.items():
        setattr(sys.modules[name], key, value)


module(
    "bleak", BleakScanner=Scanner, BleakClient=Scanner, BleakGATTCharacteristic=object,
    BleakError=type("BleakError", (Exception,), {}),
)
module("bleak.assigned_numbers", AdvertisementDataType=type("Type", (), {"FLAGS": 1}))
for part in ["backends", "backends.bluezdbus", "backends.device", "backends.scanner"]:
    module("bleak." + part, BLEDevice=object, AdvertisementData=object)
module("bleak.backends.bluezdbus.advertisement_monitor", OrPattern=lambda *values: values)
module("bleak.backends.bluezdbus.scanner", BlueZScannerArgs=dict)

from TheengsGateway import main

sys.argv = [
    "TheengsGateway", "--config", "theengs.json", "-H", HOST,
    "-P", str(PORT), "-u", USER, "-p", PASSWORD,
]
main()
