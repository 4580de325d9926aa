import AdoptionCaptures
import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

/// What real programs were seen to publish, at a real broker beside the built bridge.
@Suite("Adoption")
struct AdoptionTests {
    private static let topics = [
        "tele/#", "zigbee2mqtt/#", "homie/#", "ebus/#", "linux/#", "clients/#", "spBv1.0/#",
        "homeassistant/#", "hue2mqtt/#",
    ]

    private func start(
        _ lines: [String],
        flags: [String: String] = [:],
        rights: [String]? = nil
    ) async throws -> Service {
        try await Service.adopting(lines, topics: Self.topics, rights: rights, flags: flags) {
            $0.persistence = true
        }
    }

    /// What becomes of each user in a captured section: how it is in the midst of it, and at the end.
    private static let sections: [(line: String, section: String, users: [String], cause: String)] =
        [
            ("homie", "h4-close", ["homie-pump"], "logout"),
            ("homie", "h4-kill", ["homie-pump", "homie-lamp"], "lost"),
            ("homie root=ebus version=5", "ebus-kill", ["homie-gw", "homie-pump"], "lost"),
            ("homie root=ebus version=5", "ebus-stop", ["homie-gw", "homie-pump"], "logout"),
            ("linux2mqtt", "linux2mqtt-KILL", ["linux2mqtt-box"], "lost"),
            ("mqttwarn", "mqttwarn-TERM", ["mqttwarn-mqttwarn"], "lost"),
            ("sparkplug", "spbw-node kill", ["sparkplug-plant-line2"], "lost"),
            (
                "sparkplug", "pyspb-kill", ["sparkplug-plant-line3", "sparkplug-plant-line3-pump"],
                "lost"
            ),
            ("sparkplug", "spb-host-stop", ["sparkplug-scada"], "lost"),
        ]

    @Test(
        "What programs were seen to publish makes users of them, and takes them away",
        arguments: 0..<sections.count
    )
    func captures(_ number: Int) async throws {
        let (line, section, users, cause) = Self.sections[number]
        let service = try await start([line])
        defer { service.end() }
        let things = try await service.things()
        let messages = try Capture.messages(section)
        for user in users {
            #expect(try await service.text(on: "presence/status/\(user)") == nil)
        }
        var seen: Set<String> = []
        for message in messages {
            try await things.publish(
                Message(
                    topic: message.topic,
                    payload: message.payload,
                    qos: 1,
                    retain: message.isRetained
                )
            )
            // Each is seen online before it goes.
            for user in users where !seen.contains(user) {
                if message == messages.last { break }
                let next = messages.drop { $0 != message }.dropFirst().first
                if next?.isWill == true || next == messages.last {
                    try await service.status(of: user, is: "online")
                    seen.insert(user)
                }
            }
        }
        for user in users {
            try await service.status(of: user) { $0["cause"]?.string == cause }
            // The bridge writes nothing for it on its own device topics either.
            let monitor = try await service.monitor("presence/device/\(user)/+")
            #expect(monitor.takeMessages().isEmpty)
        }
    }

    @Test("A birth and a will of its own, over MQTT 3.1.1 and 5", arguments: ["5", "3.1.1"])
    func will(_ version: String) async throws {
        let service = try await start(["tasmota"], flags: ["mqtt_version": version])
        defer { service.end() }
        let topic = "tele/plug/LWT"
        let will = Message(topic: topic, payload: "Offline", qos: 1, retain: true)
        let watcher = try await service.client("alice", version: version == "5" ? .v5 : .v311)
        try await service.subscribe(watcher, to: "tasmota-plug")
        do {
            let plug = try await service.things(will: will)
            try await plug.publish(topic, "Online", retain: true)
            let status = try await service.status(of: "tasmota-plug", is: "online")
            #expect(status["devices"]?["tasmota"] == .string("online"))
            _ = try await watcher.events(upTo: "tasmota-plug", word: "online")
            keep(plug)
        }
        try await service.status(of: "tasmota-plug") { $0["cause"]?.string == "lost" }
        _ = try await watcher.events(upTo: "tasmota-plug", word: "offline")
        // What was retained is still what the plug left: the bridge has written nothing there.
        let reader = try await service.things()
        try await reader.subscribe(topic)
        #expect(try await reader.expect(topic).text == "Offline")
    }

