import Presence
import Testing

@testable import PresenceCore

@Suite("The will of a connection that is not known")
struct DoubtTests {
    private static let announce = #"presence/response/alice/phone {"operation":"announce"}"#
    private static let birth = #"{"status":"away","session":"a"}"#
    private static let newerWill = Array(#"{"status":"lost","session":"b"}"#.utf8)
    private static let putBack =
        #"device/alice/phone {"status":"away","session":"a","by":"presence-bridge"}"#

    /// A bridge that knows alice's phone, whose topic has the will of another connection.
    private static func contradicted() -> Bridge {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", birth)
        bridge.topics[DeviceKey("alice/phone")] = newerWill
        return bridge
    }

    @Test("Found on the topic, it may be of a newer connection: a device that keeps silent is lost")
    func silent() {
        var bridge = Self.contradicted()
        let effects = bridge.reconnect().told
        #expect(effects.contains(Self.putBack))
        #expect(effects.contains(Self.announce))
        #expect(bridge.pass(.milliseconds(59_999)).told == [])
        let verdict = bridge.pass(.milliseconds(1))
        #expect(bridge.status("alice")?.cause == .lost)
        #expect(
            verdict.corrections == [
                #"device/alice/phone {"status":"lost","cause":"lost","by":"presence-bridge"}"#
            ]
        )
        bridge.echo("alice/phone", bridge.topic("alice/phone") ?? "")
        #expect(bridge.reconnect().told.filter { !$0.hasPrefix("serve") } == [])
    }

    @Test("A device that announces itself was never away")
    func announced() {
        var bridge = Self.contradicted()
        bridge.reconnect()
        #expect(bridge.says("alice/phone", Self.birth).told == [])
        #expect(bridge.pass(.seconds(120)).told == [])
        #expect(bridge.disk.devices.values.map(\.epoch) == [1])
    }

    @Test("A word of the device that is found counts as one, what the bridge wrote does not")
    func found() {
        var bridge = Self.contradicted()
        bridge.reconnect()
        var other = bridge
        other.topics[DeviceKey("alice/phone")] = Array(Self.birth.utf8)
        other.reconnect()
        #expect(other.pass(.seconds(120)).told == [])
        bridge.reconnect()
        bridge.pass(.seconds(60))
        #expect(bridge.status("alice")?.cause == .lost)
    }

    @Test("A crash of the bridge does not end the doubt")
    func crash() {
        var bridge = Self.contradicted()
        bridge.reconnect()
        bridge.restart()
        #expect(bridge.connect().told.contains(Self.announce))
        bridge.pass(.seconds(60))
        #expect(bridge.status("alice")?.cause == .lost)
    }

    @Test("At the next connection it is asked again, and has half of the grace at least")
    func askedAgain() {
        var bridge = Self.contradicted()
        bridge.reconnect()
        bridge.pass(.seconds(50))
        // What asked it may have been lost with the connection.
        #expect(bridge.reconnect().told.contains(Self.announce))
        var other = bridge
        #expect(bridge.pass(.milliseconds(29_800)).told == [])
        bridge.pass(.milliseconds(200))
        #expect(bridge.status("alice")?.cause == .lost)
        other.pass(.seconds(29))
        other.says("alice/phone", Self.birth)
        #expect(other.pass(.seconds(120)).told == [])
        // The end of a doubt that has only begun comes no sooner.
        var young = Self.contradicted()
        young.reconnect()
        #expect(young.reconnect().told.contains(Self.announce))
        #expect(young.pass(.seconds(59)).told == [])
        // Nor does one end while the bridge is away.
        var away = Self.contradicted()
        away.reconnect()
        #expect(away.reconnect(after: .seconds(61)).told.contains(Self.announce))
        #expect(away.pass(.seconds(29)).told == [])
    }

