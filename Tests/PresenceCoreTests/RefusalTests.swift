import Chance
import Presence
import Testing

@testable import PresenceCore

@Suite("Refusals, and where answers go")
struct RefusalTests {
    private func many(_ count: Int, _ extra: String = "") -> String {
        let names = (0..<count).map { "\"u\($0)\"" } + (extra.isEmpty ? [] : [extra])
        return "[" + names.joined(separator: ",") + "]"
    }

    @Test("What is wrong is repeated in short, however much stands on one letter")
    func shortMessage() {
        var caller = Caller()
        let letter = "e" + String(repeating: "\u{301}", count: 2_000)
        let answer = caller.ask("a", "get", #"{"usernames":["\#(letter)"]}"#)
        #expect(answer.contains("is no username"))
        #expect(answer.utf8.count < 400)
    }

    @Test("Of several faults the first in the protocol's order is named")
    func precedence() {
        let cases: [(String, String, String)] = [
            ("dance", "{", "unknown_operation"),
            ("Get", "{}", "unknown_operation"),
            ("subscribe", #"{"usernames":\#(many(101)),"expiry":"x"}"#, "malformed_request"),
            ("subscribe", #"{"usernames":\#(many(100, "\"/\"")),"expiry":0}"#, "too_many_users"),
            ("subscribe", #"{"usernames":["a/b"],"expiry":0}"#, "invalid_username"),
            ("subscribe", #"{"usernames":[""]}"#, "invalid_username"),
            ("subscribe", #"{"all":true,"expiry":0}"#, "invalid_expiry"),
            ("subscribe", #"{"all":true}"#, "forbidden"),
            (
                "publish",
                #"{"description":"\#(String(repeating: "x", count: 1_025))","expiry":0}"#,
                "invalid_expiry"
            ),
            (
                "publish", #"{"description":"\#(String(repeating: "é", count: 513))"}"#,
                "invalid_description"
            ),
            ("online", #"{"pageSize":501}"#, "invalid_page"),
            ("online", #"{"cursor":"x"}"#, "invalid_page"),
            ("online", "{}", "forbidden"),
            ("unsubscribe", #"{"usernames":["$x"]}"#, "invalid_username"),
            ("get", #"{"usernames":["a+"],"brief":true}"#, "invalid_username"),
        ]
        var limits = Caller.limits
        limits.allowOnline = .nobody
        var caller = Caller(limits)
        for (operation, payload, code) in cases {
            #expect(
                caller.code("a", operation, payload) == code,
                "\(operation) \(payload.prefix(60))"
            )
        }
        #expect(caller.core.metrics.errors == cases.count)
        #expect(caller.core.names.count == 0)
    }

    @Test("64 KiB may be asked and not a byte more")
    func size() {
        var caller = Caller()
        let padding = String(repeating: " ", count: 65_536 - 8)
        #expect(caller.code("a", "online", #"{"id":1}"# + padding) == nil)
        let answer = caller.ask("a", "dance", #"{"id":1}"# + padding + " ")
        #expect(JSONObject(parsed: answer).errorCode == "payload_too_large")
        #expect(JSONObject(parsed: answer)["id"] == nil)
    }

    @Test("The id is repeated in every answer to a payload that could be read, if it is a good one")
    func ids() {
        var caller = Caller()
        let cases: [(String, String, JSONValue?)] = [
            ("online", #"{"id":5}"#, .integer(5)),
            ("dance", #"{"id":"x"}"#, .string("x")),
            ("subscribe", #"{"id":5}"#, .integer(5)),
            ("get", #"{"id":5,"usernames":["/"]}"#, .integer(5)),
            ("online", #"{"id":1.5}"#, nil),
            ("dance", #"{"id":null}"#, nil),
            ("online", #"{"id":5"#, nil),
            ("online", "[5]", nil),
        ]
        for (operation, payload, id) in cases {
            let answer = JSONObject(parsed: caller.ask("a", operation, payload))
            #expect(answer["id"] == id, "\(payload)")
            #expect(answer["operation"]?.string == operation)
        }
        #expect(caller.code("a", "online", #"{"id":null}"#) == "malformed_request")
    }

    private func send(_ caller: inout Caller, _ edit: (inout RequestMessage) -> Void) -> [Effect] {
        var message = RequestMessage.from("a", "online")
        edit(&message)
        return caller.turn([.requestReceived(message)])
    }

    @Test("An answer goes to the Response Topic with the request's QoS and Correlation Data")
    func routing() {
        var caller = Caller()
        var replies = send(&caller) {
            $0.qos = 0
            $0.correlationData = [1, 2]
            $0.responseTopic = "presence/response/a/phone/x/y"
        }.replies
        #expect(replies.map(\.topic) == ["presence/response/a/phone/x/y"])
        #expect(replies.map(\.qos) == [0])
        #expect(replies.map(\.correlationData) == [[1, 2]])
        replies = send(&caller) { $0.correlationData = nil }.replies
        #expect(replies.map(\.topic) == ["presence/response/a/phone"])
        #expect(replies.map(\.qos) == [1])
        #expect(replies.map(\.correlationData) == [nil])
    }

    @Test(
        "An error goes to the Response Topic, too; a foreign one is answered on the default topic"
    )
    func foreignTopic() {
        var caller = Caller()
        let own = send(&caller) {
            $0.payload = Array("{".utf8)
            $0.responseTopic = "presence/response/a/phone/1"
            $0.correlationData = [9]
        }
        #expect(own.replies.map(\.topic) == ["presence/response/a/phone/1"])
        #expect(own.replies.map(\.correlationData) == [[9]])
        for topic in [
            "presence/response/b/phone", "presence/response/a/phone2", "x", "presence/event/b",
        ] {
            let effects = send(&caller) {
                $0.responseTopic = topic
                $0.correlationData = [9]
            }
            #expect(effects.errorCodes == ["invalid_response_topic"])
            #expect(effects.replies.map(\.topic) == ["presence/response/a/phone"])
            #expect(effects.replies.map(\.correlationData) == [[9]])
        }
        let malformed = send(&caller) {
            $0.responseTopic = "x"
            $0.payload = Array("[]".utf8)
        }
        #expect(malformed.errorCodes == ["malformed_request"])
    }

    @Test("A retained request is refused and cleared; an empty one is none")
    func retained() {
        var caller = Caller()
        let effects = send(&caller) {
            $0.operation = "publish"
            $0.isRetained = true
            $0.payload = Array(#"{"id":3,"description":"x"}"#.utf8)
        }
        #expect(effects.errorCodes == ["malformed_request"])
        #expect(effects.contains(.clear(.stray("presence/request/a/phone/online"))))
        #expect(
            effects.replies.allSatisfy {
                String(decoding: $0.payload, as: UTF8.self).hasPrefix(#"{"id":3,"#)
            }
        )
        #expect(caller.core.names.count == 0)
        #expect(send(&caller) { $0.isRetained = true } == [])
    }

    @Test("Past the burst one refusal a second is answered, and the rest dropped and counted")
    func rateLimit() {
        var limits = Caller.limits
        limits.requestRate = 2
        limits.requestBurst = 3
        var caller = Caller(limits)
        let burst = [Input](repeating: .asks("a", "online", #"{"id":1}"#), count: 10)
        let effects = caller.turn(burst)
        #expect(effects.replies.count == 4)
        #expect(effects.errorCodes == ["rate_limited"])
        let refusal = effects.replies.map { String(decoding: $0.payload, as: UTF8.self) }
            .first { $0.contains("error") }
        #expect(refusal?.hasPrefix(#"{"id":1,"operation":"online","error":{"#) == true)
        #expect(refusal?.hasSuffix(#","retryAfter":1}}"#) == true)
        #expect(caller.core.metrics.requests == 10)
        #expect(caller.core.metrics.errors == 7)
        // Others are not concerned.
        #expect(caller.code("b", "dance") == "unknown_operation")
        caller.pass(499)
        #expect(caller.turn([.asks("a", "dance")]).replies.isEmpty)
        caller.pass(1)
        #expect(caller.turn([.asks("a", "dance")]).errorCodes == ["unknown_operation"])
        #expect(caller.turn([.asks("a", "dance")]).replies.isEmpty)
        caller.pass(499)
        #expect(caller.turn([.asks("a", "dance")]).replies.isEmpty)
        caller.pass(1)
        #expect(
            caller.turn([.asks("a", "dance"), .asks("a", "dance")]).errorCodes.sorted()
                == ["rate_limited", "unknown_operation"]
        )
    }

    @Test("retryAfter is rounded up to whole seconds")
    func slowBucket() {
        var metering = RateMeter<Int>()
        let name = Name(checked: "a")
        #expect(metering.take(name, rate: 1, burst: 1, at: Caller.start) == .passes)
        #expect(metering.take(name, rate: 1, burst: 1, at: Caller.start) == .refused(wait: 1_000))
        #expect(metering.take(name, rate: 1, burst: 1, at: Caller.start) == .dropped)
        let later = Caller.start.advanced(by: .milliseconds(1_000))
        #expect(metering.take(name, rate: 1, burst: 1, at: later) == .passes)
    }

    @Test("A token bucket never gives more than burst and rate allow, whatever is asked when")
    func bucket() {
        for seed in UInt64(0)..<50 {
            var random = SeededNumbers(seed: seed)
            let rate = Int.random(in: 1...50, using: &random)
            let burst = Int.random(in: 1...20, using: &random)
            var bucket = TokenBucket(burst: burst, at: 0)
            var taken = 0
            var time: Int64 = 0
            for _ in 0..<2_000 {
                time += Int64.random(in: 0...20, using: &random)
                if bucket.take(rate: rate, burst: burst, at: time) { taken += 1 }
                #expect(Int64(taken) * 1_000 <= Int64(burst) * 1_000 + time * Int64(rate))
            }
            // The wait it names is exact.
            let wait = bucket.wait(rate: rate)
            let tooEarly = wait > 0 && bucket.take(rate: rate, burst: burst, at: time + wait - 1)
            let inTime = bucket.take(rate: rate, burst: burst, at: time + wait)
            #expect(!tooEarly && inTime, "seed \(seed)")
        }
    }
}
