import Presence
import Testing

@testable import PresenceCore

@Suite("What is longer than the broker takes")
struct AnswerLengthTests {
    private static let limit = PacketLimit(packet: 1_500)

    /// A core whose broker takes 1,500 bytes, with users u0 to u39 who are online, and alice.
    private static func limited(_ limit: PacketLimit = limit, users: Int = 40) -> Caller {
        var caller = Caller()
        for user in 0..<users { caller.state("u\(user)") }
        caller.state("alice")
        caller.turn([.packetsLimited(limit)])
        return caller
    }

    private static func names(_ range: Range<Int>) -> String {
        "\"usernames\":[\(range.map { "\"u\($0)\"" }.joined(separator: ","))]"
    }

    /// The bytes of an answer's packet, added up by hand.
    private static func packet(_ reply: Reply) -> Int {
        let properties = reply.correlationData.map { $0.count + 3 } ?? 0
        let length = properties > 127 ? 2 : 1
        let rest = 2 + reply.topic.utf8.count + 2 + length + properties + reply.payload.count
        return 1 + (rest > 127 ? 2 : 1) + rest
    }

    @Test("A subscribe whose answer would be too long is refused, and changes nothing")
    func subscribe() {
        var caller = Self.limited()
        let before = caller.core.metrics
        let effects = caller.turn([.asks("alice", "subscribe", "{\(Self.names(0..<20))}")])
        #expect(effects.errorCodes == ["limit_exceeded"])
        #expect(effects.saves == [])
        let text = effects.replies.first.map { String(decoding: $0.payload, as: UTF8.self) } ?? ""
        #expect(text.contains("packets of 1500 bytes"))
        #expect(text.contains("fewer users"))
        #expect(caller.core.metrics.subscriptions == before.subscriptions)
        #expect(
            caller.result("alice", "subscribe", "{\(Self.names(0..<5))}").names("subscribed").count
                == 5
        )
    }

    @Test("An unsubscribe from all of whom the answer cannot tell is refused, and changes nothing")
    func unsubscribe() {
        var caller = Self.limited(PacketLimit())
        let names = (0..<300).map { "user-\($0)" }
        caller.subscribe("alice", names)
        caller.turn([.packetsLimited(Self.limit)])
        #expect(caller.code("alice", "unsubscribe", #"{"all":true}"#) == "limit_exceeded")
        #expect(caller.core.metrics.subscriptions == 300)
        let some = names.prefix(50).map { "\"\($0)\"" }.joined(separator: ",")
        let result = caller.result("alice", "unsubscribe", "{\"usernames\":[\(some)]}")
        #expect(result.strings("unsubscribed").count == 50)
    }

    @Test("A description that no status could have is refused, and the one before stays")
    func publish() {
        var caller = Self.limited(PacketLimit(packet: 700))
        #expect(caller.result("alice", "publish", #"{"description":"short"}"#)["seq"] != nil)
        let long = String(repeating: "x", count: 600)
        #expect(
            caller.code("alice", "publish", "{\"description\":\"\(long)\"}") == "limit_exceeded"
        )
        #expect(caller.ask("alice", "get", #"{"usernames":["alice"]}"#).contains(#""short""#))
        #expect(caller.result("alice", "publish", #"{"description":""}"#)["seq"] != nil)
    }

    @Test(
        "Every page fits, and together they have everyone",
        arguments: ["online", "sync", "watchers"]
    )
    func pages(_ operation: String) {
        var caller = Self.limited(PacketLimit())
        for start in stride(from: 0, to: 40, by: 10) {
            caller.turn([.asks("alice", "subscribe", "{\(Self.names(start..<start + 10))}")])
        }
        for user in 0..<40 { caller.subscribe("u\(user)", ["alice"]) }
        for packet in [600, 1_000, 1_500, 4_000] {
            caller.turn([.packetsLimited(PacketLimit(packet: packet))])
            var seen: Set<String> = []
            var cursor: String?
            for _ in 0..<100 {
                let payload =
                    cursor.map { "{\"cursor\":\"\($0)\",\"pageSize\":500}" } ?? "{\"pageSize\":500}"
                let effects = caller.turn([.asks("alice", operation, payload)])
                guard let reply = effects.replies.first else { break }
                #expect(Self.packet(reply) <= packet)
                let answer = JSONObject(parsed: String(decoding: reply.payload, as: UTF8.self))
                let result = answer["result"]?.object ?? JSONObject([])
                seen.formUnion(result.strings("usernames") + result.names("users"))
                cursor = result["cursor"]?.string
                if cursor == nil { break }
            }
            #expect(seen.subtracting(["alice"]).count == 40, "\(packet)")
        }
    }

    @Test("Topic, Correlation Data and QoS count, to the byte")
    func exact() {
        var caller = Self.limited()
        var message = RequestMessage.from("alice", "get", "{\(Self.names(0..<5))}")
        var lengths: [Int] = []
        for count in 0...900 {
            message.correlationData = [UInt8](repeating: 7, count: count)
            message.responseTopic = "presence/response/alice/phone/x"
            let effects = caller.turn([.requestReceived(message)])
            caller.now = caller.now.advanced(by: .milliseconds(25))
            guard let reply = effects.replies.first else { continue }
            #expect(Self.packet(reply) <= 1_500)
            if effects.errorCodes == [] { lengths.append(Self.packet(reply)) }
        }
        #expect(lengths.max() == 1_500)
    }

    @Test("Where not even an error fits with its Correlation Data, nothing is sent")
    func nothing() {
        var caller = Self.limited()
        var message = RequestMessage.from("alice", "nothing")
        message.correlationData = [UInt8](repeating: 7, count: 1_450)
        #expect(caller.turn([.requestReceived(message)]).replies == [])
        message.correlationData = nil
        #expect(caller.turn([.requestReceived(message)]).errorCodes == ["unknown_operation"])
    }

    @Test(
        "Without a limit of the broker's nothing is refused, and a new connection begins without one"
    )
    func unlimited() {
        var caller = Self.limited()
        #expect(caller.code("alice", "get", "{\(Self.names(0..<40))}") == "limit_exceeded")
        caller.turn([.brokerLost])
        caller.connect()
        #expect(caller.code("alice", "get", "{\(Self.names(0..<40))}") == nil)
    }

    @Test("An answer that the broker has refused is replaced by an error")
    func refused() {
        var caller = Self.limited(PacketLimit())
        var message = RequestMessage.from("alice", "get", "{\"id\":7,\(Self.names(0..<40))}")
        message.correlationData = [1, 2]
        guard let answer = caller.turn([.requestReceived(message)]).replies.first else {
            Issue.record("no answer")
            return
        }
        let effects = caller.turn([
            .packetsLimited(PacketLimit(payload: 1_000)), .answerRefused(answer),
        ])
        #expect(effects.errorCodes == ["limit_exceeded"])
        #expect(effects.replies.first?.topic == answer.topic)
        #expect(effects.replies.first?.correlationData == [1, 2])
        #expect(
            effects.replies.first.map { String(decoding: $0.payload, as: UTF8.self) }?.hasPrefix(
                #"{"id":7,"operation":"get","error""#
            ) == true
        )
        // Of an error there is no end of errors.
        #expect(caller.turn(effects.replies.map(Input.answerRefused)).replies == [])
    }

    @Test("Events are split to fit")
    func events() {
        var caller = Self.limited(PacketLimit(packet: 1_000))
        caller.subscribe("alice", ["u1"])
        for start in stride(from: 0, to: 40, by: 2) {
            caller.turn([.asks("alice", "subscribe", "{\(Self.names(start..<start + 2))}")])
        }
        caller.pass(5_000)
        let effects = caller.turn((0..<40).map { .says("u\($0)", "busy") }) + caller.pass(500)
        let messages = effects.messages(to: "alice")
        #expect(messages.count > 5)
        for message in messages {
            #expect(message.utf8.count + "presence/event/alice".utf8.count + 14 <= 1_000)
        }
        #expect(Set(effects.told("alice")).count == 40)
    }

    @Test("A status that fits nowhere is shortened for everyone, and the log says it once")
    func shortened() {
        var caller = Self.limited(PacketLimit())
        caller.subscribe("alice", ["bob"])
        caller.turn([
            .asks("bob", "publish", "{\"description\":\"\(String(repeating: "x", count: 900))\"}")
        ])
        caller.pass(1_000)
        caller.turn([.packetsLimited(PacketLimit(packet: 700))])
        let effects = caller.state("bob", "busy")
        #expect(effects.logs.count == 1)
        #expect(effects.logs.first?.contains("the status of bob has") == true)
        #expect(effects.told("alice") == ["bob:busy"])
        #expect(
            effects.messages(to: "alice").first?.contains(
                #""description":"","devices":{"phone":"busy"}"#
            ) == true
        )
        let payloads = effects.compactMap {
            if case .retain(.status, let payload) = $0 { payload } else { nil }
        }
        #expect(
            payloads.map { "[" + String(decoding: $0, as: UTF8.self) + "]" }
                == effects.messages(to: "alice")
        )
        #expect(caller.core.metrics.shortened == 1)
        #expect(caller.state("bob", "away").logs == [])
        #expect(caller.core.metrics.shortened == 2)
        #expect(caller.result("alice", "sync").names("users") == ["bob"])
        // Whoever cannot be told in any way holds up no page.
        caller.turn([.packetsLimited(PacketLimit(packet: 290))])
        #expect(caller.state("bob", "busy").retained == [])
        caller.turn([.packetsLimited(PacketLimit())])
        #expect(caller.ask("alice", "sync").contains("xxx"))
    }
}
