import Presence
import Testing

@testable import PresenceCore

@Suite("Adopted things behind a gateway")
struct AdoptedGatewayTests {
    private static let online = #"{"state":"online"}"#
    private static let offline = #"{"state":"offline"}"#

    private func zigbee(_ lines: String...) throws -> Bridge {
        var bridge = try Bridge.adopting("zigbee2mqtt")
        bridge.hears("zigbee2mqtt/bridge/state", Self.online)
        for lamp in ["hall", "attic/left"] {
            bridge.hears("zigbee2mqtt/\(lamp)/availability", Self.online)
        }
        return bridge
    }

    @Test("When it goes, they go with its cause, at once and together")
    func death() throws {
        var bridge = try zigbee()
        bridge.hears("zigbee2mqtt/bridge/state", Self.offline)
        #expect(bridge.word("zigbee2mqtt-hall") == "online")
        bridge.now = bridge.now.advanced(by: .seconds(3))
        let told = bridge.send().statuses
        // The gateway and its two lamps, in one turn.
        #expect(told.count == 3)
        #expect(bridge.cause("zigbee2mqtt-hall") == .lost)
        #expect(bridge.cause("zigbee2mqtt") == .lost)
    }

    @Test("When it is back, what they had said holds again")
    func comeback() throws {
        var bridge = try zigbee()
        bridge.hears("zigbee2mqtt/hall/availability", Self.offline)
        bridge.hears("zigbee2mqtt/bridge/state", Self.offline)
        bridge.pass(.seconds(10))
        let other = try #require(bridge.statuses.keys.first { $0.text.contains("attic") }?.text)
        #expect(bridge.word(other) == "offline")
        bridge.hears("zigbee2mqtt/bridge/state", Self.online)
        #expect(bridge.word(other) == "online")
        #expect(bridge.word("zigbee2mqtt-hall") == "offline")
    }

    @Test("A short absence of the gateway is none of anybody's")
    func shortAbsence() throws {
        var bridge = try zigbee()
        let before = bridge.status("zigbee2mqtt-hall")
        bridge.hears("zigbee2mqtt/bridge/state", Self.offline)
        bridge.pass(.seconds(2))
        bridge.hears("zigbee2mqtt/bridge/state", Self.online)
        bridge.pass(.seconds(10))
        #expect(bridge.status("zigbee2mqtt-hall") == before)
    }

    @Test("What is found of a thing waits for its gateway's word, whatever comes first")
    func found() throws {
        var bridge = try Bridge.adopting("zigbee2mqtt")
        bridge.adopted["zigbee2mqtt/hall/availability"] = Array(Self.online.utf8)
        bridge.reconnect()
        #expect(bridge.status("zigbee2mqtt-hall") == nil)
        bridge.adopted["zigbee2mqtt/bridge/state"] = Array(Self.offline.utf8)
        bridge.reconnect()
        #expect(bridge.status("zigbee2mqtt-hall") == nil)
        bridge.hears("zigbee2mqtt/bridge/state", Self.online)
        #expect(bridge.word("zigbee2mqtt-hall") == "online")
    }