    @Test("One that came live is doubted when messages turn out to have been missed, and only then")
    func live() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", Self.birth)
        let told = bridge.says("alice/phone", String(decoding: Self.newerWill, as: UTF8.self)).told
        #expect(told == [Self.putBack])
        var other = bridge
        #expect(other.pass(.seconds(120)).told == [])
        let effects = bridge.send(.readingStalled)
        #expect(bridge.answerReadings(in: effects).told.contains(Self.announce))
        bridge.pass(.seconds(60))
        #expect(bridge.status("alice")?.cause == .lost)
        // Once it has spoken, what was before does not count any more.
        other.says("alice/phone", Self.birth)
        #expect(other.answerReadings(in: other.send(.readingStalled)).told == [])
    }

    @Test(
        "Where a birth may have been missed, the will of the known connection is asked about, too"
    )
    func known() {
        let will = #"{"status":"lost","session":"a"}"#
        var bridge = Bridge.serving()
        bridge.says("alice/phone", Self.birth)
        var other = bridge
        // Live, and nothing was missed: it is what it says.
        var third = bridge
        #expect(third.says("alice/phone", will).told == [])
        // The birth of the next connection came while the bridge was away, and then this.
        bridge.topics[DeviceKey("alice/phone")] = Array(will.utf8)
        #expect(bridge.reconnect().told.contains(Self.announce))
        bridge.says("alice/phone", #"{"status":"away","session":"b"}"#)
        #expect(bridge.pass(.seconds(10)).told == [])
        // The broker dropped it, and the audit has not come by.
        other.send(.messagesDropped)
        #expect(other.says("alice/phone", will).told == [Self.announce])
        other.pass(.seconds(3))
        #expect(other.status("alice")?.cause == .lost)
        other.says("alice/phone", #"{"status":"away","session":"b"}"#)
        other.pass(.seconds(31))
        #expect(other.says("alice/phone", #"{"status":"lost","session":"b"}"#).told == [])
    }

    @Test("In a restart of the broker it is a suspect like all others")
    func brokerRestart() {
        var bridge = Self.contradicted()
        bridge.reconnect()
        bridge.restartBroker()
        bridge.pass(.seconds(60))
        #expect(bridge.status("alice")?.cause == .restart)
        bridge.pass(.seconds(60))
        #expect(bridge.status("alice")?.cause == .restart)
    }

    /// What a device may leave as its will that nobody can read.
    private static let unreadableWills = [
        "gone away", #"{"state":"offline"}"#, "{", "", #"{"status":false}"#,
    ].map { $0.isEmpty ? String(repeating: "x", count: 1_025) : $0 }

    @Test(
        "What cannot be read may have been the will: the device is asked",
        arguments: unreadableWills
    )
    func unreadable(_ will: String) {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", Self.birth)
        let told = bridge.says("alice/phone", will).told
        #expect(told.contains(Self.announce))
        #expect(told.contains(Self.putBack))
        // Whatever else comes that cannot be read, its time is not longer for that.
        bridge.pass(.seconds(59))
        #expect(!bridge.says("alice/phone", will).told.contains(Self.announce))
        var other = bridge
        bridge.pass(.seconds(1))
        #expect(bridge.status("alice")?.cause == .lost)
        // It was there all along.
        other.says("alice/phone", Self.birth)
        #expect(other.pass(.seconds(300)).told == [])
        #expect(other.word("alice") == "away")
    }

    @Test("So it is asked when the process that heard it has ended, and where the will is found")
    func unreadableAcross() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", Self.birth)
        var other = bridge
        bridge.says("alice/phone", "gone away")
        bridge.echo("alice/phone", bridge.topic("alice/phone") ?? "")
        bridge.restart()
        #expect(bridge.connect().told.contains(Self.announce))
        bridge.pass(.seconds(60))
        #expect(bridge.status("alice")?.cause == .lost)

        other.topics[DeviceKey("alice/phone")] = Array("gone away".utf8)
        #expect(other.reconnect().told.contains(Self.announce))
        other.pass(.seconds(60))
        #expect(other.status("alice")?.cause == .lost)
    }

    @Test("So it is with a ttl, when it is invisible, and while a grace runs")
    func unreadableStates() {
        var bridge = Bridge.serving()
        bridge.says("alice/phone", #"{"ttl":86400}"#)
        bridge.says("alice/phone", "gone away")
        bridge.pass(.seconds(60))
        #expect(bridge.status("alice")?.cause == .lost)

        bridge.says("alice/phone", "invisible")
        #expect(!bridge.says("alice/phone", "gone away").told.contains(Self.announce))
        bridge.says("alice/phone", "online")
        bridge.pass(.seconds(300))
        #expect(bridge.word("alice") == "online")

        bridge.says("alice/phone", "offline")
        bridge.says("alice/phone", "gone away")
        bridge.pass(.seconds(1))
        #expect(bridge.status("alice")?.cause == .logout)
    }

    @Test("It is asked when its birth was held by the rate", arguments: [true, false])
    func unreadableHeld(hasToken: Bool) {
        var bridge = Bridge.serving { ($0.deviceRate, $0.deviceBurst) = (1, 1) }
        bridge.says("alice/phone", "away")
        bridge.says("alice/phone", "coffee")
        if hasToken { bridge.now = bridge.now.advanced(by: .milliseconds(999)) }
        bridge.says("alice/phone", "gone away")
        bridge.pass(.seconds(5))
        #expect(bridge.word("alice") == "coffee")
        bridge.pass(.seconds(60))
        #expect(bridge.status("alice")?.cause == .lost)
    }
}
