import Presence
import Testing

@testable import PresenceCore

@Suite("Promises to state something again")
struct TTLTests {
    @Test("A device that breaks its promise counts as lost at once, and the bridge says so")
    func broken() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"ttl":5}"#)
        #expect(bridge.pass(.milliseconds(4_999)).told == [])
        let effects = bridge.pass(.milliseconds(1))
        #expect(
            effects.corrections == [
                #"device/alice/phone {"status":"lost","cause":"ttl","by":"presence-bridge"}"#
            ]
        )
        let status = bridge.status("alice")
        #expect(status?.isOnline == false)
        #expect(status?.cause == .ttl)
        #expect(status?.since == 1_700_000_000)
        #expect(status?.updated == 1_700_000_005)
        #expect(bridge.disk.deviceTexts == [])
    }

    @Test("The promise counts from the last statement, and repeating it keeps the device online")
    func kept() {
        var bridge = Bridge.serving()
        for _ in 0..<5 {
            bridge.says("alice/phone", #"{"ttl":5}"#)
            #expect(bridge.pass(.seconds(4)).told == [])
        }
        bridge.pass(.seconds(1))
        #expect(bridge.status("alice")?.cause == .ttl)
        #expect(bridge.status("alice")?.since == 1_700_000_016)
    }

    @Test("A statement without a promise ends it")
    func ended() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"ttl":5}"#)
        bridge.says("alice/phone", "online")
        #expect(bridge.pass(.seconds(86_400)).told == [])
        #expect(bridge.word("alice") == "online")
    }

    @Test("A promise starts anew when the bridge restarts")
    func bridgeRestart() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"ttl":10}"#)
        bridge.restart(after: .seconds(60))
        #expect(bridge.connect().statuses == [])
        #expect(bridge.pass(.milliseconds(9_999)).statuses == [])
        #expect(bridge.pass(.milliseconds(1)).statuses.count == 1)
        #expect(bridge.status("alice")?.cause == .ttl)
        #expect(bridge.status("alice")?.since == 1_700_000_000)
    }

    @Test("A logout or a will ends the promise, and names its own cause")
    func loggedOut() {
        for (word, cause) in [("offline", Cause.logout), ("lost", .lost)] {
            var bridge = Bridge.serving {
                $0.logoutGrace = .seconds(20)
                $0.offlineGrace = .seconds(20)
            }
            bridge.says("alice/phone", #"{"ttl":5}"#)
            bridge.says("alice/phone", word)
            bridge.pass(.seconds(19))
            #expect(bridge.word("alice") == "online")
            bridge.pass(.seconds(1))
            #expect(bridge.status("alice")?.cause == cause)
        }
    }

    @Test("An invisible device that breaks its promise is declared lost where nobody sees it")
    func invisible() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"status":"invisible","ttl":5}"#)
        let effects = bridge.pass(.seconds(5))
        #expect(
            effects.told == [
                #"device/alice/phone {"status":"lost","cause":"ttl","by":"presence-bridge"}"#
            ]
        )
        #expect(bridge.statusText("alice") == nil)
    }

    @Test("A device that comes back after it was declared lost is online, under its session")
    func back() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"ttl":5,"session":"b"}"#)
        let verdict = bridge.pass(.seconds(5)).corrections
        #expect(
            verdict == [
                #"device/alice/phone {"status":"lost","cause":"ttl","by":"presence-bridge"}"#
            ]
        )
        let written = #"{"status":"lost","cause":"ttl","by":"presence-bridge"}"#
        #expect(bridge.echo("alice/phone", written).told == [])
        bridge.says("alice/phone", #"{"ttl":5}"#)
        #expect(bridge.word("alice") == "online")
        let stale = bridge.says("alice/phone", #"{"status":"lost","session":"a"}"#)
        #expect(
            stale.told == [
                #"device/alice/phone {"status":"online","ttl":5,"session":"b","#
                    + #""by":"presence-bridge"}"#
            ]
        )
    }
}
