import Presence
import Testing

@testable import PresenceClient

private let now = ContinuousClock.now

@Suite("What the client's own device states")
struct OwnDeviceTests {
    @Test("Each connection has a session of its own, in the statement and in the will")
    func sessions() {
        var device = OwnDevice(.online, ttl: nil)
        let first = device.will.session
        #expect(device.statement.session == first && device.will.status == .lost)
        device.beginConnection()
        #expect(device.will.session != first)
    }

    @Test("A promise is kept three times over, and none is made without a ttl")
    func promise() {
        var device = OwnDevice(.online, ttl: .seconds(30))
        device.stated(at: now)
        #expect(device.statement.ttl == 30)
        #expect(device.nextStatement == now + .seconds(10))
        var other = OwnDevice(.online, ttl: nil)
        other.stated(at: now)
        #expect(other.nextStatement == nil)
    }

    @Test("After a restart of the broker it speaks within a third of the grace, once")
    func restart() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<100 {
            var device = OwnDevice(.online, ttl: nil)
            device.brokerRestarted(grace: 60, at: now, using: &random)
            let next = try #require(device.nextStatement)
            #expect((now...now + .seconds(20)).contains(next))
            device.stated(at: next)
            #expect(device.nextStatement == nil)
        }
    }
}
