import Presence
import PresencePluginCore
import Testing

@Suite("Attendance")
struct AttendanceTests {
    @Test("A client is online when it has been there for the settling time, and not before")
    func comes() throws {
        var hall = PluginRig()
        hall.come(1, "bob", "phone")
        #expect(hall.tick(after: .milliseconds(999)).isEmpty)
        #expect(hall.tick(after: .milliseconds(1)) == ["bob/phone online"])
        #expect(hall.tick(after: .seconds(60)).isEmpty)
    }

    @Test("A client that goes is lost, under the session that it was online in")
    func goes() throws {
        var hall = PluginRig()
        hall.come(1, "bob", "phone")
        let online = try #require(hall.statements(after: .seconds(1)).first)
        hall.go(1)
        let lost = try #require(hall.statements(after: .zero).first)
        #expect(lost.status == .lost)
        #expect(lost.session != nil && lost.session == online.session)
        #expect(hall.attendance.counts == (0, 0, 0))
    }

    @Test("Who only watches, by its client id, is no device")
    func watcher() {
        var hall = PluginRig()
        hall.come(1, "bob", ClientIdentifier.watcherPrefix + "7f3a")
        hall.come(2, "bob", "presence-watcher")
        #expect(hall.tick(after: .seconds(1)) == ["bob/presence-watcher online"])
        hall.go(1)
        #expect(hall.tick(after: .seconds(1)).isEmpty)
    }

    @Test("A login that is refused is never stated")
    func refused() {
        var hall = PluginRig()
        hall.come(1, "bob", "phone")
        hall.go(1)
        #expect(hall.tick(after: .seconds(1)).isEmpty)
        #expect(hall.attendance.counts == (0, 0, 0))
    }

    @Test("A refused login in place of a device that is online changes nothing")
    func refusedTakeOver() {
        var hall = PluginRig()
        hall.come(1, "bob", "phone")
        _ = hall.tick(after: .seconds(1))
        hall.come(2, "bob", "phone")
        hall.go(2)
        #expect(hall.tick(after: .seconds(1)).isEmpty)
        hall.go(1)
        #expect(hall.tick(after: .zero) == ["bob/phone lost"])
    }

    @Test("A take-over is not told, and the device is lost when the second connection ends")
    func takeOver() {
        var hall = PluginRig()
        hall.come(1, "bob", "phone")
        _ = hall.tick(after: .seconds(1))
        hall.come(2, "bob", "phone")
        hall.go(1)
        #expect(hall.tick(after: .zero).isEmpty)
        #expect(hall.tick(after: .seconds(1)).isEmpty)
        hall.go(2)
        #expect(hall.tick(after: .zero) == ["bob/phone lost"])
    }

    @Test("A connection that comes and goes within the settling time of a take-over is lost once")
    func shortTakeOver() {
        var hall = PluginRig()
        hall.come(1, "bob", "phone")
        _ = hall.tick(after: .seconds(1))
        hall.come(2, "bob", "phone")
        hall.go(1)
        _ = hall.tick(after: .zero)
        hall.go(2)
        #expect(hall.tick(after: .zero) == ["bob/phone lost"])
        #expect(hall.attendance.counts == (0, 0, 0))
    }

    @Test("Another connection under the key of one that was forgotten is another connection")
    func sameKey() {
        var hall = PluginRig()
        hall.come(1, "bob", "phone")
        _ = hall.tick(after: .seconds(1))
        hall.come(1, "eve", "tablet")
        #expect(hall.tick(after: .zero) == ["bob/phone lost"])
        #expect(hall.tick(after: .seconds(1)) == ["eve/tablet online"])
    }

    @Test("The broker's asking again about a connection changes nothing")
    func askedAgain() {
        var hall = PluginRig()
        hall.come(1, "bob", "phone")
        _ = hall.tick(after: .seconds(1))
        hall.come(1, "bob", "phone")
        #expect(hall.tick(after: .seconds(1)).isEmpty)
    }

    @Test("A session that is asked about in a reload is nobody, and who was there stays")
    func reloads() {
        var hall = PluginRig { $0.acl = true }
        hall.come(1, "bob", "phone")
        _ = hall.tick(after: .seconds(1))
        hall.attendance.reloading(at: hall.now)
        #expect(hall.come(1, "bob", "phone") == .undecided)
        #expect(hall.come(2, "eve", "phone") == .undecided)
        #expect(hall.tick(after: .zero).isEmpty)
        #expect(hall.tick(after: .seconds(1)).isEmpty)
        #expect(hall.attendance.counts == (1, 1, 0))
        hall.come(2, "eve", "tablet")
        #expect(hall.tick(after: .seconds(1)) == ["eve/tablet online"])
    }

