import Presence
import Testing

@testable import PresenceCore

@Suite("Audits")
struct AuditTests {
    /// A bridge that audits every hundred seconds, with users online.
    static func auditing(_ users: Int = 3, interval: Int = 100) -> Bridge {
        var bridge = Bridge.serving { $0.auditInterval = .seconds(interval) }
        for number in 1...users {
            bridge.says("user\(number)/phone", "online")
        }
        return bridge
    }

    @Test("Every known user is looked at within the interval")
    func slices() {
        var bridge = Self.auditing(250)
        var seen: [Name] = []
        for _ in 0..<101 {
            bridge.now = bridge.now.advanced(by: .seconds(1))
            let effects = bridge.send()
            for case .users(let users) in effects.readings.map(\.scope) {
                #expect(users.count <= 3)
                seen += users
            }
            #expect(bridge.answerReadings(in: effects).told == [])
        }
        #expect(Set(seen).count == 250)
        #expect(bridge.core.metrics.mended == 0)
    }

    @Test("A word that was missed is made good and counted")
    func mended() {
        var bridge = Self.auditing(1, interval: 1)
        bridge.topics[DeviceKey("user1/phone")] = Array("away".utf8)
        bridge.now = bridge.now.advanced(by: .seconds(1))
        bridge.answerReadings(in: bridge.send())
        #expect(bridge.word("user1") == "away")
        #expect(bridge.core.metrics.mended == 1)
    }

    @Test(
        "What is found does not undo a word without the retain flag that came in the same turn",
        arguments: [true, false]
    )
    func foundBesideWord(isAudit: Bool) {
        var bridge = Self.auditing(1, interval: 1)
        bridge.now = bridge.now.advanced(by: .milliseconds(isAudit ? 1_000 : 1))
        let (id, scope) = bridge.send(isAudit ? [] : [.readingStalled]).readings[0]
        // The broker has not kept it, and tells what was there before.
        let word = bridge.statement("user1/phone", "away", retained: false)
        bridge.send([word] + bridge.found(id, scope) + [.readingEnded(id)])
        bridge.echo("user1/phone", bridge.topic("user1/phone") ?? "")
        #expect(bridge.word("user1") == "away")
        #expect(bridge.topic("user1/phone")?.contains("away") == true)
    }

    @Test("A birth that was missed is found when the user is known")
    func missedBirth() {
        var bridge = Self.auditing(1, interval: 1)
        bridge.topics[DeviceKey("user1/web")] = Array("busy".utf8)
        bridge.now = bridge.now.advanced(by: .seconds(1))
        bridge.answerReadings(in: bridge.send())
        #expect(bridge.word("user1") == "busy")
        #expect(bridge.core.metrics.mended == 1)
    }

    @Test("A topic that is missing is asked for alone, and then the device is gone")
    func missing() {
        var bridge = Self.auditing(1, interval: 1)
        let payload = bridge.topics[DeviceKey("user1/phone")]
        for isBack in [true, false] {
            bridge.topics = [:]
            bridge.now = bridge.now.advanced(by: .seconds(1))
            let slice = bridge.send()
            let order = slice.readings[0]
            let asked = bridge.send(.readingEnded(order.id))
            #expect(asked.readings.map(\.scope) == [.devices([DeviceKey("user1/phone")])])
            if isBack { bridge.topics[DeviceKey("user1/phone")] = payload }
            bridge.answerReadings(in: asked)
            bridge.now = bridge.now.advanced(by: .milliseconds(999))
            bridge.send()
            #expect(bridge.word("user1") == "online")
        }
        bridge.now = bridge.now.advanced(by: .milliseconds(1))
        bridge.send()
        #expect(bridge.status("user1")?.cause == .logout)
        #expect(bridge.core.metrics.mended == 1)
    }

    @Test("A slice waits for the one before, but not for ever")
    func patience() {
        var bridge = Self.auditing(1, interval: 1)
        var orders = 0
        for _ in 0..<31 {
            bridge.now = bridge.now.advanced(by: .seconds(1))
            orders += bridge.send().readings.count
        }
        #expect(orders == 2)
    }

    @Test("An audit does not renew a promise")
    func promise() {
        var bridge = Self.auditing(1, interval: 1)
        bridge.says("user1/phone", #"{"ttl":5}"#)
        for _ in 0..<5 {
            bridge.now = bridge.now.advanced(by: .seconds(1))
            bridge.answerReadings(in: bridge.send())
        }
        #expect(bridge.status("user1")?.cause == .ttl)
    }

    @Test("After a stall all device topics are read again, once at a time")
    func stall() {
        var bridge = Self.auditing(2, interval: 0)
        bridge.topics[DeviceKey("user1/phone")] = Array("away".utf8)
        bridge.topics[DeviceKey("user9/phone")] = Array("online".utf8)
        bridge.topics[DeviceKey("user2/phone")] = nil
        let effects = bridge.send(.readingStalled)
        #expect(effects.readings.map(\.scope) == [.everyDevice])
        #expect(bridge.send(.readingStalled).readings.isEmpty)
        bridge.answerReadings(in: effects)
        #expect(bridge.word("user1") == "away")
        #expect(bridge.word("user9") == "online")
        bridge.pass(.seconds(1))
        #expect(bridge.word("user2") == "offline")
        #expect(bridge.core.metrics.mended == 3)
        #expect(bridge.send(.readingStalled).readings.count == 1)
    }

    @Test("Zero means that there are no audits, until the limits change")
    func never() {
        var bridge = Self.auditing(1, interval: 0)
        #expect(bridge.core.idleTime(at: bridge.now) == nil)
        var limits = bridge.core.limits
        limits.auditInterval = .seconds(10)
        bridge.send(.limitsChanged(limits))
        #expect(bridge.core.idleTime(at: bridge.now) == .seconds(1))
    }
}