    @Test(
        "A gateway takes its things with it, a removed thing is gone, and a new bridge tells nothing anew"
    )
    func gateway() async throws {
        let service = try await start(["zigbee2mqtt"])
        defer { service.end() }
        let things = try await service.things()
        let (on, off) = (#"{"state":"online"}"#, #"{"state":"offline"}"#)
        let state = "zigbee2mqtt/bridge/state"
        try await things.publish(state, on, retain: true)
        for lamp in ["hall", "attic"] {
            try await things.publish("zigbee2mqtt/\(lamp)/availability", on, retain: true)
        }
        let before = try await service.status(of: "zigbee2mqtt-hall", is: "online")
        try await service.stopBridge()
        try await service.startBridge()
        #expect(try await service.status(of: "zigbee2mqtt-hall") == before)
        try await things.publish(state, off, retain: true)
        for user in ["zigbee2mqtt-hall", "zigbee2mqtt-attic", "zigbee2mqtt"] {
            try await service.status(of: user) { $0["cause"]?.string == "lost" }
        }
        try await things.publish(state, on, retain: true)
        try await service.status(of: "zigbee2mqtt-hall", is: "online")
        try await things.publish("zigbee2mqtt/hall/availability", "", retain: true)
        try await service.status(of: "zigbee2mqtt-hall") { $0["cause"]?.string == "logout" }
        // While the bridge is away one is removed, and another one comes.
        try await service.stopBridge()
        try await things.publish("zigbee2mqtt/attic/availability", "", retain: true)
        try await things.publish("zigbee2mqtt/cellar/availability", on, retain: true)
        try await service.startBridge()
        try await service.status(of: "zigbee2mqtt-attic") { $0["cause"]?.string == "logout" }
        try await service.status(of: "zigbee2mqtt-cellar", is: "online")
    }

    @Test(
        "The broker is killed: who comes back was never away, and an old retained word is no proof"
    )
    func brokerRestart() async throws {
        let service = try await start(["tasmota"], flags: ["broker_restart_grace": "6s"])
        defer { service.end() }
        let things = try await service.things()
        try await things.publish("tele/plug/LWT", "Online", retain: true)
        try await things.publish("tele/lamp/LWT", "Online", retain: true)
        let before = try await service.status(of: "tasmota-plug", is: "online")
        try await service.status(of: "tasmota-lamp", is: "online")
        try await service.brokerHasRun(6)
        try await service.broker.save()
        try await service.broker.restart(killing: true)
        keep(things)
        try await service.bridgeState { $0["epoch"]?.integer == 2 }
        let back = try await service.things()
        try await back.publish("tele/plug/LWT", "Online", retain: true)
        try await service.status(of: "tasmota-lamp") { $0["cause"]?.string == "restart" }
        #expect(try await service.status(of: "tasmota-plug") == before)
        #expect(try await service.status(of: "tasmota-lamp")["online"] == .bool(false))
    }

    @Test("Without the right to read nothing comes, and the line for the ACL is in the log")
    func rights() async throws {
        let service = try await start(["tasmota"], rights: ["topic read zigbee2mqtt/#"])
        defer { service.end() }
        let things = try await service.things()
        try await things.publish("tele/plug/LWT", "Online", retain: true)
        try await eventually("the line is in the log", log: service.bridgeLog) {
            service.bridgeLog.contains("topic read tele/+/LWT") ? true : nil
        }
        #expect(try await service.text(on: "presence/status/tasmota-plug") == nil)
    }

    @Test("A node that is not known by its birth is asked for it, and its devices come")
    func rebirth() async throws {
        let rights = ["topic read spBv1.0/#", "topic write spBv1.0/+/NCMD/+"]
        let service = try await start(["sparkplug rebirth=true"], rights: rights)
        defer { service.end() }
        let node = try await service.things()
        let command = "spBv1.0/plant/NCMD/line3"
        try await node.subscribe(command)
        let births = try Capture.messages("pyspb-kill").filter { $0.topic.contains("BIRTH/") }
        let data = Message(topic: "spBv1.0/plant/NDATA/line3", payload: births[0].payload, qos: 1)
        try await node.publish(data)
        let asked = try await node.expect(command)
        #expect(asked.text.contains("Node Control/Rebirth") && !asked.retain)
        try await service.status(of: "sparkplug-plant-line3", is: "online")
        #expect(try await service.text(on: "presence/status/sparkplug-plant-line3-pump") == nil)
        for birth in births {
            try await node.publish(Message(topic: birth.topic, payload: birth.payload, qos: 1))
        }
        try await service.status(of: "sparkplug-plant-line3-pump", is: "online")
        // One that was born is asked no more.
        try await node.publish(data)
        try await node.publish(command, "marker")
        #expect(try await node.expect(command).text == "marker")
    }

    @Test("Rubbish of every kind on adopted topics ends nothing")
    func rubbish() async throws {
        let service = try await start(["tasmota", "homie version=5", "sparkplug", "hue2mqtt"])
        defer { service.end() }
        let things = try await service.things()
        let payloads: [[UInt8]] = [
            [0xFF, 0xFE], Array(repeating: 0x7B, count: 1 << 20), Array(#"{"root":"#.utf8),
            [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0],
        ]
        for topic in [
            "tele/x/LWT", "tele/x/DEEPSLEEP", "homie/5/x/$description", "homie/5/x/$state",
            "spBv1.0/g/NBIRTH/x", "spBv1.0/g/NDEATH/x", "hue2mqtt/status", "tele/ \u{1F4A1} /LWT",
        ] {
            for payload in payloads {
                try await things.publish(
                    Message(topic: topic, payload: payload, qos: 1, retain: true)
                )
            }
        }
        try await things.publish("tele/plug/LWT", "Online", retain: true)
        try await service.status(of: "tasmota-plug", is: "online")
        try await service.stopBridge()
        try await service.startBridge()
        try await service.status(of: "tasmota-plug", is: "online")
    }
}
