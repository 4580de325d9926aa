import Presence
import Testing

@testable import PresenceCore

@Suite("What is stored of users and devices")
struct StoringTests {
    @Test("A restored core tells the same statuses")
    func restored() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"status":"away","ttl":60,"session":"s"}"#)
        bridge.says("alice/web", "online")
        bridge.says("bob/phone", "online")
        bridge.says("bob/phone", "lost")
        bridge.pass(.seconds(3))
        let before = bridge.statuses
        bridge.restart()
        bridge.statuses = [:]
        bridge.connect()
        #expect(bridge.statuses == before)
        #expect(bridge.core.metrics.usersOnline == 1)
        #expect(bridge.core.metrics.usersKnown == 2)
        #expect(bridge.core.metrics.devicesOnline == 2)
    }

    @Test("No two starts have the same second, whatever the clock does")
    func starts() {
        var bridge = Bridge.serving()
        let first = bridge.core.start(at: bridge.now)
        bridge.says("alice/phone", "online")
        bridge.restart()
        let second = bridge.core.start(at: bridge.now)
        #expect(second > first)
        bridge.connect()
        bridge.restart()
        let back = Instant(uptime: bridge.now.uptime, unix: bridge.now.unix - 100_000)
        #expect(bridge.core.start(at: back) > second)
    }

    @Test("A device in its grace is stored as online, and goes after a restart")
    func grace() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "lost")
        bridge.restart()
        #expect(bridge.connect().statuses == [])
        bridge.pass(.seconds(3))
        #expect(bridge.status("alice")?.cause == .lost)
    }

    @Test("While the store fails statuses go on, and all is stored when it accepts writes again")
    func fault() {
        var bridge = Bridge.serving()
        bridge.says("bob/phone", "online")
        bridge.storeFault = "disk full"
        let effects = bridge.says("alice/phone", "online")
        #expect(effects.statuses.count == 1)
        #expect(effects.logged.count == 1)
        bridge.says("bob/phone", "offline")
        #expect(bridge.pass(.seconds(10)).logged == [])
        #expect(bridge.word("bob") == "offline")
        #expect(bridge.disk.deviceTexts == ["bob/phone online"])
        bridge.storeFault = nil
        #expect(bridge.pass(.seconds(1)).logged.count == 1)
        #expect(bridge.disk.deviceTexts == ["alice/phone online"])
        bridge.restart()
        #expect(bridge.connect().statuses == [])
    }

    @Test("The core wakes for the next thing that comes due, and for nothing else")
    func idle() {
        var bridge = Bridge.serving()
        #expect(bridge.core.idleTime(at: bridge.now) == nil)
        bridge.says("alice/phone", #"{"ttl":5}"#)
        #expect(bridge.core.idleTime(at: bridge.now) == .seconds(5))
        bridge.says("alice/phone", "offline")
        #expect(bridge.core.idleTime(at: bridge.now) == .seconds(1))
        bridge.pass(.seconds(1))
        bridge.pass(.seconds(4))
        #expect(bridge.core.idleTime(at: bridge.now) == .seconds(86_396))
    }

    @Test("A device that repeats itself leaves no alarms behind")
    func alarms() {
        var bridge = Bridge.serving()
        for _ in 0..<1_000 {
            bridge.says("alice/phone", #"{"ttl":86400}"#)
            bridge.pass(.milliseconds(500))
        }
        var due = 0
        while bridge.core.alarms.takeDue(at: .max) != nil {
            due += 1
        }
        #expect(due <= 2)
    }

    @Test(
        "A device that is away is known beyond a restart, with its session, until it is forgotten"
    )
    func away() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"session":"a"}"#)
        bridge.says("alice/phone", "offline")
        bridge.says("bob/phone", "invisible")
        bridge.pass(.seconds(1))
        let topics = bridge.topics
        bridge.restart()
        #expect(bridge.connect().told == ["serve 1 60"])
        #expect(bridge.topics == topics)
        let will = #"{"status":"lost","session":"b"}"#
        #expect(bridge.says("alice/phone", will).corrections.count == 1)
        bridge.pass(.seconds(86_400))
        #expect(bridge.topics.isEmpty)
        #expect(bridge.disk.devices.isEmpty)
        // What was not known is cleared at once.
        bridge.topics[DeviceKey("carol/phone")] = Array("lost".utf8)
        bridge.restart()
        #expect(bridge.connect().told.contains("clear device/carol/phone"))
    }
}
