import Mosquitto
import PresenceBridge
import Testing

@Suite("A slow reader over a transport")
struct SlowReaderTests {
    private static let published = 1_500

    /// Publishes more than any buffer takes to a reader that stands still; each is acknowledged.
    private func flood(_ stage: any Stage, qos: UInt8) throws -> Peer {
        let reader = try Peer.connected(on: stage, "reader") { $0.receiveMaximum = 20 }
        let sender = try Peer.connected(on: stage, "sender")
        try reader.subscribe("a", qos: qos)
        reader.isReading = false
        let filler = String(repeating: "x", count: 10_000)
        for number in 0..<Self.published {
            let message = Message(topic: "a", payload: "\(number) \(filler)", qos: qos)
            _ = try sender.open().publish(message)
        }
        try sender.publish("end", "")
        _ = try stage.await("acknowledgements") {
            try sender.open().unacknowledged == 0 ? true : nil
        }
        sender.forget()
        try awaitDrops(sender)
        reader.isReading = true
        return reader
    }

    /// Awaits that the broker says that it has dropped messages.
    private func awaitDrops(_ peer: Peer) throws {
        try peer.subscribe("$SYS/broker/publish/messages/dropped", qos: 0)
        while try peer.message().text == "0" {}
    }

    /// Awaits that the broker says how many messages it has dropped.
    private func awaitDropped(_ count: Int, _ reader: Peer, on stage: any Stage) throws {
        try reader.subscribe("$SYS/broker/publish/messages/dropped", qos: 0)
        while try reader.message().text != "\(count)" {}
    }

    @Test(
        "Live messages of QoS 0 are dropped behind what the buffers take, and counted",
        arguments: BrokerKind.allCases
    )
    func live(_ kind: BrokerKind) throws {
        let stage = try kind.stage(maxQueued: 50, sysInterval: 1)
        let reader = try flood(stage, qos: 0)
        let came = try reader.drain().map { $0.text.prefix { $0.isNumber } }
        #expect(came.count >= 50)
        #expect(came.count < Self.published)
        #expect(came == (0..<came.count).map { "\($0)" })
        try awaitDropped(Self.published - came.count, reader, on: stage)
    }

    @Test(
        "Live messages of QoS 1 are dropped behind those in flight and those queued, and counted",
        arguments: BrokerKind.allCases
    )
    func acknowledged(_ kind: BrokerKind) throws {
        let stage = try kind.stage(maxQueued: 50, sysInterval: 1)
        let reader = try flood(stage, qos: 1)
        let came = try reader.messages(70).map { $0.text.prefix { $0.isNumber } }
        #expect(came == (0..<70).map { "\($0)" })
        #expect(try reader.drain() == [])
        try awaitDropped(Self.published - 70, reader, on: stage)
    }

    @Test(
        "A snapshot of QoS 1 is cut behind those in flight and those queued, one of QoS 0 is whole",
        arguments: BrokerKind.allCases
    )
    func snapshot(_ kind: BrokerKind) throws {
        let stage = try kind.stage(maxQueued: 50)
        let sender = try Peer.connected(on: stage, "sender")
        for number in 0..<500 {
            try sender.publish("a/\(number)", "x", retain: true)
        }
        let small = try Peer.connected(on: stage, "small") { $0.receiveMaximum = 20 }
        try small.subscribe("a/+", qos: 1)
        #expect(try Set(small.messages(70).map(\.topic)).count == 70)
        try small.subscribe("a/+", qos: 0)
        #expect(try small.drain().count == 500)
        // A client's Receive Maximum takes the place of the broker's limit, be it larger or not.
        let large = try Peer.connected(on: stage, "large") { $0.receiveMaximum = 65_535 }
        try large.subscribe("a/+", qos: 1)
        #expect(try large.drain().count == 500)
        let old = try Peer.connected(on: stage, "old", .v311)
        try old.subscribe("a/+", qos: 1)
        #expect(try Set(old.messages(70).map(\.topic)).count == 70)
        #expect(try old.drain() == [])
    }

    @Test(
        "A snapshot of QoS 0 is cut, too, behind what the buffers take of it, for one that stands still",
        arguments: BrokerKind.allCases
    )
    func stalled(_ kind: BrokerKind) throws {
        let stage = try kind.stage(maxQueued: 50, sysInterval: 1)
        let sender = try Peer.connected(on: stage, "sender")
        let filler = String(repeating: "x", count: 10_000)
        for number in 0..<Self.published {
            let message = Message(topic: "a/\(number)", payload: filler, retain: true)
            _ = try sender.open().publish(message)
        }
        try sender.publish("end", "")
        sender.forget()
        let reader = try Peer.connected(on: stage, "reader")
        reader.isReading = false
        let options = SubscriptionOptions(qos: 0)
        _ = try reader.open().subscribe(["a/+"], options: options, identifier: nil)
        try awaitDrops(sender)
        for _ in 0..<100 { try sender.publish("a/live", "x", qos: 0) }
        try sender.publish("end", "")
        reader.isReading = true
        let came = try reader.drain()
        #expect(came.count >= 50)
        #expect(came.count < Self.published)
        #expect(came.allSatisfy { $0.retain })
    }
}
