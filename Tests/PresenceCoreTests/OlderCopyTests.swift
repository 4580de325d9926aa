import Presence
import Testing

@testable import PresenceCore

@Suite("Older copies of what a broker had retained")
struct OlderCopyTests {
    private static let corrected = #"{"status":"offline","by":"presence-bridge"}"#

    /// A bridge that heard a device log out, whose broker then came back with an older copy.
    private static func withOlderCopy(
        _ logout: String,
        _ change: (inout Limits) -> Void = { _ in }
    ) -> Bridge {
        var bridge = Bridge.serving(change)
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", logout)
        bridge.topics[DeviceKey("alice/phone")] = Array("online".utf8)
        bridge.restartBroker(after: .milliseconds(100))
        return bridge
    }

    @Test(
        "Of a device whose grace was not over, it is put right as well",
        arguments: [("offline", corrected), ("", nil)]
    )
    func departing(_ logout: String, _ topic: String?) {
        var bridge = Self.withOlderCopy(logout)
        bridge.pass(.seconds(2))
        #expect(bridge.status("alice")?.cause == .logout)
        bridge.pass(.seconds(60))
        #expect(bridge.topic("alice/phone") == topic)
        bridge.pass(.seconds(60))
        bridge.reconnect()
        #expect(bridge.word("alice") == "offline")
    }

    @Test("One that the audit finds when the grace is over is put right before it could count")
    func afterTheGrace() {
        var bridge = Self.withOlderCopy("offline") { $0.auditInterval = .seconds(4) }
        bridge.says("bob/phone", "online")
        Self.audit(&bridge, seconds: 62)
        // The correction did not reach the broker, or a reading had passed by before it.
        for path in ["alice/phone", "bob/tablet"] {
            bridge.topics[DeviceKey(path)] = Array("away".utf8)
        }
        Self.audit(&bridge, seconds: 100)
        #expect(bridge.disk.broker?.isSettled == true)
        #expect(bridge.topic("alice/phone") == Self.corrected)
        #expect(bridge.topic("bob/tablet") == nil)
        #expect(bridge.word("alice") == "offline")
        #expect(bridge.word("bob") == "online")
    }

    /// Lets time pass, with all the readings that are wanted meanwhile.
    private static func audit(_ bridge: inout Bridge, seconds: Int) {
        for _ in 0..<seconds {
            let effects = bridge.pass(.seconds(1))
            bridge.answerReadings(in: effects)
        }
    }

    @Test("A device that speaks meanwhile is there, whatever was found")
    func speaks() {
        var bridge = Self.withOlderCopy("offline")
        bridge.pass(.seconds(2))
        bridge.says("alice/phone", "away")
        bridge.pass(.seconds(200))
        #expect(bridge.word("alice") == "away")
        #expect(bridge.topic("alice/phone") == "away")
    }
}
