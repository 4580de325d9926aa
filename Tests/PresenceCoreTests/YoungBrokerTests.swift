import Presence
import Testing

@testable import PresenceCore

@Suite("A young broker that may have restarted")
struct YoungBrokerTests {
    @Test("While it is open whether a young broker has restarted, what is missing waits")
    func uncertain() {
        for hasRestarted in [true, false] {
            var bridge = Bridge()
            bridge.brokerStarted = bridge.now.unix / 1_000
            bridge.connect()
            bridge.says("alice/phone", "online")
            bridge.now = bridge.now.advanced(by: .seconds(6))
            bridge.topics = [:]
            if hasRestarted { bridge.brokerStarted = bridge.now.unix / 1_000 }
            // The retained uptime is of the start, however long ago that was.
            bridge.send(.brokerLost)
            var effects = bridge.send(.brokerFound, .uptimeReported(0, isRetained: true))
            while let order = effects.readings.first {
                effects = bridge.send(.readingEnded(order.id))
            }
            #expect(bridge.pass(.seconds(4)).statuses == [])
            bridge.uptime()
            bridge.pass(.seconds(5))
            #expect(bridge.word("alice") == (hasRestarted ? "online" : "offline"))
        }
    }

    @Test("A broker that does not tell its uptime leaves nothing open for long")
    func uncertainForEver() {
        var bridge = Bridge()
        bridge.brokerStarted = bridge.now.unix / 1_000
        bridge.connect()
        bridge.says("alice/phone", "online")
        bridge.now = bridge.now.advanced(by: .seconds(6))
        bridge.topics[DeviceKey("alice/phone")] = Array("lost".utf8)
        bridge.send(.brokerLost)
        let effects = bridge.send(.brokerFound, .uptimeReported(0, isRetained: true))
        bridge.answerReadings(in: effects)
        #expect(bridge.pass(.milliseconds(14_999)).statuses == [])
        bridge.pass(.milliseconds(1))
        #expect(bridge.status("alice")?.cause == .lost)
    }

    @Test(
        "A will that a broker sent on its way out waits, too, until it is known that it restarted"
    )
    func willOfAStop() {
        for hasRestarted in [true, false] {
            var bridge = Bridge()
            bridge.brokerStarted = bridge.now.unix / 1_000
            bridge.connect()
            bridge.says("alice/phone", "online")
            bridge.now = bridge.now.advanced(by: .seconds(6))
            bridge.says("alice/phone", "lost")
            if hasRestarted { bridge.brokerStarted = bridge.now.unix / 1_000 }
            bridge.send(.brokerLost)
            let effects = bridge.send(.brokerFound, .uptimeReported(0, isRetained: true))
            bridge.answerReadings(in: effects)
            #expect(bridge.pass(.seconds(5)).statuses == [])
            bridge.uptime()
            bridge.pass(.seconds(5))
            #expect(bridge.word("alice") == (hasRestarted ? "online" : "offline"))
        }
    }

    @Test("An uptime that waited behind a long reading is not taken for that of a new broker")
    func longReading() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.send(.brokerLost)
        let effects = bridge.send(.brokerFound)
        let uptime = bridge.now.second - (bridge.brokerStarted ?? 0)
        bridge.now = bridge.now.advanced(by: .seconds(9))
        bridge.send(.uptimeReported(uptime, isRetained: false))
        bridge.answerReadings(in: effects)
        bridge.uptime()
        #expect(bridge.core.broker.epoch == 1)
        bridge.pass(.seconds(100))
        #expect(bridge.word("alice") == "online")
    }

    @Test("A bridge that stood still does not take an uptime that waited for that of a new broker")
    func stalled() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.reconnect()
        let uptime = bridge.now.second - (bridge.brokerStarted ?? 0)
        bridge.now = bridge.now.advanced(by: .seconds(9))
        let effects = bridge.send(.readingStalled, .uptimeReported(uptime, isRetained: false))
        #expect(effects.told == [])
        bridge.answerReadings(in: effects)
        #expect(bridge.uptime().told == [])
        bridge.pass(.seconds(100))
        #expect(bridge.word("alice") == "online")
    }
}
