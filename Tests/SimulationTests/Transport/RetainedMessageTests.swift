import Mosquitto
import PresenceBridge
import Testing

@Suite("Retained messages over a transport")
struct RetainedMessageTests {
    @Test(
        "A snapshot comes behind the SUBACK, retained, with the lower QoS",
        arguments: BrokerKind.allCases
    )
    func snapshot(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let sender = try Peer.connected(on: stage, "sender")
        for number in 0..<30 {
            try sender.publish("a/\(number)", "old", retain: true)
            try sender.publish("a/\(number)", "\(number)", qos: 2, retain: true) { properties in
                properties.userProperties = [UserProperty("by", "sender")]
                properties.messageExpiry = 60
            }
        }
        try sender.publish("b", "", retain: true)
        let reader = try Peer.connected(on: stage, "reader")
        let packet = try reader.open().subscribe(
            ["a/+", "b"],
            options: SubscriptionOptions(qos: 1),
            identifier: 9
        )
        _ = try stage.await("30 messages") { reader.events.count >= 31 ? true : nil }
        #expect(
            reader.events.first
                == .subscribed(
                    packetID: packet,
                    granted: [ReasonCode(rawValue: 1), ReasonCode(rawValue: 1)]
                )
        )
        let messages = try reader.drain()
        #expect(messages.count == 30)
        #expect(Set(messages.map(\.text)) == Set((0..<30).map { "\($0)" }))
        #expect(
            messages.allSatisfy {
                $0.retain && $0.qos == 1 && $0.properties.subscriptionIdentifiers == [9]
            }
        )
        #expect(
            messages.allSatisfy { $0.properties.userProperties == [UserProperty("by", "sender")] }
        )
        #expect(messages.allSatisfy { $0.properties.messageExpiry.map { $0 > 50 } == true })
    }

    @Test("Retain Handling says when a snapshot comes", arguments: BrokerKind.allCases)
    func handling(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let peer = try Peer.connected(on: stage, "peer")
        try peer.publish("a", "kept", retain: true)
        func count(_ handling: RetainHandling) throws -> Int {
            try peer.subscribe("a", qos: 0) { $0.retainHandling = handling }
            return try peer.drain().count
        }
        #expect(try count(.doNotSend) == 0)
        #expect(try count(.sendIfNew) == 0)
        #expect(try count(.send) == 1)
        #expect(try count(.send) == 1)
        try peer.unsubscribe("a")
        #expect(try count(.sendIfNew) == 1)
        #expect(try count(.sendIfNew) == 0)
        let old = try Peer.connected(on: stage, "old", .v311)
        try old.subscribe("a", qos: 0) { $0.retainHandling = .doNotSend }
        try old.subscribe("a", qos: 0)
        #expect(try old.drain().count == 2)
    }

    @Test("Live, the flag is kept where that was asked for", arguments: BrokerKind.allCases)
    func asPublished(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let peer = try Peer.connected(on: stage, "peer")
        try peer.subscribe("a", qos: 0, identifier: 1)
        try peer.subscribe("+", qos: 0, identifier: 2) { $0.retainAsPublished = true }
        for (payload, retain) in [("x", true), ("y", false), ("", true)] {
            try peer.publish("a", payload, retain: retain)
            let copies = try peer.messages(2)
            #expect(copies.allSatisfy { $0.text == payload })
            let flags = copies.sorted {
                $0.properties.subscriptionIdentifiers[0] < $1.properties.subscriptionIdentifiers[0]
            }.map(\.retain)
            #expect(flags == [false, retain])
        }
    }

    @Test(
        "An empty payload clears; one without the flag changes nothing",
        arguments: BrokerKind.allCases
    )
    func clearing(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let peer = try Peer.connected(on: stage, "peer")
        func kept() throws -> [String] {
            let reader = try Peer.connected(on: stage, "")
            try reader.subscribe("#", qos: 0)
            return try reader.drain().map(\.text)
        }
        try peer.publish("a", "kept", retain: true)
        try peer.publish("a", "live")
        try peer.publish("a", "")
        #expect(try kept() == ["kept"])
        try peer.publish("a", "", qos: 0, retain: true)
        try peer.publish("a", "")
        #expect(try kept() == [])
    }

    @Test("A snapshot does not include what begins with $", arguments: BrokerKind.allCases)
    func system(_ kind: BrokerKind) throws {
        let stage = try kind.stage(sysInterval: 1)
        let peer = try Peer.connected(on: stage, "peer")
        try peer.subscribe("#", "+/broker/uptime", qos: 0)
        #expect(try peer.drain() == [])
        try peer.subscribe("$SYS/broker/uptime", "$SYS/broker/publish/messages/dropped", qos: 0)
        let seen = try peer.messages(2)
        #expect(seen.allSatisfy { $0.retain })
        #expect(seen.first { $0.topic.hasSuffix("uptime") }?.text.hasSuffix(" seconds") == true)
        #expect(seen.first { $0.topic.hasSuffix("dropped") }?.text == "0")
        // Live, it is said again, and time goes on.
        _ = try stage.await("a second") {
            peer.events.contains {
                guard case .message(let message) = $0 else { return false }
                return !message.retain && (Int(message.text.prefix { $0.isNumber }) ?? 0) > 0
            } ? true : nil
        }
    }

    @Test(
        "A restart keeps what is retained; a kill, what was saved",
        arguments: BrokerKind.allCases
    )
    func restart(_ kind: BrokerKind) async throws {
        let stage = try kind.stage()
        func kept() throws -> Set<String> {
            let reader = try Peer.connected(on: stage, "")
            try reader.subscribe("#", qos: 0)
            return try Set(reader.drain().map(\.text))
        }
        let one = try Peer.connected(on: stage, "one")
        try one.publish("a", "a", retain: true)
        try await stage.save()
        try one.publish("b", "b", retain: true)
        try await stage.kill()
        guard case .lost = try one.closure() else {
            Issue.record("the connection was not lost")
            return
        }
        try await stage.start()
        #expect(try kept() == ["a"])
        let two = try Peer.connected(on: stage, "two")
        try two.publish("c", "c", retain: true)
        try await stage.stop()
        try await stage.start()
        #expect(try kept() == ["a", "c"])
    }
}