    @Test("Who speaks for itself in time is not spoken for, and neither is its end")
    func speaks() {
        var hall = PluginRig()
        hall.come(1, "bob", "client-7")
        hall.attendance.stated(1, on: PluginRig.device("bob", "phone"), Statement(.online))
        #expect(hall.tick(after: .seconds(1)).isEmpty)
        hall.go(1)
        #expect(hall.tick(after: .zero).isEmpty)
        #expect(hall.attendance.counts == (0, 0, 0))
    }

    @Test("Who speaks for itself later has the plugin's statement cleared")
    func speaksLate() {
        var hall = PluginRig()
        hall.come(1, "bob", "client-7")
        _ = hall.tick(after: .seconds(1))
        hall.attendance.stated(1, on: PluginRig.device("bob", "phone"), Statement(.online))
        #expect(hall.tick(after: .zero) == ["bob/client-7 cleared"])
        hall.go(1)
        #expect(hall.tick(after: .zero).isEmpty)
    }

    @Test("Who states on the plugin's own topic has the last word there")
    func speaksOnSameTopic() {
        var hall = PluginRig()
        hall.come(1, "bob", "phone")
        _ = hall.tick(after: .seconds(1))
        hall.attendance.stated(1, on: PluginRig.device("bob", "phone"), Statement(.online))
        hall.go(1)
        #expect(hall.tick(after: .seconds(1)).isEmpty)
        #expect(hall.attendance.counts == (0, 0, 0))
    }

    @Test("A statement for another user is not the client's own word")
    func speaksForOther() {
        var hall = PluginRig()
        hall.come(1, "bob", "phone")
        hall.attendance.stated(1, on: PluginRig.device("eve", "phone"), Statement(.online))
        #expect(hall.tick(after: .seconds(1)) == ["bob/phone online"])
    }

    @Test("A device that is asked states the same again, and one that is not online does not")
    func asked() throws {
        var hall = PluginRig()
        hall.come(1, "bob", "phone")
        let first = hall.statements(after: .seconds(1))
        hall.attendance.asked(PluginRig.device("bob", "phone"))
        hall.attendance.asked(PluginRig.device("bob", "tablet"))
        #expect(hall.statements(after: .zero) == first)
        hall.go(1)
        _ = hall.tick(after: .zero)
        hall.attendance.asked(PluginRig.device("bob", "phone"))
        #expect(hall.tick(after: .zero).isEmpty)
    }

    @Test("A device that was asked and goes before the tick is lost")
    func askedAndGone() {
        var hall = PluginRig()
        hall.come(1, "bob", "phone")
        _ = hall.tick(after: .seconds(1))
        hall.attendance.asked(PluginRig.device("bob", "phone"))
        hall.go(1)
        #expect(hall.tick(after: .zero) == ["bob/phone lost"])
    }

    @Test("Bridges, monitors, the anonymous and who has no user's name are left out")
    func leftOut() {
        var hall = PluginRig()
        hall.come(1, "bridge", "b")
        hall.come(2, "monitor", "m")
        hall.come(3, nil, "a")
        hall.come(4, "eve/x", "e")
        #expect(hall.tick(after: .seconds(1)).isEmpty)
        #expect(hall.attendance.counts.devices == 0)
    }

