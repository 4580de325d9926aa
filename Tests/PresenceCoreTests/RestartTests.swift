import Presence
import Testing

@testable import PresenceCore

@Suite("Restarts of the broker")
struct RestartTests {
    static let announce = #"{"operation":"announce"}"#

    /// A bridge with one device online.
    static func withPhone(_ change: (inout Limits) -> Void = { _ in }) -> Bridge {
        var bridge = Bridge.serving(change)
        bridge.says("alice/phone", "online")
        return bridge
    }

    @Test("A reconnection is no restart; a younger broker is one, and the epoch says so")
    func epoch() {
        var bridge = Self.withPhone()
        #expect(bridge.reconnect(after: .seconds(100)).told == ["serve 1 60"])
        #expect(bridge.restartBroker().told == ["serve 2 60"])
        #expect(bridge.disk.broker?.epoch == 2)
        #expect(bridge.disk.broker?.isSettled == false)
        bridge.pass(.seconds(60))
        #expect(bridge.disk.broker?.isSettled == false)
        bridge.pass(.seconds(10))
        #expect(bridge.disk.broker?.isSettled == true)
        bridge.echo("alice/phone", bridge.topic("alice/phone") ?? "")
        #expect(bridge.reconnect().told == ["serve 2 60"])
    }

    @Test(
        "The log says how many devices have to announce themselves",
        arguments: [
            (0, "no device has to announce itself"),
            (1, "1 device has 60 s to announce itself"),
            (2, "2 devices have 60 s to announce themselves"),
        ]
    )
    func logsSuspects(count: Int, words: String) {
        var bridge = Bridge.serving()
        for index in 0..<count { bridge.says("user\(index)/phone", "online") }
        let lines = bridge.restartBroker().logged
        #expect(lines.contains { $0.hasSuffix(words) }, "\(lines)")
    }

    @Test("A crash right after the verdict does not bring back who was given up")
    func crashAfterVerdict() {
        var bridge = Self.withPhone()
        bridge.restartBroker()
        let birth = bridge.topics
        bridge.pass(.seconds(60))
        #expect(bridge.status("alice")?.cause == .restart)
        // The verdict never reached the broker, and the birth still stands there.
        bridge.topics = birth
        bridge.restart()
        #expect(bridge.connect().statuses == [])
        bridge.pass(.seconds(60))
        #expect(bridge.word("alice") == "offline")
        #expect(bridge.topic("alice/phone")?.contains("lost") == true)
    }

    @Test("A device that comes back in time is told to nobody")
    func comesBack() {
        for keeps in [true, false] {
            var bridge = Self.withPhone()
            let before = bridge.statuses
            bridge.restartBroker(keepsRetained: keeps)
            #expect(bridge.statuses == before)
            bridge.pass(.seconds(20))
            #expect(bridge.says("alice/phone", "online").told == [])
            let rest = bridge.pass(.seconds(100))
            #expect(rest.told == [])
            #expect(bridge.statuses == before)
        }
    }

