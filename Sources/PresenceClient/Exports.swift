// What an app that imports this module can name without importing more.
@_exported import Presence

@_exported import enum Mosquitto.ConnectionRefusal
@_exported import enum Mosquitto.ProtocolVersion
@_exported import struct Mosquitto.TLSOptions
