import Presence
import PresenceAdoption
import Testing

@testable import PresenceCore

@Suite("A right to read that is taken away")
struct LineRightsTests {
    @Test("Where nothing of a line is found any more its things stay, and the log names the right")
    func lostRight() throws {
        var bridge = try Bridge.adopting("tasmota", "esphome topic=esp/{name}/status")
        let plugs = ["plug", "heater", "pump", "lamp", "saw", "press"].map { "tele/\($0)/LWT" }
        for topic in plugs { bridge.hears(topic, "Online") }
        bridge.hears("esp/gate/status", "online")
        let before = bridge.adopted
        for topic in plugs { bridge.adopted[topic] = nil }
        var effects = bridge.answerReadings(in: bridge.send(.readingStalled))
        #expect(effects.lines.contains { $0.contains("topic read tele/+/LWT") })
        bridge.pass(.seconds(10))
        #expect(bridge.core.metrics.usersOnline == 7)
        // So do they where the bridge is started anew.
        bridge.restart()
        effects = bridge.connect()
        bridge.pass(.seconds(10))
        #expect(bridge.core.metrics.usersOnline == 7)
        // With the right they are as they were, and what is emptied is gone.
        bridge.adopted = before
        bridge.adopted[plugs[0]] = nil
        bridge.answerReadings(in: bridge.send(.readingStalled))
        bridge.pass(.seconds(10))
        #expect(bridge.core.metrics.usersOnline == 6)
        #expect(bridge.cause("tasmota-plug") == .logout)
        // All that a small part of them says is gone, and others are found: so it is.
        for topic in plugs.prefix(3) { bridge.adopted[topic] = nil }
        bridge.answerReadings(in: bridge.send(.readingStalled))
        bridge.pass(.seconds(10))
        #expect(bridge.core.metrics.usersOnline == 4)
        // Of a single thing nothing can be known.
        bridge.adopted["esp/gate/status"] = nil
        bridge.answerReadings(in: bridge.send(.readingStalled))
        bridge.pass(.seconds(10))
        #expect(bridge.cause("esphome-gate") == .logout)
    }

    @Test("Where no message that describes things is found any more they stay, too")
    func described() throws {
        var bridge = try Bridge.adopting("discovery")
        for name in ["A", "B"] {
            let text = #"{"avty_t":"\#(name)/s","dev":{"ids":["\#(name)"],"name":"\#(name)"}}"#
            bridge.learns("homeassistant/light/\(name)/config", text)
            bridge.hears("\(name)/s", "online")
        }
        let before = bridge.adopted
        for name in ["A", "B"] { bridge.adopted["homeassistant/light/\(name)/config"] = nil }
        let effects = bridge.answerReadings(in: bridge.send(.readingStalled))
        #expect(effects.lines.contains { $0.contains("topic read homeassistant/+/+/config") })
        bridge.pass(.seconds(10))
        #expect(bridge.core.metrics.usersOnline == 2)
        bridge.adopted = before
        bridge.adopted["homeassistant/light/A/config"] = nil
        bridge.answerReadings(in: bridge.send(.readingStalled))
        bridge.pass(.seconds(10))
        #expect(bridge.core.metrics.usersOnline == 1)
    }
}
