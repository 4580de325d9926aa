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
}
