import Presence
import Testing

@testable import PresenceCore

@Suite("A wall clock that is set while the bridge runs")
struct SetClockTests {
    @Test("A restart after one of the bridge's is noticed, though the clock was set back before")
    func clockSetBack() {
        var bridge = Bridge()
        bridge.brokerStarted = bridge.now.second - 100
        bridge.connect()
        bridge.uptime()
        bridge.says("alice/phone", "online")
        bridge.pass(.seconds(30))
        bridge.now.unix -= 600_000
        bridge.send()
        bridge.restart()
        #expect(bridge.core.broker.epoch == 1)
        bridge.brokerStarted = bridge.now.second
        bridge.connect()
        #expect(bridge.core.broker.epoch == 2)
    }
}