    @Test("A device that does not come back is asked at half of the grace, and given up at its end")
    func givenUp() {
        for keeps in [true, false] {
            var bridge = Self.withPhone()
            bridge.restartBroker(keepsRetained: keeps)
            #expect(bridge.pass(.milliseconds(29_999)).told == [])
            #expect(
                bridge.pass(.milliseconds(1)).told == [
                    "presence/response/alice/phone \(Self.announce)"
                ]
            )
            #expect(bridge.pass(.milliseconds(29_999)).told == [])
            #expect(
                bridge.pass(.milliseconds(1)).corrections == [
                    #"device/alice/phone {"status":"lost","cause":"restart","#
                        + #""by":"presence-bridge"}"#
                ]
            )
            #expect(bridge.status("alice")?.cause == .restart)
            #expect(bridge.status("alice")?.since == 1_700_000_000)
        }
    }

    @Test("A lost that is found, or was in its grace, has the long grace")
    func lost() {
        for isFound in [true, false] {
            var bridge = Self.withPhone()
            if isFound {
                bridge.topics[DeviceKey("alice/phone")] = Array("lost".utf8)
            } else {
                bridge.says("alice/phone", "lost")
                bridge.pass(.seconds(1))
            }
            bridge.restartBroker()
            #expect(bridge.pass(.seconds(59)).statuses == [])
            #expect(bridge.word("alice") == "online")
            var other = bridge
            #expect(other.says("alice/phone", "online").told == [])
            #expect(other.pass(.seconds(60)).statuses == [])
            bridge.pass(.seconds(1))
            #expect(bridge.status("alice")?.cause == .restart)
        }
    }

    @Test("A logout that is found counts as one at the end of the grace")
    func logout() {
        var bridge = Self.withPhone()
        bridge.topics[DeviceKey("alice/phone")] = Array("offline".utf8)
        bridge.restartBroker()
        #expect(bridge.pass(.seconds(59)).statuses == [])
        bridge.pass(.seconds(1))
        #expect(bridge.status("alice")?.cause == .logout)
    }

    @Test("A logout that was in its grace takes effect")
    func logoutInGrace() {
        var bridge = Self.withPhone()
        bridge.says("alice/phone", "offline")
        bridge.restartBroker()
        bridge.pass(.seconds(1))
        #expect(bridge.status("alice")?.cause == .logout)
    }

    @Test("An older copy proves nothing: a device known to be away is asked, and given up")
    func olderCopy() {
        var bridge = Self.withPhone()
        bridge.says("alice/phone", "offline")
        bridge.pass(.seconds(1))
        let before = bridge.statusText("alice")
        bridge.topics[DeviceKey("alice/phone")] = Array("online".utf8)
        #expect(
            bridge.restartBroker().told == [
                "presence/response/alice/phone \(Self.announce)", "serve 2 60",
            ]
        )
        var other = bridge
        #expect(other.says("alice/phone", "online").statuses.count == 1)
        #expect(other.pass(.seconds(100)).told == [])
        bridge.pass(.seconds(60))
        #expect(
            bridge.topic("alice/phone") == #"{"status":"offline","by":"presence-bridge"}"#
        )
        #expect(bridge.statusText("alice") == before)
    }

    @Test("An older word of a device that is online changes nothing")
    func olderWord() {
        var bridge = Self.withPhone()
        bridge.says("alice/phone", "away")
        bridge.topics[DeviceKey("alice/phone")] = Array("online".utf8)
        #expect(bridge.restartBroker().statuses == [])
        #expect(bridge.word("alice") == "away")
        #expect(bridge.says("alice/phone", "away").told == [])
        #expect(bridge.pass(.seconds(100)).told == [])
    }

    @Test("A topic that is missing after a restart is no logout")
    func missing() {
        var bridge = Self.withPhone()
        #expect(bridge.restartBroker(keepsRetained: false).readings.count == 1)
        bridge.pass(.seconds(10))
        #expect(bridge.word("alice") == "online")
    }

    @Test(
        "A device that spoke since the restart and is missing later has gone, within the grace, too"
    )
    func missingLater() {
        var bridge = Self.withPhone()
        bridge.restartBroker()
        bridge.says("alice/phone", "online")
        bridge.send(.brokerLost)
        bridge.topics = [:]
        bridge.connect()
        bridge.pass(.seconds(1))
        #expect(bridge.status("alice")?.cause == .logout)
    }

    @Test("A user whom the bridge never saw is a suspect, too")
    func neverSeen() {
        var bridge = Self.withPhone()
        bridge.topics[DeviceKey("zoe/phone")] = Array("online".utf8)
        bridge.restartBroker()
        let asked = bridge.pass(.seconds(30)).answers
        #expect(asked.contains("presence/response/zoe/phone \(Self.announce)"))
        var other = bridge
        other.says("zoe/phone", "online")
        other.pass(.seconds(60))
        #expect(other.word("zoe") == "online")
        bridge.pass(.seconds(30))
        #expect(bridge.core.metrics.usersOnline == 0)
        #expect(bridge.word("zoe") != "online")
    }

    @Test("A restart while the bridge was away is noticed by what is stored")
    func bridgeAway() {
        var bridge = Self.withPhone()
        bridge.restart(after: .seconds(100))
        #expect(bridge.restartBroker().told == ["serve 2 60"])
        bridge.pass(.seconds(60))
        #expect(bridge.status("alice")?.cause == .restart)
    }

    @Test("A bridge that restarts within the grace gives it anew, under the same epoch")
    func bridgeRestart() {
        var bridge = Self.withPhone()
        bridge.says("bob/phone", "online")
        bridge.restartBroker()
        bridge.says("bob/phone", "online")
        bridge.pass(.seconds(50))
        bridge.restart()
        #expect(bridge.connect().told == ["serve 2 60"])
        #expect(bridge.pass(.milliseconds(59_999)).statuses == [])
        bridge.pass(.milliseconds(1))
        #expect(bridge.status("alice")?.cause == .restart)
        #expect(bridge.word("bob") == "online")
    }

    @Test("A reconnection within the grace leaves half of it at least")
    func reconnection() {
        var bridge = Self.withPhone()
        bridge.restartBroker()
        bridge.pass(.seconds(40))
        bridge.reconnect(after: .seconds(10))
        #expect(bridge.pass(.milliseconds(29_999)).statuses == [])
        #expect(bridge.pass(.milliseconds(1)).statuses.count == 1)
    }

    @Test("A promise rests until the device speaks again or is given up")
    func promise() {
        for keeps in [true, false] {
            var bridge = Bridge.serving()
            bridge.says("alice/phone", #"{"ttl":10}"#)
            bridge.restartBroker(keepsRetained: keeps, after: .seconds(30))
            #expect(bridge.pass(.seconds(20)).statuses == [])
            var other = bridge
            other.says("alice/phone", #"{"ttl":10}"#)
            #expect(other.pass(.milliseconds(9_999)).statuses == [])
            #expect(other.pass(.milliseconds(1)).statuses.count == 1)
            #expect(other.status("alice")?.cause == .ttl)
            bridge.restart()
            bridge.connect()
            #expect(bridge.pass(.seconds(59)).statuses == [])
            bridge.pass(.seconds(1))
            #expect(bridge.status("alice")?.cause == .restart)
        }
    }

    @Test("A second restart within the grace gives it anew")
    func second() {
        var bridge = Self.withPhone()
        bridge.restartBroker()
        bridge.says("alice/phone", "online")
        #expect(bridge.restartBroker().told == ["serve 3 60"])
        #expect(bridge.pass(.milliseconds(59_999)).statuses == [])
        #expect(bridge.pass(.milliseconds(1)).statuses.count == 1)
    }

    @Test("A restart that only the live uptime shows spares those who spoke since")
    func live() {
        var bridge = Self.withPhone()
        bridge.says("bob/phone", "online")
        bridge.send(.brokerLost)
        bridge.now = bridge.now.advanced(by: .seconds(10))
        let effects = bridge.send(.brokerFound)
        bridge.statuses = [:]
        // The retained uptime is not there yet.
        let started = bridge.brokerStarted
        bridge.brokerStarted = nil
        bridge.answerReadings(in: effects)
        bridge.brokerStarted = (started ?? 0) + 10
        bridge.says("bob/phone", "online")
        #expect(bridge.uptime().told == ["serve 2 60"])
        bridge.pass(.seconds(60))
        #expect(bridge.status("alice")?.cause == .restart)
        #expect(bridge.word("bob") == "online")
    }

    @Test("Switched off, the broker's uptime means nothing")
    func switchedOff() {
        var bridge = Self.withPhone { $0.watchesBrokerRestart = false }
        #expect(bridge.restartBroker().told == ["serve 1 60"])
        #expect(bridge.uptime().told == [])
        #expect(bridge.pass(.seconds(100)).told == [])
        #expect(bridge.word("alice") == "online")
    }

    @Test("Many suspects are given up beside as many devices that are remembered as may be")
    func crowded() {
        var bridge = Bridge.serving { $0.maxDevices = 3 }
        for device in ["a", "b", "c"] {
            bridge.says("alice/\(device)", "online")
            bridge.says("alice/\(device)", "offline")
            bridge.pass(.seconds(1))
        }
        for device in ["d", "e", "f"] {
            bridge.says("alice/\(device)", "online")
        }
        bridge.restartBroker()
        bridge.pass(.seconds(60))
        #expect(bridge.word("alice") == "offline")
        #expect(bridge.status("alice")?.cause == .restart)
        #expect(bridge.topics.keys.map(\.device.text).sorted() == ["d", "e", "f"])
        #expect(bridge.core.metrics.devicesOnline == 0)
    }

    @Test("A crowd of suspects is dealt with in slices")
    func slices() {
        var bridge = Bridge.serving()
        var births: [Input] = []
        for number in 0..<2_500 {
            births.append(bridge.statement("u\(number)/phone", "online"))
        }
        bridge.send(births)
        bridge.restartBroker()
        var turns: [Int] = []
        bridge.now = bridge.now.advanced(by: .seconds(30))
        while turns.reduce(0, +) < 2_500, turns.count < 10 {
            turns.append(bridge.send().answers.count)
            bridge.now = bridge.now.advanced(by: core(bridge))
        }
        #expect(turns == [1_000, 1_000, 500])
        bridge.pass(.seconds(31))
        #expect(bridge.core.metrics.usersOnline == 0)
    }

    private func core(_ bridge: Bridge) -> Duration {
        bridge.core.idleTime(at: bridge.now) ?? .zero
    }

    @Test("Who spoke while everything was read again is asked again, since it may be an old copy")
    func stalled() {
        var bridge = Self.withPhone()
        bridge.restartBroker()
        bridge.pass(.seconds(31))
        let effects = bridge.send(.readingStalled)
        bridge.says("alice/phone", "online")
        let asked = bridge.answerReadings(in: effects).answers
        #expect(asked == ["presence/response/alice/phone \(Self.announce)"])
        bridge.says("alice/phone", "online")
        bridge.pass(.seconds(60))
        #expect(bridge.word("alice") == "online")
    }

    @Test("Nobody is given up while everything is read again, nor at once after that")
    func stalledAtTheEnd() {
        var bridge = Self.withPhone()
        bridge.restartBroker()
        bridge.pass(.seconds(59))
        let effects = bridge.send(.readingStalled)
        bridge.says("alice/phone", "online")
        #expect(bridge.pass(.seconds(5)).statuses == [])
        bridge.answerReadings(in: effects)
        #expect(bridge.pass(.milliseconds(29_999)).statuses == [])
        var other = bridge
        #expect(other.says("alice/phone", "online").told == [])
        #expect(other.pass(.seconds(60)).statuses == [])
        bridge.pass(.milliseconds(1))
        #expect(bridge.status("alice")?.cause == .restart)
    }

    @Test("A connection that breaks while everything is read again leaves the grace to end")
    func stalledAndLost() {
        var bridge = Self.withPhone()
        bridge.restartBroker()
        bridge.pass(.seconds(59))
        bridge.send(.readingStalled)
        bridge.pass(.seconds(5))
        bridge.reconnect()
        bridge.pass(.seconds(30))
        #expect(bridge.status("alice")?.cause == .restart)
        #expect(bridge.disk.broker?.isSettled == false)
        bridge.pass(.seconds(10))
        #expect(bridge.disk.broker?.isSettled == true)
    }
}
