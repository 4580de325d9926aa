import Presence
import Testing

@testable import PresenceCore

@Suite("The bridge's own words")
struct OwnWordsTests {
    static let verdict = #"{"status":"lost","cause":"ttl","by":"presence-bridge"}"#

    @Test("An echo is no word of the device, and one that is true is left alone")
    func echo() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"ttl":5}"#)
        bridge.pass(.seconds(5))
        #expect(bridge.echo("alice/phone", Self.verdict) == [])
    }

    @Test("A verdict that arrives after a newer word of the device does not outlive it")
    func lateVerdict() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"ttl":5}"#)
        bridge.pass(.seconds(5))
        bridge.says("alice/phone", #"{"ttl":9}"#)
        let effects = bridge.echo("alice/phone", Self.verdict)
        #expect(
            effects.told == [
                #"device/alice/phone {"status":"online","ttl":9,"by":"presence-bridge"}"#
            ]
        )
        #expect(bridge.word("alice") == "online")
        let own = #"{"status":"online","ttl":9,"by":"presence-bridge"}"#
        #expect(bridge.echo("alice/phone", own) == [])
        bridge.pass(.seconds(9))
        #expect(bridge.status("alice")?.cause == .ttl)
    }

    @Test("Who may have been overwritten as the connection broke is asked to speak again, once")
    func brokenOff() {
        var bridge = Bridge.serving { $0.deviceForgetAfter = .seconds(5) }
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "offline")
        bridge.says("bob/phone", "lost")
        bridge.pass(.seconds(6))
        // Of alice it is known that nothing was overwritten, of bob it is not.
        bridge.echo("alice/phone", "")
        let asked = #"presence/response/bob/phone {"operation":"announce"}"#
        #expect(bridge.reconnect().told == [asked, "serve 1 60"])
        #expect(bridge.reconnect().told == ["serve 1 60"])
    }

    @Test("A device whose topic is missing is asked: another process may have cleared its word")
    func missing() {
        for answers in [true, false] {
            var bridge = Bridge.serving()
            bridge.says("alice/phone", "online")
            bridge.topics = [:]
            let effects = bridge.reconnect()
            #expect(effects.answers == [#"presence/response/alice/phone {"operation":"announce"}"#])
            if answers { bridge.says("alice/phone", "online") }
            #expect(bridge.pass(.seconds(2)).statuses.count == (answers ? 0 : 1))
            #expect(bridge.word("alice") == (answers ? "online" : "offline"))
        }
    }

    @Test("What another process wrote may have been written over a word: the device is asked, once")
    func earlierProcess() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "busy", retained: false)
        bridge.says("alice/web", "busy")
        bridge.says("bob/phone", "invisible", retained: false)
        bridge.restart()
        let asked = #"presence/response/alice/phone {"operation":"announce"}"#
        #expect(bridge.connect().answers == [asked])
        #expect(bridge.reconnect().answers == [])
    }

    @Test("An echo does not renew a promise and takes no token")
    func noWord() {
        var bridge = Bridge.serving { ($0.deviceRate, $0.deviceBurst) = (1, 1) }
        bridge.says("alice/phone", #"{"ttl":5}"#)
        bridge.pass(.seconds(4))
        let own = #"{"status":"online","ttl":5,"by":"presence-bridge"}"#
        for _ in 0..<10 {
            bridge.echo("alice/phone", own)
        }
        bridge.pass(.seconds(1))
        #expect(bridge.status("alice")?.cause == .ttl)
        #expect(bridge.core.metrics.errors == 0)
    }

    @Test("The mark in the user property is enough")
    func property() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        let effects = bridge.echo("alice/phone", "away")
        #expect(
            effects.told == [
                #"device/alice/phone {"status":"online","by":"presence-bridge"}"#
            ]
        )
        #expect(bridge.word("alice") == "online")
    }

    @Test("The mark of another bridge is a word like any other")
    func another() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"status":"away","by":"other"}"#)
        #expect(bridge.word("alice") == "away")
    }

    @Test("A clear that arrives after a birth is made good, and the echo of a right one is not")
    func lateClear() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "lost")
        #expect(bridge.echo("alice/phone", "") == [])
        bridge.says("alice/phone", "online")
        #expect(
            bridge.echo("alice/phone", "").told == [
                #"device/alice/phone {"status":"online","by":"presence-bridge"}"#
            ]
        )
        bridge.says("alice/phone", "")
        #expect(bridge.echo("alice/phone", "").told == [])
    }

    @Test("What the bridge wrote of a device that it has forgotten since is cleared")
    func forgotten() {
        var bridge = Bridge.serving()
        let effects = bridge.echo("alice/phone", Self.verdict)
        #expect(effects.told == ["clear device/alice/phone"])
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "")
        let own = #"{"status":"online","by":"presence-bridge"}"#
        #expect(bridge.echo("alice/phone", own).told == ["clear device/alice/phone"])
    }

    @Test("What is to be written to a topic gives way to what the device says in the same turn")
    func overtaken() {
        for last in ["away", "", "offline"] {
            var bridge = Bridge.serving()
            bridge.says("alice/phone", "online")
            let first = bridge.statement("alice/phone", "busy", retained: false)
            let second = bridge.statement("alice/phone", last)
            #expect(bridge.send(first, second).corrections == [])
            bridge.pass(.seconds(2))
            #expect(bridge.word("alice") == (last == "away" ? "away" : "offline"))
            #expect(bridge.topic("alice/phone") == (last.isEmpty ? nil : last))
        }
        // What is not on the topic is written, and the newest alone.
        var bridge = Bridge.serving()
        let first = bridge.statement("alice/phone", "busy", retained: false)
        let second = bridge.statement("alice/phone", "away", retained: false)
        #expect(
            bridge.send(first, second).corrections == [
                #"device/alice/phone {"status":"away","by":"presence-bridge"}"#
            ]
        )
    }

    @Test("What is to be written when everything is read gives way to what the device says before")
    func overtakenAtConnection() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"status":"online","session":"b"}"#)
        bridge.send(.brokerLost)
        bridge.topics[DeviceKey("alice/phone")] = Array(
            #"{"status":"lost","session":"a"}"#.utf8
        )
        let order = bridge.send(.brokerFound).readings[0]
        bridge.send(bridge.found(order.id, order.scope))
        bridge.says("alice/phone", "offline")
        #expect(bridge.send(.readingEnded(order.id)).corrections == [])
        bridge.pass(.seconds(2))
        #expect(bridge.word("alice") == "offline")
    }

    @Test("While everything is read, its word about a device that it has forgotten is cleared")
    func foundForgotten() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "")
        bridge.pass(.seconds(2))
        let own = #"{"status":"online","by":"presence-bridge"}"#
        let cleared = [
            "clear device/alice/phone",
            #"presence/response/alice/phone {"operation":"announce"}"#,
        ]
        let order = bridge.send(.readingStalled).readings[0]
        // It comes back, and is there when the reading comes by.
        bridge.topics[DeviceKey("alice/phone")] = Array(own.utf8)
        #expect(bridge.echo("alice/phone", own).told == cleared)
        bridge.topics[DeviceKey("alice/phone")] = Array(own.utf8)
        #expect(bridge.send(bridge.found(order.id, order.scope)).told == cleared)
        #expect(bridge.word("alice") == "offline")
        #expect(bridge.topic("alice/phone") == nil)
    }

    @Test("Found at a start, its words stand for the device's last statement")
    func found() {
        var bridge = Bridge()
        bridge.topics[DeviceKey("alice/phone")] = Array(
            #"{"status":"away","session":"a","by":"presence-bridge"}"#.utf8
        )
        bridge.topics[DeviceKey("bob/phone")] = Array(Self.verdict.utf8)
        bridge.connect()
        #expect(bridge.word("alice") == "away")
        #expect(bridge.statusText("bob") == nil)
        #expect(bridge.topic("bob/phone") == nil)
        #expect(bridge.says("alice/phone", #"{"status":"lost","session":"b"}"#).told.count == 1)
        #expect(bridge.word("alice") == "away")
    }

    @Test("Found on reconnection, they give way to what the bridge has heard since")
    func foundLater() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.topics[DeviceKey("alice/phone")] = Array(Self.verdict.utf8)
        let effects = bridge.reconnect()
        #expect(
            effects.corrections == [
                #"device/alice/phone {"status":"online","by":"presence-bridge"}"#
            ]
        )
        #expect(bridge.pass(.seconds(10)).statuses == [])
    }
}
