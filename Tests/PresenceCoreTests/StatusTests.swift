import Presence
import Testing

@testable import PresenceCore

@Suite("Statuses")
struct StatusTests {
    @Test("Devices are sorted by name, and the first in rank speaks for the user")
    func rank() {
        let cases: [([String: String], String)] = [
            (["a": "away", "b": "online"], "online"),
            (["a": "online", "b": "busy"], "busy"),
            (["a": "dnd", "b": "busy"], "dnd"),
            (["b": "dnd", "a": "busy"], "busy"),
            (["a": "sleeping", "b": "idle", "c": "xa"], "sleeping"),
            (["a": "away", "b": "coffee", "c": "online"], "coffee"),
            (["Z": "away", "a": "idle"], "away"),
        ]
        for (words, expected) in cases {
            var bridge = Bridge.serving()
            // The order in which they come must not matter.
            for (device, word) in words.sorted(by: { $0.key > $1.key }) {
                bridge.says("alice/\(device)", word)
            }
            #expect(bridge.word("alice") == expected)
            #expect(bridge.status("alice")?.devices.map(\.name.text) == words.keys.sorted())
        }
    }

    @Test("All that happens to a user in one turn is one change")
    func oneTurn() {
        var bridge = Bridge.serving()
        let inputs = [
            bridge.statement("alice/phone", "online"), bridge.statement("bob/phone", "online"),
            bridge.statement("alice/web", "away"), bridge.statement("alice/phone", "busy"),
        ]
        let effects = bridge.send(inputs)
        #expect(effects.statuses.count == 2)
        #expect(effects.statuses.first?.hasPrefix("status/alice") == true)
        #expect(bridge.status("alice")?.devices.map(\.status.text) == ["busy", "away"])
    }