    @Test("linux2mqtt is killed: its metrics say online still, and are gone with the host")
    func linux2mqtt() throws {
        var bridge = try Bridge.adopting("linux2mqtt")
        try bridge.hears(capture: "linux2mqtt-KILL")
        #expect(
            bridge.status("linux2mqtt-box")?.devices.map(\.name.text) == [
                "cpu", "linux2mqtt", "virtual_memory",
            ]
        )
        bridge.pass(.seconds(4))
        #expect(bridge.cause("linux2mqtt-box") == .lost)
        #expect(bridge.status("linux2mqtt-box")?.devices == [])
    }

    @Test("Homie 5: children are gone with their root, by a kill and by an orderly end")
    func homie5() throws {
        for (section, cause) in [
            ("ebus-kill", Cause.lost), ("ebus-exit", .lost), ("ebus-stop", .logout),
        ] {
            var bridge = try Bridge.adopting("homie root=ebus version=5")
            try bridge.hears(capture: section)
            #expect(bridge.word("homie-pump") == "online")
            bridge.pass(.seconds(10))
            #expect(bridge.cause("homie-pump") == cause, "\(section)")
            #expect(bridge.cause("homie-gw") == cause, "\(section)")
        }
    }

    @Test("zwave-js-ui ends in order: its own topic stays true, and the driver's says false")
    func zwave() throws {
        var bridge = try Bridge.adopting("zwave-js-ui")
        bridge.hears("zwave/_CLIENTS/ZWAVE_GATEWAY-x/status", #"{"value":true,"time":1}"#)
        bridge.hears("zwave/driver/status", "true")
        bridge.hears("zwave/7/status", #"{"time":1,"value":true,"status":"Alive","nodeId":7}"#)
        #expect(bridge.word("zwave-js-ui-7") == "online")
        bridge.hears("zwave/driver/status", "false")
        bridge.pass(.seconds(4))
        #expect(bridge.cause("zwave-js-ui-7") == .lost)
        bridge.hears("zwave/driver/status", "true")
        #expect(bridge.word("zwave-js-ui-7") == "online")
        bridge.hears("zwave/_CLIENTS/ZWAVE_GATEWAY-x/status", #"{"value":false}"#)
        bridge.pass(.seconds(4))
        #expect(bridge.cause("zwave-js-ui-7") == .lost)
    }

    @Test(
        "Gateways stand behind gateways: with the bridge between brokers all is gone that is behind it"
    )
    func chain() throws {
        let state = "$SYS/broker/connection/edge.main/state"
        var bridge = try Bridge.adopting("zigbee2mqtt source=\(state)", "mosquitto-bridge")
        bridge.hears(state, "1")
        bridge.hears("zigbee2mqtt/bridge/state", Self.online)
        bridge.hears("zigbee2mqtt/hall/availability", Self.online)
        bridge.hears(state, "0")
        bridge.pass(.seconds(4))
        for user in ["zigbee2mqtt-hall", "mosquitto-bridge-edge.main"] {
            #expect(bridge.cause(user) == .lost, "\(user)")
        }
        // What the edge tells again when it is back, of a lamp that is gone, waits for zigbee2mqtt.
        bridge.hears("zigbee2mqtt/bridge/state", Self.offline)
        bridge.pass(.seconds(4))
        bridge.hears(state, "1")
        bridge.hears("zigbee2mqtt/hall/availability", Self.online)
        #expect(bridge.word("zigbee2mqtt-hall") == "offline")
    }

    @Test("A gateway that names itself as its source stands behind nothing")
    func circle() throws {
        var bridge = try Bridge.adopting("zigbee2mqtt source=zigbee2mqtt/bridge/state")
        bridge.hears("zigbee2mqtt/bridge/state", Self.online)
        bridge.hears("zigbee2mqtt/hall/availability", Self.online)
        #expect(bridge.word("zigbee2mqtt-hall") == "online")
        bridge.hears("zigbee2mqtt/bridge/state", Self.offline)
        bridge.pass(.seconds(4))
        #expect(bridge.word("zigbee2mqtt-hall") == "offline")
    }

    @Test("One of a hundred gateways dies: its thousand things are told in one turn, and no other")
    func thousand() throws {
        var bridge = try Bridge.adopting(
            "topic=hall/{gate}/lamp/{name} source=hall/{gate}/alive user=lamp-{gate}-{name}"
        )
        // A hundred thousand are for the bench: here only the gateway that dies is so large.
        var inputs: [Input] = []
        func says(_ topic: String, _ word: String) {
            let message = AdoptedMessage(topic: topic, payload: Array(word.utf8), isFound: false)
            inputs.append(.adoptedHeard(message))
        }
        for gate in 1...100 {
            says("hall/\(gate)/alive", "online")
            for lamp in 1...(gate == 7 ? 1_000 : 10) {
                says("hall/\(gate)/lamp/\(lamp)", "online")
            }
        }
        bridge.send(inputs)
        #expect(bridge.core.metrics.usersOnline == 1_990)
        bridge.hears("hall/7/alive", "offline")
        bridge.now = bridge.now.advanced(by: .seconds(3))
        #expect(bridge.send().statuses.count == 1_000)
        #expect(bridge.core.metrics.usersOnline == 990)
        #expect(bridge.cause("lamp-7-1000") == .lost)
        #expect(bridge.word("lamp-8-1") == "online")
    }
}

@Suite("Adopted Sparkplug nodes")
struct AdoptedSparkplugTests {
    @Test("A killed node is gone, whatever number its library gives its death")
    func kills() throws {
        for (section, node) in [
            ("spb-node-kill", "line1"), ("spbw-node kill", "line2"), ("pyspb-kill", "line3"),
        ] {
            var bridge = try Bridge.adopting("sparkplug")
            try bridge.hears(capture: section)
            #expect(bridge.word("sparkplug-plant-\(node)") == "online", "\(section)")
            bridge.pass(.seconds(4))
            #expect(bridge.cause("sparkplug-plant-\(node)") == .lost, "\(section)")
        }
    }

    @Test("A node that ends in order, again and again, is gone each time")
    func ends() throws {
        for (section, node) in [
            ("spb-node-stop", "line1"), ("spbw-node again", "line2"), ("pyspb-again", "line3"),
        ] {
            var bridge = try Bridge.adopting("sparkplug")
            try bridge.hears(capture: section)
            bridge.pass(.seconds(4))
            #expect(bridge.word("sparkplug-plant-\(node)") == "offline", "\(section)")
        }
    }

    private func payload(_ session: UInt8) -> [UInt8] {
        [0x12, 0x09, 0x0A, 0x05] + Array("bdSeq".utf8) + [0x58, session]
    }

    @Test("The death of the session before comes late: the node is there")
    func lateWill() throws {
        var bridge = try Bridge.adopting("sparkplug")
        bridge.hears("spBv1.0/g/NBIRTH/n", payload(4), retained: false)
        bridge.hears("spBv1.0/g/NBIRTH/n", payload(5), retained: false)
        bridge.hears("spBv1.0/g/NDEATH/n", payload(4), retained: false)
        bridge.pass(.seconds(10))
        #expect(bridge.word("sparkplug-g-n") == "online")
        bridge.hears("spBv1.0/g/NDEATH/n", payload(5), retained: false)
        bridge.pass(.seconds(10))
        #expect(bridge.cause("sparkplug-g-n") == .lost)
    }

    @Test("A death that has counted leaves no number by which a later one would count for nothing")
    func numbersAgain() throws {
        var bridge = try Bridge.adopting("sparkplug")
        for (birth, death): (UInt8, UInt8) in [(0, 1), (1, 1), (0, 1)] {
            bridge.hears("spBv1.0/g/NBIRTH/n", payload(birth), retained: false)
            #expect(bridge.word("sparkplug-g-n") == "online")
            bridge.hears("spBv1.0/g/NDEATH/n", payload(death), retained: false)
            bridge.pass(.seconds(4))
            #expect(bridge.cause("sparkplug-g-n") == .lost)
        }
    }

    @Test("A birth of thousands of metrics is a birth")
    func longBirth() throws {
        var bridge = try Bridge.adopting("sparkplug")
        let body: [UInt8] = [0x2A, 0xF0, 0xA2, 0x04] + [UInt8](repeating: 0, count: 70_000)
        bridge.hears("spBv1.0/g/NBIRTH/n", body + payload(4), retained: false)
        #expect(bridge.word("sparkplug-g-n") == "online")
    }

    @Test("A node's death ends its devices, which must be born anew")
    func devices() throws {
        var bridge = try Bridge.adopting("sparkplug")
        try bridge.hears(capture: "pyspb-kill")
        #expect(bridge.word("sparkplug-plant-line3-pump") == "online")
        bridge.pass(.seconds(4))
        #expect(bridge.cause("sparkplug-plant-line3-pump") == .lost)
        bridge.hears("spBv1.0/plant/NBIRTH/line3", payload(7), retained: false)
        #expect(bridge.word("sparkplug-plant-line3") == "online")
        #expect(bridge.word("sparkplug-plant-line3-pump") == "offline")
        bridge.hears("spBv1.0/plant/DBIRTH/line3/pump", [1], retained: false)
        #expect(bridge.word("sparkplug-plant-line3-pump") == "online")
    }

    @Test("A node dies and is born at once: of its devices those are lost that are not born anew")
    func quickRebirth() throws {
        var bridge = try Bridge.adopting("sparkplug")
        bridge.hears("spBv1.0/g/NBIRTH/n", payload(1), retained: false)
        for device in ["pump", "valve"] {
            bridge.hears("spBv1.0/g/DBIRTH/n/\(device)", [1], retained: false)
        }
        let before = bridge.status("sparkplug-g-n-pump")
        bridge.hears("spBv1.0/g/NDEATH/n", payload(1), retained: false)
        bridge.hears("spBv1.0/g/NBIRTH/n", payload(2), retained: false)
        bridge.hears("spBv1.0/g/DBIRTH/n/pump", [1], retained: false)
        bridge.pass(.seconds(10))
        #expect(bridge.status("sparkplug-g-n-pump") == before)
        #expect(bridge.cause("sparkplug-g-n-valve") == .lost)
        bridge.hears("spBv1.0/g/NBIRTH/n", payload(3), retained: false)
        #expect(bridge.word("sparkplug-g-n-valve") == "offline")
        bridge.hears("spBv1.0/g/DDATA/n/valve", [1], retained: false)
        #expect(bridge.word("sparkplug-g-n-valve") == "online")
    }

    @Test("Nothing is retained: after a connection all is as it was known, until something is said")
    func absence() throws {
        var bridge = try Bridge.adopting("sparkplug")
        bridge.hears("spBv1.0/g/NBIRTH/n", payload(1), retained: false)
        bridge.hears("spBv1.0/g/DBIRTH/n/d", [1], retained: false)
        bridge.reconnect()
        bridge.restart()
        bridge.connect()
        bridge.pass(.seconds(60))
        #expect(bridge.word("sparkplug-g-n") == "online")
        #expect(bridge.word("sparkplug-g-n-d") == "online")
        bridge.hears("spBv1.0/g/NDEATH/n", payload(1), retained: false)
        bridge.pass(.seconds(4))
        #expect(bridge.word("sparkplug-g-n") == "offline")
        // The store knows no gateways: that it is behind this one is told by its name.
        #expect(bridge.cause("sparkplug-g-n-d") == .lost)
        bridge.hears("spBv1.0/g/NDATA/n", [1], retained: false)
        #expect(bridge.word("sparkplug-g-n") == "online")
    }

    @Test("A host's word counts as it comes, and an emitter that is never born is never there")
    func hosts() throws {
        var bridge = try Bridge.adopting("sparkplug")
        try bridge.hears(capture: "spb-host-kill")
        bridge.pass(.seconds(4))
        // The last of it is the birth of another process.
        #expect(bridge.word("sparkplug-scada") == "online")
        try bridge.hears(capture: "spb-host-stop")
        bridge.pass(.seconds(4))
        #expect(bridge.cause("sparkplug-scada") == .lost)
        try bridge.hears(capture: "spb-node-nohost")
        #expect(bridge.status("sparkplug-plant-line1") == nil)
    }
}