    @Test("A client id that is no device's name becomes a hash, as all do where that is wanted")
    func names() {
        var hall = PluginRig()
        hall.come(1, "bob", "a/b")
        hall.come(2, "bob", String(repeating: "x", count: 65))
        #expect(
            hall.tick(after: .seconds(1)) == [
                "bob/c14cddc033f64b9d online", "bob/9537c5fdf120482f online",
            ]
        )
        var hashing = PluginRig { $0.deviceName = .hash }
        // The first digits of SHA-256 of "abc", as FIPS 180-4 gives them.
        hashing.come(1, "bob", "abc")
        #expect(hashing.tick(after: .seconds(1)) == ["bob/ba7816bf8f01cfea online"])
        var keyed = PluginRig {
            $0.deviceName = .hash
            $0.deviceNameKey = "Jefe"
        }
        // HMAC-SHA-256, as RFC 4231, section 4.3, gives it.
        keyed.come(1, "bob", "what do ya want for nothing?")
        #expect(keyed.tick(after: .seconds(1)) == ["bob/5bdcc146bf60754e online"])
        var long = PluginRig {
            $0.deviceName = .hash
            $0.deviceNameKey = String(repeating: "k", count: 100)
        }
        long.come(1, "bob", "abc")
        #expect(long.tick(after: .seconds(1)) == ["bob/b58b2b694fdba0dd online"])
    }

    @Test("A thousand at once are all stated, in their order, a bounded number in each tick")
    func crowd() {
        var hall = PluginRig()
        for key in 1...1_200 { hall.come(UInt(key), "bob", "d\(key)") }
        let ticks = (0..<4).map { _ in hall.tick(after: .seconds(1)) }
        #expect(ticks.map(\.count) == [500, 500, 200, 0])
        #expect(ticks.joined().elementsEqual((1...1_200).map { "bob/d\($0) online" }))
        for key in 1...1_200 { hall.go(UInt(key)) }
        #expect((0..<4).map { _ in hall.tick(after: .zero).count } == [500, 500, 200, 0])
        #expect(hall.attendance.counts == (0, 0, 0))
    }

    @Test("What comes and goes between two ticks leaves nothing behind")
    func churn() {
        var hall = PluginRig()
        for round in 1...10_000 {
            hall.come(UInt(round % 7), "bob", "d\(round % 5)")
            hall.go(UInt(round % 7))
        }
        #expect(hall.tick(after: .seconds(1)).isEmpty)
        #expect(hall.attendance.counts == (0, 0, 0))
    }

    @Test("Another user's connection keeps its client id, and the same user may take it over")
    func idGuard() {
        var hall = PluginRig { $0.acl = true }
        #expect(hall.come(1, "bob", "x") == .undecided)
        #expect(hall.come(2, "eve", "x") == .idIsTaken(by: "bob"))
        #expect(hall.come(3, nil, "x") == .idIsTaken(by: "bob"))
        #expect(hall.come(4, "bob", "x") == .undecided)
        // The login of 4 is refused by its password; 1 is still connected.
        hall.go(4)
        #expect(hall.come(5, "eve", "x") == .idIsTaken(by: "bob"))
        hall.go(1)
        #expect(hall.come(6, "eve", "x") == .undecided)
    }

    @Test("Bridges and monitors take their client id back from whoever has it")
    func services() {
        var hall = PluginRig { $0.acl = true }
        hall.come(1, "eve", "presence-bridge")
        #expect(hall.come(2, "bridge", "presence-bridge") == .undecided)
        hall.go(1)
        #expect(hall.come(3, "eve", "presence-bridge") == .idIsTaken(by: "bridge"))
        hall.come(4, "eve", "screen")
        #expect(hall.come(5, "monitor", "screen") == .undecided)
    }

    @Test("Two spellings of a letter are two users, and two client ids")
    func spellings() {
        var hall = PluginRig { $0.acl = true }
        hall.come(1, "jos\u{E9}", "x")
        #expect(hall.come(2, "jose\u{301}", "x") == .idIsTaken(by: "jos\u{E9}"))
        hall.come(3, "bob", "caf\u{E9}")
        #expect(hall.come(4, "eve", "cafe\u{301}") == .undecided)
    }

    @Test("Where the broker does not tick nothing is kept for it, and ids are guarded all the same")
    func silent() {
        var hall = PluginRig { $0.acl = true }
        for key in UInt(1)...100 { hall.come(key, "bob", "d\(key)") }
        #expect(hall.attendance.counts == (100, 100, 0))
        hall.attendance.stopStating()
        #expect(hall.attendance.counts == (100, 0, 0))
        hall.come(101, "bob", "late")
        #expect(hall.come(102, "eve", "late") == .idIsTaken(by: "bob"))
        for key in UInt(1)...101 { hall.go(key) }
        #expect(hall.attendance.counts == (0, 0, 0))
        #expect(hall.tick(after: .seconds(9)).isEmpty)
    }

    @Test("Without a settling time a client is online at the next tick")
    func noSettling() {
        var hall = PluginRig { $0.settlingTime = .zero }
        hall.come(1, "bob", "phone")
        #expect(hall.tick(after: .zero) == ["bob/phone online"])
    }

    @Test("Without acl nobody's client id is guarded")
    func noGuard() {
        var hall = PluginRig()
        hall.come(1, "bob", "x")
        #expect(hall.come(2, "eve", "x") == .undecided)
    }

    @Test("A client that was not told of is known from what it does")
    func acts() {
        var hall = PluginRig()
        hall.attendance.acted(1, username: "bob", clientID: "phone", at: hall.now)
        hall.attendance.acted(1, username: "bob", clientID: "phone", at: hall.now)
        #expect(hall.tick(after: .seconds(1)) == ["bob/phone online"])
        hall.go(1)
        #expect(hall.tick(after: .zero) == ["bob/phone lost"])
    }
}

/// Those who are there, and a clock.
