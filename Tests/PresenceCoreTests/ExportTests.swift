import Presence
import PresenceAdoption
import Testing

@testable import PresenceCore

@Suite("Users that are described to Home Assistant")
struct ExportTests {
    private let alice = "homeassistant/device/presence/alice/config"

    private func exporting(_ line: String? = "home-assistant") throws -> Bridge {
        var bridge = Bridge(
            exporting: try line.map { text throws(AdoptionFault) in
                try ExportPlan(text, topicPrefix: "presence")
            }
        )
        bridge.connect()
        bridge.uptime()
        return bridge
    }

    private func topics(_ bridge: Bridge) -> [String] { bridge.discoveryMessages.keys.sorted() }

    @Test("A user is described as soon as it is known, once, and no more when it is forgotten")
    func users() throws {
        var bridge = try exporting()
        #expect(bridge.exportNote == "homeassistant")
        bridge.says("alice/phone", "online")
        bridge.pass(.seconds(1))
        #expect(topics(bridge) == [alice])
        let payload = bridge.discoveryMessages[alice]
        #expect(
            payload
                == ExportTopics(prefix: "homeassistant", Topics(), bridgeID: "presence-bridge")
                .payload(of: Name(checked: "alice"))
        )
        let effects = bridge.says("alice/phone", "away") + bridge.pass(.seconds(1))
        #expect(!effects.contains(.retain(.discoveryMessage(alice), payload ?? [])))
        bridge.says("alice/phone", "")
        bridge.pass(.seconds(400 * 86_400))
        #expect(bridge.statuses.isEmpty)
        #expect(topics(bridge) == [])
        bridge.says("alice/phone", "online")
        bridge.pass(.seconds(1))
        #expect(topics(bridge) == [alice])
    }

    @Test(
        "After a connection what is missing or differs is written, and what is nobody's is cleared"
    )
    func reading() throws {
        var bridge = try exporting()
        for user in ["alice", "bob", "carol"] { bridge.says("\(user)/phone", "online") }
        bridge.pass(.seconds(1))
        let before = bridge.discoveryMessages
        let own = Array(#"{"origin":{"name":"presence-bridge"}}"#.utf8)
        bridge.discoveryMessages["homeassistant/device/presence/bob/config"] = own
        bridge.discoveryMessages["homeassistant/device/presence/carol/config"] = nil
        bridge.discoveryMessages["homeassistant/device/presence/dave/config"] = own
        // What another program has written stays.
        let other = "homeassistant/device/presence/eve/config"
        bridge.discoveryMessages[other] = Array(#"{"origin":{"name":"x"}}"#.utf8)
        let effects = bridge.reconnect() + bridge.pass(.seconds(1))
        #expect(bridge.discoveryMessages.removeValue(forKey: other) != nil)
        #expect(bridge.discoveryMessages == before)
        #expect(
            !effects.contains {
                if case .retain(.discoveryMessage(alice), _) = $0 { true } else { false }
            }
        )
    }

    @Test("Only the users of the line are described; one that was taken from it is cleared")
    func some() throws {
        var bridge = try exporting()
        for user in ["alice", "bob"] { bridge.says("\(user)/phone", "online") }
        bridge.pass(.seconds(1))
        #expect(topics(bridge).count == 2)
        bridge.export = try ExportPlan("home-assistant users=alice,zoe", topicPrefix: "presence")
        bridge.restart()
        bridge.connect()
        bridge.pass(.seconds(1))
        #expect(topics(bridge) == [alice])
    }

    @Test(
        "The line went, or has another prefix, while the bridge was stopped: what it wrote is cleared"
    )
    func vanished() throws {
        var bridge = try exporting()
        bridge.says("alice/phone", "online")
        bridge.pass(.seconds(1))
        bridge.export = try ExportPlan("home-assistant prefix=ha", topicPrefix: "presence")
        bridge.restart()
        bridge.connect()
        bridge.pass(.seconds(1))
        #expect(topics(bridge) == ["ha/device/presence/alice/config"])
        #expect(bridge.exportNote == "ha")
        bridge.export = nil
        bridge.restart()
        bridge.connect()
        bridge.pass(.seconds(1))
        #expect(topics(bridge) == [])
        #expect(bridge.exportNote == nil)
        #expect(
            bridge.reconnect().filter {
                if case .read(_, .discoveryMessages) = $0 { true } else { false }
            }.isEmpty
        )
    }

    @Test("What is to be cleared is read until the broker has dropped nothing of it")
    func cut() throws {
        var bridge = try exporting()
        for user in ["alice", "bob"] { bridge.says("\(user)/phone", "online") }
        bridge.pass(.seconds(1))
        bridge.export = nil
        bridge.restart()
        bridge.cutsDiscoveryMessages = true
        // Of what the first reading lacks nothing is known.
        let lost = bridge.discoveryMessages.removeValue(forKey: alice)
        bridge.connect()
        #expect(topics(bridge) == [])
        #expect(bridge.exportNote == "homeassistant")
        bridge.discoveryMessages[alice] = lost
        bridge.answerReadings(in: bridge.pass(.seconds(2)))
        #expect(topics(bridge) == [])
        #expect(bridge.exportNote == "homeassistant")
        bridge.cutsDiscoveryMessages = false
        bridge.answerReadings(in: bridge.pass(.seconds(2)))
        #expect(bridge.exportNote == nil)
    }

    @Test("Without the line nothing is read and nothing is written")
    func nothing() throws {
        var bridge = try exporting(nil)
        bridge.says("alice/phone", "online")
        bridge.pass(.seconds(1))
        #expect(topics(bridge) == [])
        #expect(bridge.exportNote == nil)
    }

    @Test("Many users are written a part at a time, and not while the broker does not keep up")
    func slices() throws {
        var bridge = try exporting()
        bridge.send(.brokerCongested(true))
        bridge.send(
            (0..<1_200).map { number in
                .deviceReported(
                    Report(
                        user: Name(checked: "u\(number)"),
                        device: Name(checked: "d"),
                        payload: Array("online".utf8)
                    )
                )
            }
        )
        bridge.pass(.seconds(2))
        #expect(topics(bridge).count == 0)
        bridge.send(.brokerCongested(false))
        bridge.pass(.milliseconds(150))
        #expect((500...1_000).contains(topics(bridge).count))
        bridge.pass(.seconds(1))
        #expect(topics(bridge).count == 1_200)
    }
}
