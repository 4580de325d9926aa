import Presence
import Testing

@testable import PresenceCore

@Suite("Graces")
struct GraceTests {
    @Test("A logout takes effect after a second, and names when it came")
    func logout() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.pass(.seconds(10))
        #expect(bridge.says("alice/phone", "offline").told == [])
        #expect(bridge.pass(.milliseconds(999)).told == [])
        let effects = bridge.pass(.milliseconds(1))
        #expect(
            effects.told == [
                #"status/alice {"username":"alice","online":false,"status":"offline","#
                    + #""description":"","devices":{},"cause":"logout","#
                    + #""since":1700000010,"updated":1700000011,"seq":1700000011000}"#
            ]
        )
        #expect(bridge.topic("alice/phone") == "offline")
    }

    @Test("A will takes effect after three seconds")
    func lost() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "lost")
        #expect(bridge.pass(.milliseconds(2_999)).told == [])
        #expect(bridge.pass(.milliseconds(1)).told.count == 1)
        #expect(bridge.status("alice")?.cause == .lost)
        #expect(bridge.status("alice")?.since == 1_700_000_000)
    }

    @Test("A grace of nothing takes effect in the same turn")
    func none() {
        var bridge = Bridge.serving { $0.offlineGrace = .zero }
        bridge.says("alice/phone", "online")
        #expect(bridge.says("alice/phone", "lost").statuses.count == 1)
    }

    @Test("A device that is back within the grace was never away")
    func flap() {
        for word in ["offline", "lost", "invisible", ""] {
            var bridge = Bridge.serving()
            bridge.says("alice/phone", "online")
            let before = bridge.statusText("alice")
            bridge.says("alice/phone", word)
            bridge.pass(.milliseconds(900))
            #expect(bridge.says("alice/phone", "online").told == [], "\(word)")
            #expect(bridge.pass(.seconds(10)).told == [], "\(word)")
            #expect(bridge.statusText("alice") == before, "\(word)")
        }
    }

    @Test("A device that is back with another word is told with that, and was not away")
    func backOtherwise() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "lost")
        bridge.pass(.seconds(2))
        #expect(bridge.says("alice/phone", "away").statuses.count == 1)
        #expect(bridge.status("alice")?.since == 1_700_000_000)
        #expect(bridge.status("alice")?.updated == 1_700_000_002)
        #expect(bridge.pass(.seconds(10)).told == [])
    }

    @Test("A will and a birth in one turn tell nobody anything")
    func oneTurn() {
        var bridge = Bridge.serving { $0.offlineGrace = .zero }
        bridge.says("alice/phone", "online")
        let inputs = [
            bridge.statement("alice/phone", "lost"), bridge.statement("alice/phone", "online"),
        ]
        #expect(bridge.send(inputs).told == [])
    }

    @Test("A second offline or lost while a grace runs changes nothing")
    func second() {
        let orders = [("offline", "lost", 1_000, Cause.logout), ("lost", "offline", 3_000, .lost)]
        for (first, second, length, cause) in orders {
            var bridge = Bridge.serving()
            bridge.says("alice/phone", "online")
            bridge.says("alice/phone", first)
            bridge.pass(.milliseconds(500))
            bridge.says("alice/phone", second)
            bridge.says("alice/phone", first)
            #expect(bridge.pass(.milliseconds(length - 501)).told == [])
            #expect(bridge.pass(.milliseconds(1)).statuses.count == 1)
            #expect(bridge.status("alice")?.cause == cause)
            #expect(bridge.status("alice")?.since == 1_700_000_000)
        }
    }

    @Test("A logout or will after the grace, of a device that is away, is not told")
    func afterwards() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "offline")
        bridge.pass(.seconds(2))
        let before = bridge.statusText("alice")
        #expect(bridge.says("alice/phone", "lost").told == [])
        #expect(bridge.pass(.seconds(10)).told == [])
        #expect(bridge.statusText("alice") == before)
    }

    @Test("An emptied topic is a logout after which the device is not remembered")
    func emptied() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        #expect(bridge.says("alice/phone", "").told == [])
        #expect(bridge.pass(.seconds(1)).told.count == 1)
        #expect(bridge.status("alice")?.cause == .logout)
        #expect(bridge.disk.deviceTexts == [])
        #expect(bridge.says("alice/phone", "offline").told == ["clear device/alice/phone"])
    }

    @Test("What a device says on its way to oblivion is cleared")
    func willAfterEmptying() {
        let words = [
            #"{"status":"lost","session":"b"}"#, #"{"status":"lost","session":"a"}"#, "Non sense",
        ]
        for word in words {
            var bridge = Bridge.serving()
            bridge.says("alice/phone", #"{"session":"b"}"#)
            bridge.says("alice/phone", "")
            bridge.says("alice/phone", word)
            bridge.pass(.seconds(10))
            #expect(bridge.topic("alice/phone") == nil, "\(word)")
            #expect(bridge.word("alice") == "offline")
            #expect(bridge.status("alice")?.cause == .logout)
        }
    }

    @Test("Emptied within a grace, the topic ends the memory and not the grace")
    func emptiedInGrace() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "lost")
        bridge.pass(.seconds(2))
        bridge.says("alice/phone", "")
        bridge.pass(.milliseconds(999))
        #expect(bridge.word("alice") == "online")
        bridge.pass(.milliseconds(1))
        #expect(bridge.status("alice")?.cause == .lost)
        #expect(bridge.core.names.id(of: Name(checked: "alice")) != nil)
    }

    @Test("The cause and the time are those of the device whose going took effect last")
    func lastToGo() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("alice/web", "online")
        bridge.pass(.seconds(10))
        bridge.says("alice/phone", "lost")
        bridge.pass(.seconds(1))
        bridge.says("alice/web", "offline")
        bridge.pass(.seconds(1))
        #expect(bridge.word("alice") == "online")
        bridge.pass(.seconds(1))
        #expect(bridge.status("alice")?.cause == .lost)
        #expect(bridge.status("alice")?.since == 1_700_000_010)
    }
}
