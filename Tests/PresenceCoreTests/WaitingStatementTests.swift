import Presence
import Testing

@testable import PresenceCore

/// What waits for the rate of its user has come: no grace ends over its head.
@Suite("Statements that wait, and graces")
struct WaitingStatementTests {
    private static let devices = (0..<60).map { "alice/d\($0)" }

    /// A user with sixty devices online, of all of which the bridge has heard.
    private static func crowded(session: String? = nil) -> Bridge {
        var bridge = Bridge.serving()
        for path in devices { bridge.says(path, word("online", session)) }
        bridge.pass(.seconds(60))
        #expect(bridge.status("alice")?.devices.count == 60)
        return bridge
    }

    private static func word(_ word: String, _ session: String?) -> String {
        session.map { "{\"status\":\"\(word)\",\"session\":\"\($0)\"}" } ?? word
    }

    @Test(
        "Sixty connections of one user break and are back: nobody is told",
        arguments: [(nil, nil), ("s1", "s2")] as [(String?, String?)]
    )
    func blink(_ old: String?, _ new: String?) {
        for isOneByOne in [false, true] {
            var bridge = Self.crowded(session: old)
            var told: [String] = []
            for path in Self.devices {
                told += bridge.says(path, Self.word("lost", old)).told
                if isOneByOne { told += bridge.says(path, Self.word("online", new)).told }
            }
            bridge.now = bridge.now.advanced(by: .milliseconds(30))
            if !isOneByOne {
                for path in Self.devices {
                    told += bridge.says(path, Self.word("online", new)).told
                }
            }
            told += bridge.pass(.seconds(100)).told
            #expect(told == [])
            #expect(bridge.status("alice")?.devices.count == 60)
        }
    }

    @Test("They break again and again, each time back within the grace: nobody is told")
    func storm() {
        var bridge = Self.crowded()
        var told: [String] = []
        for round in 0..<8 {
            for path in Self.devices { told += bridge.says(path, "lost").told }
            told += bridge.pass(.milliseconds(round % 2 == 0 ? 100 : 2_900)).told
            for path in Self.devices { told += bridge.says(path, "online").told }
            told += bridge.pass(.milliseconds(700)).told
        }
        told += bridge.pass(.seconds(100)).told
        #expect(told == [])
        #expect(bridge.status("alice")?.devices.count == 60)
    }

    @Test("Who is not back is gone when its grace is over, however long its will waits")
    func gone() {
        var bridge = Self.crowded()
        for path in Self.devices { bridge.says(path, "lost") }
        bridge.pass(.milliseconds(2_999))
        #expect(bridge.status("alice")?.devices.count == 60)
        bridge.pass(.milliseconds(1))
        #expect(bridge.word("alice") == "offline")
    }

    @Test("A will that waits behind a birth that waits begins a grace of its own")
    func lostAgain() {
        var bridge = Self.crowded()
        for path in Self.devices { bridge.says(path, "lost") }
        for path in Self.devices { bridge.says(path, "online") }
        bridge.pass(.milliseconds(500))
        let path = Self.devices[59]
        bridge.says(path, "lost")
        bridge.pass(.milliseconds(2_900))
        #expect(bridge.status("alice")?.devices.count == 60)
        bridge.says(path, "online")
        bridge.pass(.seconds(30))
        #expect(bridge.status("alice")?.devices.count == 60)
        // And where it does not come back, it ends three seconds after it came.
        for path in Self.devices { bridge.says(path, "lost") }
        for path in Self.devices { bridge.says(path, "online") }
        bridge.pass(.milliseconds(500))
        bridge.says(path, "lost")
        bridge.pass(.milliseconds(3_100))
        #expect(bridge.status("alice")?.devices.count == 59)
    }

    @Test("A suspect of a restart whose word waits is there")
    func suspects() {
        var bridge = Self.crowded()
        bridge.restartBroker(keepsRetained: false)
        bridge.pass(.milliseconds(59_900))
        for path in Self.devices { bridge.says(path, "online") }
        #expect(bridge.pass(.seconds(100)).statuses == [])
        #expect(bridge.status("alice")?.devices.count == 60)
    }

    @Test("A device in doubt whose word waits is there")
    func doubt() {
        var bridge = Self.crowded(session: "s1")
        bridge.topics[DeviceKey(Self.devices[59])] = Array(Self.word("lost", "s9").utf8)
        bridge.reconnect()
        bridge.pass(.milliseconds(59_900))
        for path in Self.devices { bridge.says(path, Self.word("online", "s1")) }
        #expect(bridge.pass(.seconds(100)).statuses == [])
        #expect(bridge.status("alice")?.devices.count == 60)
    }

    @Test(
        "A device that is to be forgotten and whose word waits is remembered, and its topic stands"
    )
    func forgotten() {
        var bridge = Bridge.serving { $0.deviceForgetAfter = .seconds(60) }
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "offline")
        bridge.pass(.milliseconds(59_999))
        for number in 0..<60 { bridge.says("alice/d\(number)", "online") }
        bridge.says("alice/phone", "away")
        bridge.pass(.seconds(30))
        #expect(bridge.status("alice")?.devices.contains { $0.name.text == "phone" } == true)
        #expect(bridge.topic("alice/phone") == "away")
        #expect(bridge.reconnect().statuses == [])
    }

    @Test("A promise counts from the time at which the statement came")
    func promise() {
        var bridge = Self.crowded()
        for path in Self.devices { bridge.says(path, #"{"ttl":5}"#) }
        bridge.pass(.milliseconds(5_100))
        #expect(bridge.word("alice") == "offline")
        #expect(bridge.status("alice")?.cause == .ttl)
    }
}
