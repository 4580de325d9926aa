import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

/// Things that describe themselves to Home Assistant, at a real broker beside the built bridge.
@Suite("Discovery")
struct DiscoveryTests {
    private func start(_ lines: String..., flags: [String: String] = [:]) async throws -> Service {
        let topics = ["homeassistant/#", "lamp/#", "linux/#", "tele/#"]
        return try await Service.adopting(lines, topics: topics, flags: flags)
    }

    private let lamp =
        #"{"~":"lamp","avty_t":"~/s","dev":{"ids":["l1"],"name":"Lamp"},"stat_t":"~/x"}"#

    @Test(
        "It is there as its topic says, before or after it is described, over MQTT 3.1.1 and 5",
        arguments: ["5", "3.1.1"]
    )
    func words(_ version: String) async throws {
        let service = try await start("discovery", "tasmota", flags: ["mqtt_version": version])
        defer { service.end() }
        let things = try await service.things()
        try await things.publish("lamp/s", "online", retain: true)
        try await things.publish("homeassistant/light/lamp/config", lamp, retain: true)
        try await service.status(of: "discovery-Lamp", is: "online")
        try await things.publish("lamp/s", "offline", retain: true)
        try await service.status(of: "discovery-Lamp") { $0["cause"]?.string == "lost" }
        try await things.publish("lamp/s", "online", retain: true)
        let before = try await service.status(of: "discovery-Lamp", is: "online")
        try await service.stopBridge()
        try await service.startBridge()
        #expect(try await service.status(of: "discovery-Lamp") == before)
        try await things.publish("homeassistant/light/lamp/config", "", retain: true)
        try await service.status(of: "discovery-Lamp") { $0["cause"]?.string == "logout" }
    }

    @Test("While the bridge is away things come, go, and are described no more")
    func absence() async throws {
        let service = try await start("discovery")
        defer { service.end() }
        let things = try await service.things()
        for name in ["a", "b", "c"] {
            let text = lamp.replacing("l1", with: name).replacing("Lamp", with: name)
                .replacing(#""~":"lamp""#, with: #""~":"lamp/\#(name)""#)
            try await things.publish("homeassistant/light/\(name)/config", text, retain: true)
            try await things.publish("lamp/\(name)/s", "online", retain: true)
            try await service.status(of: "discovery-\(name)", is: "online")
        }
        try await service.stopBridge()
        try await things.publish("homeassistant/light/a/config", "", retain: true)
        try await things.publish("lamp/b/s", "offline", retain: true)
        try await service.startBridge()
        try await service.status(of: "discovery-a") { $0["cause"]?.string == "logout" }
        try await service.status(of: "discovery-b") { $0["cause"]?.string == "lost" }
        #expect(try await service.status(of: "discovery-c")["online"] == .bool(true))
    }

    @Test("What nobody should send ends nothing: long, deep, many, and what is no text")
    func rubbish() async throws {
        let service = try await start("discovery")
        defer { service.end() }
        let things = try await service.things()
        let deep = Array(repeating: "a", count: 190).joined(separator: "/")
        let payloads = [
            Array(repeating: UInt8(ascii: "{"), count: 1 << 20), [0xFF, 0x00],
            Array(String(repeating: #"{"a":"#, count: 200).utf8),
            Array(
                #"{"avty_t":"lamp/s","avty_tpl":"\#(String(repeating: "{", count: 65_536))"}"#.utf8
            ),
            Array(#"{"avty_t":"\#(deep)"}"#.utf8), Array(#"{"avty_t":"$share/x/#"}"#.utf8),
            Array(#"{"avty_t":"presence/bridge/presence-bridge"}"#.utf8),
        ]
        for (number, payload) in payloads.enumerated() {
            try await things.publish(
                Message(
                    topic: "homeassistant/sensor/x\(number)/config",
                    payload: payload,
                    qos: 1,
                    retain: true
                )
            )
        }
        for number in 1...500 {
            let text = lamp.replacing("l1", with: "n\(number)").replacing(
                "Lamp",
                with: "n\(number)"
            )
            try await things.publish("homeassistant/light/n\(number)/config", text, retain: true)
        }
        try await things.publish("lamp/s", "online", retain: true)
        try await service.status(of: "discovery-n500", is: "online")
        try await service.stopBridge()
        try await service.startBridge()
        try await service.status(of: "discovery-n1", is: "online")
        #expect(service.bridgeLog.contains("is left out"))
    }
}
