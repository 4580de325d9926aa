import Presence
import Testing

@testable import PresenceCore

@Suite("Invisible devices")
struct InvisibleTests {
    @Test("A user who only ever was invisible was never seen")
    func never() {
        var bridge = Bridge.serving()
        for word in ["invisible", "lost", "invisible", "offline", "invisible", ""] {
            #expect(bridge.says("alice/phone", word).told == [], "\(word)")
            #expect(bridge.pass(.seconds(5)).told == [], "\(word)")
        }
        #expect(bridge.statusText("alice") == nil)
        #expect(bridge.disk.users == [:])
        #expect(bridge.core.metrics.usersKnown == 0)
        #expect(bridge.core.names.count == 0)
    }

    @Test("A device that becomes invisible is to everyone as if it had logged out")
    func asLogout() {
        var twins: [String?] = []
        for word in ["offline", "invisible"] {
            var bridge = Bridge.serving()
            bridge.says("alice/phone", "online")
            bridge.pass(.seconds(5))
            bridge.says("alice/phone", word)
            #expect(bridge.pass(.milliseconds(999)).told == [])
            bridge.pass(.milliseconds(1))
            twins.append(bridge.statusText("alice"))
        }
        #expect(twins[0] != nil)
        #expect(twins[0] == twins[1])
    }

    @Test("What happens to an invisible device later changes no field")
    func later() {
        for word in ["lost", "offline", "", "invisible", #"{"status":"invisible","ttl":5}"#] {
            var bridge = Bridge.serving()
            bridge.says("alice/phone", "online")
            bridge.says("alice/phone", "invisible")
            bridge.pass(.seconds(1))
            let before = bridge.statusText("alice")
            bridge.says("alice/phone", word)
            #expect(bridge.pass(.seconds(20)).statuses == [], "\(word)")
            #expect(bridge.statusText("alice") == before, "\(word)")
        }
    }

    @Test("An invisible device beside a visible one is not in the status")
    func beside() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "away")
        #expect(bridge.says("alice/web", "invisible").told == [])
        #expect(bridge.status("alice")?.devices.map(\.name.text) == ["phone"])
        #expect(bridge.says("alice/web", "busy").statuses.count == 1)
        #expect(bridge.word("alice") == "busy")
    }

    @Test("An invisible device does not come to light with a restart of broker or bridge")
    func restarts() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "invisible")
        bridge.says("bob/phone", "online")
        bridge.says("bob/phone", "invisible")
        bridge.pass(.seconds(1))
        let before = bridge.statusText("bob")
        bridge.restartBroker()
        bridge.pass(.seconds(120))
        bridge.restart()
        bridge.connect()
        bridge.pass(.seconds(120))
        #expect(bridge.statusText("alice") == nil)
        #expect(bridge.statusText("bob") == before)
    }

    @Test("A promise that breaks within the grace of the invisible shows in nothing")
    func promise() {
        for word in ["invisible", "offline"] {
            var bridge = Bridge.serving { $0.logoutGrace = .seconds(8) }
            bridge.says("alice/phone", "online")
            bridge.says("alice/phone", #"{"status":"\#(word)","ttl":5}"#)
            bridge.pass(.seconds(2))
            bridge.says("alice/phone", #"{"status":"\#(word)","ttl":5}"#)
            #expect(bridge.pass(.milliseconds(5_999)).statuses == [])
            bridge.pass(.milliseconds(1))
            #expect(bridge.status("alice")?.cause == .logout)
            #expect(bridge.status("alice")?.since == 1_700_000_000)
        }
    }
}
