import Presence
import PresencePluginCore
import Testing

@Suite("How the plugin sees connections end")
struct DepartureTests {
    private let phone = PluginRig.device("bob", "phone")

    @Test("Where the broker tells who came in, who has only asked is nobody")
    func arrivals() {
        var hall = PluginRig { $0.acl = true }
        hall.attendance.brokerTellsArrivals()
        #expect(hall.come(1, "bob", "phone") == .undecided)
        #expect(hall.tick(after: .seconds(5)).isEmpty && hall.attendance.counts == (0, 0, 0))
        hall.come(2, "bob", "phone")
        hall.arrive(2, "bob", "phone")
        // Once for each listener.
        hall.arrive(2, "bob", "phone")
        #expect(hall.come(3, "eve", "phone") == .idIsTaken(by: "bob"))
        #expect(hall.attendance.nextArrival == hall.now + .seconds(1))
        #expect(hall.tick(after: .seconds(1)) == ["bob/phone online"])
        #expect(hall.attendance.nextArrival == nil)
        hall.go(2, .lost)
        hall.go(2, .lost)
        #expect(hall.tick(after: .zero) == ["bob/phone lost"])
        #expect(hall.come(3, "eve", "phone") == .undecided)
    }

    @Test("Another connection under the key of one whose end was not told is another connection")
    func sameKey() {
        var hall = PluginRig()
        hall.attendance.brokerTellsArrivals()
        hall.arrive(1, "bob", "phone")
        _ = hall.tick(after: .seconds(1))
        hall.arrive(1, "eve", "tablet")
        #expect(hall.tick(after: .zero) == ["bob/phone lost"])
        #expect(hall.tick(after: .seconds(1)) == ["eve/tablet online"])
    }

    @Test(
        "Who disconnects is offline, and who goes otherwise is lost",
        arguments: [
            (Departure.orderly, "offline"), (.lost, "lost"), (.thrownOut, "lost"),
            (.untold, "lost"),
        ]
    )
    func words(_ departure: Departure, _ word: String) {
        var hall = PluginRig()
        hall.come(1, "bob", "phone")
        _ = hall.tick(after: .seconds(1))
        hall.go(1, departure)
        #expect(hall.tick(after: .zero) == ["bob/phone \(word)"])
    }

    @Test("A take-over by a broker that tells why is not told, whoever came first")
    func takeOver() {
        var hall = PluginRig()
        hall.attendance.brokerTellsArrivals()
        hall.arrive(1, "bob", "phone")
        _ = hall.tick(after: .seconds(1))
        hall.come(2, "bob", "phone")
        hall.go(1, .lost)
        hall.arrive(2, "bob", "phone")
        #expect(hall.tick(after: .seconds(1)).isEmpty)
        hall.go(2, .orderly)
        #expect(hall.tick(after: .zero) == ["bob/phone offline"])
    }

    // MARK: - Who is thrown out

    @Test("Whoever a reload throws out is lost, under the session of its last word")
    func reload() throws {
        var hall = PluginRig {
            $0.autoPresence = false
            $0.acl = true
        }
        hall.come(1, "bob", "c")
        hall.say(1, phone, "away", session: "s1")
        hall.say(1, phone, "busy", session: "s2")
        hall.attendance.reloading(at: hall.now)
        hall.go(1)
        let lost = try #require(hall.statements(after: .zero).first)
        #expect(lost == Statement(.lost, session: "s2"))
        #expect(hall.attendance.counts == (0, 0, 0))
    }

    @Test("Who goes by itself, said that it goes, or was spoken over since has no such end")
    func ownEnd() {
        var hall = PluginRig {
            $0.autoPresence = false
            $0.acl = true
        }
        hall.say(1, phone, "online")
        hall.go(1)
        #expect(hall.tick(after: .zero).isEmpty)
        for last in ["offline", "lost", nil] {
            hall.say(2, phone, "online")
            hall.say(2, phone, last)
            hall.go(2, .thrownOut)
            #expect(hall.tick(after: .zero).isEmpty)
        }
        hall.say(3, phone, "online")
        hall.say(4, phone, "busy")
        hall.go(3, .thrownOut)
        #expect(hall.tick(after: .zero).isEmpty)
        hall.go(4, .thrownOut)
        #expect(hall.tick(after: .zero) == ["bob/phone lost"])
    }

    @Test("A command throws out whoever ends before anything else happens, and nobody later")
    func command() {
        var hall = PluginRig {
            $0.autoPresence = false
            $0.acl = true
        }
        for key in UInt(1)...4 { hall.say(key, PluginRig.device("bob", "d\(key)"), "online") }
        hall.attendance.commanded()
        hall.go(1)
        hall.go(2)
        hall.attendance.commandIsOver()
        hall.go(3)
        #expect(hall.tick(after: .zero) == ["bob/d1 lost", "bob/d2 lost"])
        hall.attendance.commanded()
        _ = hall.tick(after: .zero)
        hall.go(4)
        #expect(hall.tick(after: .zero).isEmpty && hall.attendance.counts == (0, 0, 0))
    }

    @Test("A will that comes all the same, or a newer word, is the last word")
    func will() {
        var hall = PluginRig {
            $0.autoPresence = false
            $0.acl = true
        }
        hall.say(1, phone, "online")
        hall.go(1, .thrownOut)
        #expect(hall.attendance.owesWills)
        hall.attendance.written(on: phone)
        #expect(!hall.attendance.owesWills && hall.tick(after: .zero).isEmpty)
        hall.say(2, phone, "online")
        hall.go(2, .thrownOut)
        hall.say(3, phone, "online")
        #expect(hall.tick(after: .zero).isEmpty)
    }

    @Test("Where nobody's wills are wanted, or the broker does not tick, none is said")
    func unwanted() {
        var without = PluginRig {
            $0.acl = true
            $0.givenMissingWills = PluginOptions.MissingWills.none
        }
        without.say(1, phone, "online")
        without.go(1, .thrownOut)
        #expect(without.tick(after: .zero).isEmpty)
        var silent = PluginRig { $0.acl = true }
        silent.attendance.stopStating()
        silent.say(1, phone, "online")
        silent.go(1, .thrownOut)
        #expect(silent.tick(after: .zero).isEmpty)
    }

    @Test("Of a client that states on countless topics a bounded number is kept")
    func bounded() {
        var hall = PluginRig { $0.acl = true }
        for number in 0..<1_000 { hall.say(1, PluginRig.device("bob", "d\(number)"), "online") }
        #expect(hall.attendance.counts.statements == 64)
        hall.go(1, .thrownOut)
        #expect(hall.attendance.counts.statements == 0)
    }

    // MARK: - Who speaks for somebody else's device

    @Test("A client that states a plain client's device and ends does not take it offline")
    func trespass() {
        for end in ["offline", "lost", nil] {
            var hall = PluginRig()
            hall.come(1, "bob", "phone")
            hall.come(2, "bob", "other")
            #expect(hall.tick(after: .seconds(1)).count == 2)
            hall.say(2, phone, "busy")
            #expect(hall.tick(after: .zero) == ["bob/other cleared"])
            hall.say(2, phone, end)
            #expect(hall.tick(after: .zero) == ["bob/phone online"])
            hall.say(2, phone, "busy")
            #expect(hall.tick(after: .zero).isEmpty)
            // Its will comes behind its end, and before the tick.
            hall.go(2)
            #expect(hall.tick(after: .zero) == ["bob/phone online"])
            hall.go(1)
            #expect(hall.tick(after: .zero) == ["bob/phone lost"])
            #expect(hall.attendance.counts == (0, 0, 0))
        }
    }
}
