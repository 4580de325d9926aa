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

    /// The user's status in which the device has a word, or is not there.
    private func status(_ word: String?, seq: Int64) -> UserStatus {
        let devices = word.map {
            [DeviceStatus(name: Name(checked: "desk"), status: StatusWord(checked: $0))]
        }
        return UserStatus(
            username: Name(checked: "bob"),
            devices: devices ?? [],
            since: 1,
            updated: 1,
            seq: seq
        )
    }

    private let name = Name(checked: "desk")

    @Test("Another client's word in its place is seen once, and is not fought over")
    func replaced() {
        var found: OwnDevice.Finding
        var device = OwnDevice(StatusWord(checked: "busy"), ttl: .seconds(30))
        device.stated(at: now)
        found = device.hear(status("away", seq: 1), of: name, at: now)
        #expect(found == .asStated, "older")
        found = device.hear(status("busy", seq: 2), of: name, at: now)
        #expect(found == .asStated)
        let away = StatusWord(checked: "away")
        found = device.hear(status("away", seq: 3), of: name, at: now)
        #expect(found == .replaced(away))
        found = device.hear(status("away", seq: 4), of: name, at: now)
        #expect(found == .asStated, "once")
        #expect(device.isReplaced && device.nextStatement == nil)
        found = device.hear(status("away", seq: 3), of: name, at: now)
        #expect(found == .asStated, "late")
        found = device.hear(status("busy", seq: 5), of: name, at: now)
        #expect(found == .asStated)
        #expect(device.nextStatement == now + .seconds(10))
    }

    @Test("When another client has logged it out it states itself again, and not all the time")
    func loggedOut() {
        var found: OwnDevice.Finding
        var device = OwnDevice(StatusWord(checked: "busy"), ttl: nil)
        device.stated(at: now)
        found = device.hear(status(nil, seq: 1), of: name, at: now)
        #expect(found == .asStated, "older")
        _ = device.hear(status("busy", seq: 2), of: name, at: now)
        found = device.hear(status(nil, seq: 3), of: name, at: now)
        #expect(found == .loggedOut)
        #expect(device.nextStatement == now + OwnDevice.rest)
        device.stated(at: now + OwnDevice.rest)
        #expect(device.nextStatement == nil)
        _ = device.hear(status("busy", seq: 4), of: name, at: now)
        let later = now + .seconds(60)
        found = device.hear(status(nil, seq: 5), of: name, at: later)
        #expect(found == .loggedOut)
        #expect(device.nextStatement == later)
    }

    @Test("A machine that slept for longer than it promised has no other client to blame")
    func slept() {
        var device = OwnDevice(StatusWord(checked: "busy"), ttl: .seconds(300))
        device.stated(at: now)
        _ = device.hear(status("busy", seq: 1), of: name, at: now)
        let later = now + .seconds(300)
        let found = device.hear(status(nil, seq: 2), of: name, at: later)
        #expect(found == .asStated)
        #expect(device.nextStatement.map { $0 <= later } == true)
    }

    @Test("Its own change of the word, its logout and its invisibility are no one else's")
    func ownChange() {
        var found: OwnDevice.Finding
        var device = OwnDevice(StatusWord(checked: "busy"), ttl: .seconds(30))
        device.stated(at: now)
        _ = device.hear(status("busy", seq: 1), of: name, at: now)
        device.word = StatusWord(checked: "away")
        found = device.hear(status("busy", seq: 2), of: name, at: now)
        #expect(found == .asStated)
        _ = device.hear(status("away", seq: 3), of: name, at: now)
        for word in [StatusWord.invisible, .offline] {
            device.word = word
            found = device.hear(status(nil, seq: 4), of: name, at: now)
            #expect(found == .asStated)
        }
        device.stated(at: now)
        #expect(device.statement.ttl == nil && device.nextStatement == nil)
        device.word = .online
        device.beginConnection()
        found = device.hear(status(nil, seq: 5), of: name, at: now)
        #expect(found == .asStated)
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
