import Mosquitto
import PresenceBridge
import Testing

/// What a transport does, the real one and the simulated one: each test runs against both.
@Suite("A transport")
struct TransportTests {
    @Test("A connection is accepted, with what the version tells", arguments: BrokerKind.allCases)
    func connecting(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let modern = try Peer(on: stage, "modern").acknowledgement()
        #expect(modern.receiveMaximum == 20)
        #expect(!modern.sessionPresent)
        #expect(modern.assignedClientID == nil)
        #expect(modern.subscriptionIdentifiersAvailable)
        let old = try Peer(on: stage, "old", .v311).acknowledgement()
        #expect(old.receiveMaximum == nil)
        let nameless = try Peer(on: stage, "").acknowledgement()
        #expect(nameless.assignedClientID != nil)
    }

    @Test("Nobody listens: the connection ends as unreachable", arguments: BrokerKind.allCases)
    func unreachable(_ kind: BrokerKind) async throws {
        let stage = try kind.stage()
        try await stage.kill()
        let peer = try Peer(on: stage, "early")
        guard case .unreachable = try peer.closure() else {
            Issue.record("not unreachable")
            return
        }
        #expect(try peer.open().isConnected == false)
        #expect(throws: MosquittoError.notConnected) {
            try peer.open().publish(Message(topic: "a", payload: ""))
        }
    }

    @Test("What is no topic and what is no filter is not sent", arguments: BrokerKind.allCases)
    func topics(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let transport = try Peer.connected(on: stage, "peer").open()
        for topic in ["", "a/+", "#", "a\u{0}", "a\u{1F}", "\u{7F}", "\u{9F}"] {
            #expect(throws: MosquittoError.self, "\(topic.debugDescription)") {
                try transport.publish(Message(topic: topic, payload: ""))
            }
        }
        for filter in ["", "a+", "+a/b", "#/a", "a/b#", "a\u{0}", "\u{80}"] {
            #expect(throws: MosquittoError.self, "\(filter.debugDescription)") {
                try transport.subscribe([filter], options: SubscriptionOptions(), identifier: nil)
            }
            #expect(throws: MosquittoError.self) { try transport.unsubscribe([filter]) }
        }
        for text in ["a", "/", "\u{A0}", "\u{E9}\u{1F600}", "$x"] {
            _ = try transport.publish(Message(topic: text, payload: ""))
            _ = try transport.subscribe([text], options: SubscriptionOptions(), identifier: nil)
        }
        #expect(transport.wantsWrite)
    }

    @Test(
        "A message arrives with the lower QoS of publish and subscription, its properties whole",
        arguments: BrokerKind.allCases
    )
    func roundTrip(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let sender = try Peer.connected(on: stage, "sender")
        for granted in [0, 1, 2] as [UInt8] {
            let reader = try Peer.connected(on: stage, "reader\(granted)")
            let codes = try reader.subscribe("a/+", qos: granted)
            #expect(codes == [ReasonCode(rawValue: granted)])
            for sent in [0, 1, 2] as [UInt8] {
                try sender.publish("a/b", "text", qos: sent) { properties in
                    properties.responseTopic = "answers"
                    properties.correlationData = [1, 0, 255]
                    properties.contentType = "text/plain"
                    properties.userProperties = [UserProperty("a", "1"), UserProperty("a", "2")]
                    properties.messageExpiry = 60
                }
                let message = try reader.message()
                #expect(message.qos == min(sent, granted))
                #expect(message.text == "text")
                #expect(!message.retain)
                #expect(message.properties.responseTopic == "answers")
                #expect(message.properties.correlationData == [1, 0, 255])
                #expect(message.properties.contentType == "text/plain")
                #expect(message.properties.userProperties.map(\.value) == ["1", "2"])
                #expect(message.properties.messageExpiry.map { $0 > 50 } == true)
                #expect(message.properties.subscriptionIdentifiers == [])
            }
            #expect(try reader.drain() == [])
        }
        #expect(try sender.open().unacknowledged == 0)
        #expect(try !sender.open().wantsWrite)
    }

    @Test("MQTT 3.1.1 has neither properties nor flags nor reasons", arguments: BrokerKind.allCases)
    func version311(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let old = try Peer.connected(on: stage, "old", .v311)
        let modern = try Peer.connected(on: stage, "modern")
        try old.subscribe("a", qos: 1, identifier: 7) { $0.retainAsPublished = true }
        try modern.subscribe("b", qos: 1)
        try modern.publish("a", "x", retain: true) { $0.responseTopic = "answers" }
        let message = try old.message()
        #expect(message.properties == MessageProperties())
        #expect(!message.retain)
        try old.publish("b", "y") { $0.responseTopic = "answers" }
        #expect(try modern.message().properties == MessageProperties())
        #expect(try old.publish("nobody", "z") == .success)
    }

    @Test(
        "Only a publish that nobody subscribes to has reason 0x10",
        arguments: BrokerKind.allCases
    )
    func nobody(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let peer = try Peer.connected(on: stage, "peer")
        try peer.subscribe("a/+", qos: 0)
        #expect(try peer.publish("a/b", "x") == .success)
        #expect(try peer.publish("b", "x") == .noMatchingSubscribers)
        #expect(try peer.publish("b", "x", retain: true) == .noMatchingSubscribers)
        #expect(try peer.publish("b", "x", qos: 0) == .success)
        #expect(try peer.publish("b", "x", qos: 2) == .success)
    }

    @Test(
        "Overlapping subscriptions bring a copy each, with its own identifier and QoS",
        arguments: BrokerKind.allCases
    )
    func overlap(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let peer = try Peer.connected(on: stage, "peer")
        try peer.subscribe("a/b", qos: 0, identifier: 1)
        try peer.subscribe("a/+", "c", qos: 1, identifier: 2)
        try peer.subscribe("#", qos: 2, identifier: 3)
        try peer.publish("a/b", "x", qos: 1)
        let copies = try peer.messages(3)
        let seen = Set(copies.map { [UInt32($0.qos)] + $0.properties.subscriptionIdentifiers })
        #expect(seen == [[0, 1], [1, 2], [1, 3]])
        // Another SUBSCRIBE to the same filter takes the place of the first.
        try peer.subscribe("a/b", qos: 1, identifier: 4)
        try peer.unsubscribe("a/+", "#", "never")
        try peer.publish("a/b", "x", qos: 1)
        #expect(try peer.message().properties.subscriptionIdentifiers == [4])
        try peer.unsubscribe("a/b")
        #expect(try peer.publish("a/b", "x") == .noMatchingSubscribers)
    }

    @Test("Wildcards match as MQTT says", arguments: BrokerKind.allCases)
    func wildcards(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let filters = [
            "a", "a/b", "+", "+/+", "a/#", "#", "+/b", "a/+", "/+", "a//b", "+/+/#", "$x/#", "$x/+",
        ]
        let topics = ["a", "a/b", "a/", "/a", "a//b", "b", "a/b/c", "$x", "$x/a"]
        let sender = try Peer.connected(on: stage, "sender")
        let reader = try Peer.connected(on: stage, "reader")
        for (index, filter) in filters.enumerated() {
            try reader.subscribe(filter, qos: 0, identifier: UInt32(index + 1))
        }
        var seen: [String] = []
        for topic in topics {
            try sender.publish(topic, "x", qos: 1)
            let drained = try reader.drain().filter { $0.topic == topic }
            let matched = drained.flatMap(\.properties.subscriptionIdentifiers).sorted()
            seen.append("\(topic): " + matched.map { filters[Int($0) - 1] }.joined(separator: " "))
        }
        #expect(
            seen == [
                "a: a + a/# #",
                "a/b: a/b +/+ a/# # +/b a/+ +/+/#",
                "a/: +/+ a/# # a/+ +/+/#",
                "/a: +/+ # /+ +/+/#",
                "a//b: a/# # a//b +/+/#",
                "b: + #",
                "a/b/c: a/# # +/+/#",
                "$x: $x/#",
                "$x/a: $x/# $x/+",
            ]
        )
    }

    @Test("Without local messages none come back", arguments: BrokerKind.allCases)
    func noLocal(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let one = try Peer.connected(on: stage, "one")
        let two = try Peer.connected(on: stage, "two")
        try one.subscribe("a", qos: 1) { $0.noLocal = true }
        try one.publish("a", "own")
        try two.publish("a", "other")
        #expect(try one.drain().map(\.text) == ["other"])
    }

    @Test(
        "Messages of one QoS arrive in order, and before the acknowledgement",
        arguments: BrokerKind.allCases
    )
    func order(_ kind: BrokerKind) throws {
        let stage = try kind.stage()
        let reader = try Peer.connected(on: stage, "reader")
        let sender = try Peer.connected(on: stage, "sender")
        try reader.subscribe("a", qos: 2)
        for qos in [0, 1, 2] as [UInt8] {
            var last: Int32 = 0
            for number in 0..<300 {
                last = try sender.open().publish(
                    Message(topic: "a", payload: "\(number)", qos: qos)
                )
            }
            #expect(try sender.open().unacknowledged == (qos == 0 ? 0 : 300))
            #expect(try sender.open().wantsWrite)
            #expect(try reader.messages(300).map(\.text) == (0..<300).map { "\($0)" })
            _ = try sender.reason(of: last)
        }
        // What comes back to its sender comes before the acknowledgement.
        try sender.subscribe("own", qos: 1)
        sender.forget()
        let packet = try sender.open().publish(Message(topic: "own", payload: "x", qos: 1))
        _ = try stage.await("both") { sender.events.count >= 2 ? true : nil }
        guard case .message? = sender.events.first else {
            Issue.record("the acknowledgement came first")
            return
        }
        #expect(sender.events.last == .published(packetID: packet, reason: .success))
    }
}