    @Test("What is the same at the end of a turn as before is not told")
    func backAndForth() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        let inputs = [
            bridge.statement("alice/phone", "away"), bridge.statement("alice/phone", "online"),
        ]
        #expect(bridge.send(inputs).told == [])
    }

    @Test("Coming online sets since and takes the cause away; a second device changes neither")
    func since() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.pass(.seconds(10))
        bridge.says("alice/web", "online")
        #expect(bridge.status("alice")?.since == 1_700_000_000)
        #expect(bridge.status("alice")?.updated == 1_700_000_010)
        bridge.says("alice/phone", "offline")
        bridge.pass(.seconds(5))
        #expect(bridge.status("alice")?.since == 1_700_000_000)
        #expect(bridge.status("alice")?.cause == nil)
        bridge.says("alice/web", "lost")
        bridge.pass(.seconds(5))
        #expect(bridge.status("alice")?.since == 1_700_000_015)
        #expect(bridge.status("alice")?.cause == .lost)
        bridge.says("alice/web", "online")
        #expect(bridge.status("alice")?.since == 1_700_000_020)
        #expect(bridge.status("alice")?.cause == nil)
    }

    @Test("Times and numbers go on when the clock steps back")
    func stepBack() throws {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.now.unix -= 3_600_000
        bridge.says("alice/phone", "away")
        let away = try #require(bridge.status("alice"))
        #expect(away.seq == 1_700_000_000_001)
        #expect(away.updated == 1_700_000_000)
        bridge.says("alice/phone", "offline")
        bridge.pass(.seconds(1))
        let gone = try #require(bridge.status("alice"))
        #expect(gone.seq == 1_700_000_000_002)
        #expect(gone.since == 1_700_000_000)
        #expect(gone.updated == 1_700_000_000)
    }

    @Test("Times and numbers go on when the clock steps back across a restart of the bridge")
    func stepBackAcrossRestart() throws {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.restart()
        bridge.now.unix -= 3_600_000
        bridge.brokerStarted = 1_699_990_000 - 3_600
        #expect(bridge.connect().statuses == [])
        bridge.says("alice/phone", "away")
        bridge.says("bob/phone", "online")
        #expect(bridge.status("alice")?.seq == 1_700_000_000_001)
        #expect(bridge.status("alice")?.updated == 1_700_000_000)
        #expect(bridge.status("bob")?.since == 1_700_000_000)
    }

    @Test("No time is told that is before the last word of a device, also across a restart")
    func heardBeforeClockStep() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.pass(.seconds(1_000))
        bridge.says("alice/phone", "online")
        bridge.now.unix -= 3_600_000
        bridge.restart()
        bridge.restartBroker()
        bridge.pass(.seconds(60))
        #expect(bridge.status("alice")?.cause == .restart)
        #expect(bridge.status("alice")?.since == 1_700_001_000)
        #expect(bridge.status("alice")?.updated == 1_700_001_000)
        bridge.says("alice/phone", "online")
        #expect(bridge.status("alice")?.since == 1_700_001_000)
    }

    @Test("A number is never below the clock, and rises within a millisecond")
    func seq() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "away")
        #expect(bridge.status("alice")?.seq == 1_700_000_000_001)
        bridge.pass(.seconds(1))
        bridge.says("alice/phone", "online")
        #expect(bridge.status("alice")?.seq == 1_700_000_001_000)
    }

    @Test("Who is forgotten and back begins above what was told, if the clock was set back")
    func seqAfterForgetting() {
        for restarts in [false, true] {
            var bridge = Bridge.serving { $0.forgetAfter = .seconds(100) }
            bridge.now.unix += 600
            bridge.says("alice/phone", "online")
            bridge.says("alice/phone", "")
            bridge.pass(.seconds(1))
            let seq = bridge.status("alice")?.seq ?? 0
            bridge.pass(.seconds(100))
            #expect(bridge.statusText("alice") == nil)
            bridge.now.unix -= 3_600_000
            if restarts {
                bridge.restart()
                bridge.connect()
            }
            bridge.says("alice/phone", "online")
            #expect(bridge.status("alice")?.seq ?? 0 > seq)
            bridge.says("alice/phone", "away")
            #expect(bridge.status("alice")?.seq ?? 0 > seq + 1)
        }
    }

    @Test("The status of a user who stays offline is forgotten, with its retained message")
    func forgotten() {
        var bridge = Bridge.serving { $0.forgetAfter = .seconds(100) }
        bridge.says("alice/phone", "online")
        bridge.pass(.seconds(500))
        #expect(bridge.statusText("alice") != nil)
        bridge.says("alice/phone", "offline")
        bridge.pass(.seconds(1))
        #expect(bridge.pass(.milliseconds(99_999)).told == [])
        #expect(bridge.pass(.milliseconds(1)).told == ["clear status/alice"])
        #expect(bridge.core.metrics.usersKnown == 0)
        // Only the name is left, for as long as the device is remembered.
        #expect(bridge.disk.users.values.map(\.seq) == [0])
        bridge.says("alice/phone", "online")
        #expect(bridge.word("alice") == "online")
        #expect(bridge.disk.users.count == 1)
    }

    @Test("Forgetting goes on counting across a restart, and while the user is online it rests")
    func forgottenAfterRestart() {
        var bridge = Bridge.serving { $0.forgetAfter = .seconds(100) }
        bridge.says("alice/phone", "online")
        bridge.says("bob/phone", "online")
        bridge.says("alice/phone", "offline")
        bridge.pass(.seconds(50))
        bridge.restart(after: .zero)
        bridge.connect()
        #expect(bridge.pass(.seconds(50)).statuses == [])
        #expect(bridge.pass(.seconds(1)).statuses == ["clear status/alice"])
        #expect(bridge.word("bob") == "online")
    }

    @Test("A user who is forgotten while there is no connection is not told of at the next one")
    func forgottenWhileAway() {
        var bridge = Bridge.serving { $0.forgetAfter = .seconds(100) }
        bridge.send(
            .requestReceived(
                RequestMessage(
                    user: Name(checked: "bob"),
                    device: Name(checked: "phone"),
                    operation: "subscribe",
                    payload: Array(#"{"usernames":["alice"]}"#.utf8)
                )
            )
        )
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "offline")
        bridge.pass(.seconds(5))
        bridge.statuses = [:]
        let told = bridge.reconnect(after: .seconds(200)).told
        #expect(told == ["clear status/alice", "serve 1 60"])
        #expect(bridge.pass(.seconds(5)).told == [])
    }

    @Test("A description that ends in the second in which its user is forgotten ends first")
    func endsTogether() {
        for expiry in 1...6 {
            var bridge = Bridge.serving { $0.forgetAfter = .seconds(4) }
            let payload = Array(#"{"description":"x","expiry":\#(expiry)}"#.utf8)
            let alice = Name(checked: "alice")
            bridge.send(
                .requestReceived(
                    RequestMessage(
                        user: alice,
                        device: alice,
                        operation: "publish",
                        payload: payload
                    )
                )
            )
            bridge.now = bridge.now.advanced(by: .seconds(30))
            bridge.send()
            bridge.pass(.seconds(30))
            #expect(bridge.status("alice") == nil)
            #expect(bridge.core.metrics.usersKnown == 0)
        }
    }

    @Test("Whoever is forgotten when the broker comes back has no status to be put right")
    func forgottenMeanwhile() {
        var bridge = Bridge.serving { $0.forgetAfter = .seconds(100) }
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "offline")
        bridge.pass(.seconds(2))
        bridge.send(.brokerLost)
        bridge.statuses = [:]
        bridge.now = bridge.now.advanced(by: .seconds(200))
        bridge.connect()
        #expect(bridge.statuses == [:])
    }

    @Test("A status that the broker kept of somebody who was forgotten brings nothing back")
    func keptOfForgotten() {
        var bridge = Bridge.serving { $0.forgetAfter = .seconds(100) }
        bridge.says("alice/phone", "online")
        bridge.says("alice/phone", "offline")
        bridge.pass(.seconds(2))
        let kept = bridge.statuses
        bridge.pass(.seconds(200))
        #expect(bridge.statuses == [:])
        bridge.statuses = kept
        bridge.reconnect()
        #expect(bridge.statuses == [:])
        #expect(bridge.core.metrics.usersKnown == 0)
    }
}
