import BrokerFixture
import Mosquitto
import Presence
import Testing

@Suite("Errors of requests", .service(["allow_online": "false", "request_burst": "1000"]))
struct ErrorTests {
    /// One request and the code with which it is refused.
    struct Case: Sendable, CustomTestStringConvertible {
        let operation: String
        let payload: String
        let code: String?

        init(_ operation: String, _ payload: String, _ code: String?) {
            self.operation = operation
            self.payload = payload
            self.code = code
        }

        var testDescription: String { "\(operation) \(payload.prefix(60))" }
    }

    private func check(_ cases: [Case], as user: String) async throws {
        let service = try Service.current
        let client = try await service.client(user)
        for one in cases {
            let answer = try await service.request(client, one.operation, one.payload)
            #expect(answer.errorCode == one.code, "\(one.testDescription)")
            #expect(answer["operation"] == .string(one.operation))
            #expect(answer.object?.keys == ["operation", one.code == nil ? "result" : "error"])
            if one.code != nil {
                #expect(answer["error"]?.object?.keys == ["code", "message"])
                #expect(answer["error"]?["message"]?.string?.isEmpty == false)
            }
        }
    }

    @Test("A payload that is not what the operation asks for is malformed_request")
    func malformed() async throws {
        let get = [
            "", "{}", "[]", "\"x\"", "1", "{", "{\"usernames\":[\"a\"],}",
            "{\"usernames\":[\"a\"]} x",
            "\u{FEFF}{\"usernames\":[\"a\"]}", #"{"usernames":[]}"#, #"{"usernames":"bob"}"#,
            #"{"usernames":[1]}"#, #"{"usernames":null}"#, #"{"usernames":{"a":1}}"#,
            #"{"usernames":["a"],"brief":1}"#, #"{"usernames":["a"],"brief":null}"#,
        ]
        let subscribe = [
            "", #"{"expiry":5}"#, #"{"all":false}"#, #"{"all":null}"#, #"{"all":1}"#,
            #"{"usernames":["a"],"all":true}"#, #"{"usernames":["a"],"expiry":"5"}"#,
            #"{"usernames":["a"],"expiry":5.0}"#, #"{"usernames":["a"],"expiry":5e0}"#,
            #"{"usernames":["a"],"expiry":null}"#, #"{"usernames":[null],"expiry":5}"#,
        ]
        let others = [
            ("unsubscribe", "{}"), ("unsubscribe", #"{"usernames":["a"],"all":true}"#),
            ("publish", ""), ("publish", #"{"description":null}"#),
            ("publish", #"{"description":["x"]}"#),
            ("publish", #"{"description":"x","expiry":1.5}"#), ("online", #"{"pageSize":"5"}"#),
            ("online", #"{"cursor":5}"#), ("online", #"{"cursor":null}"#),
            ("subscriptions", #"{"pageNum":1.0}"#), ("subscriptions", #"{"pageSize":true}"#),
            ("sync", #"{"after":"0"}"#), ("sync", #"{"after":null}"#), ("watchers", "[]"),
        ]
        let cases =
            get.map { Case("get", $0, "malformed_request") }
            + subscribe.map { Case("subscribe", $0, "malformed_request") }
            + others.map { Case($0.0, $0.1, "malformed_request") }
        try await check(cases, as: "alice")
    }

    @Test("What is not UTF-8 is malformed_request")
    func notUnicode() async throws {
        let service = try Service.current
        let client = try await service.client("alice", "bytes")
        let payload = Array(#"{"usernames":["a"#.utf8) + [0xFF] + Array(#""]}"#.utf8)
        try await client.publish(
            Message(topic: "presence/request/alice/bytes/get", payload: payload, qos: 1)
        )
        let answer = try await client.expect("presence/response/alice/bytes")
        #expect(try answer.json.errorCode == "malformed_request")
    }

    @Test("Unknown keys, white space, and false where that is as absent do no harm")
    func accepted() async throws {
        let cases = [
            Case("get", " \n{ \"usernames\" : [ \"a\" ] , \"x\" : null }\t", nil),
            Case("get", #"{"usernames":["a"],"brief":false,"expiry":"x"}"#, nil),
            Case("subscribe", #"{"usernames":["a"],"all":false}"#, nil),
            Case("unsubscribe", #"{"usernames":["a"],"all":false}"#, nil),
            Case("subscriptions", "", nil), Case("sync", "", nil), Case("watchers", "", nil),
            Case("sync", #"{"after":-1}"#, nil), Case("watchers", #"{"pageSize":0}"#, nil),
        ]
        try await check(cases, as: "bob")
    }

    @Test("An operation that there is none of is unknown_operation")
    func unknownOperation() async throws {
        let names = ["", "Get", "gets", "announce", "device", "$SYS", "é", "get "]
        try await check(names.map { Case($0, "{}", "unknown_operation") }, as: "bob")
    }

    @Test("A username that breaks the rule is invalid_username")
    func usernames() async throws {
        let bad = [
            "", "a/b", "+", "a+", "#", "a#b", "$x", #"a\u0000b"#, #"\u001f"#, "\u{7F}", "\u{85}",
            #"\u009f"#, String(repeating: "x", count: 129), String(repeating: "é", count: 64) + "x",
        ]
        let good = [
            "a$", " ", ".", "\u{A0}", String(repeating: "x", count: 128),
            String(repeating: "é", count: 64),
        ]
        for operation in ["get", "subscribe", "unsubscribe"] {
            let cases =
                bad.map {
                    Case(operation, #"{"usernames":["a","\#($0)"]}"#, "invalid_username")
                } + good.map { Case(operation, #"{"usernames":["\#($0)"]}"#, nil) }
            try await check(cases, as: "carol")
        }
    }

    @Test("A request of 64 KiB is answered, one more byte is payload_too_large")
    func tooLarge() async throws {
        let start = #"{"usernames":["a"],"x":""#
        let most = 65_536 - start.utf8.count - 2
        try await check(
            [
                Case("get", start + String(repeating: "x", count: most) + "\"}", nil),
                Case(
                    "get",
                    start + String(repeating: "x", count: most + 1) + "\"}",
                    "payload_too_large"
                ),
                Case("get", String(repeating: "x", count: 300_000), "payload_too_large"),
            ],
            as: "carol"
        )
    }

    @Test("Of several errors the first in the protocol's order is answered")
    func precedence() async throws {
        let long = String(repeating: "x", count: 1_025)
        let names = (0..<100).map { "u\($0)" } + ["a/b"]
        let large = String(repeating: "x", count: 65_537)
        try await check(
            [
                Case("nothing", large, "payload_too_large"),
                Case("nothing", "{", "unknown_operation"),
                Case("nothing", #"{"usernames":["a/b"]}"#, "unknown_operation"),
                Case("subscribe", #"{"usernames":["a/b"],"expiry":"x"}"#, "malformed_request"),
                Case("subscribe", #"{"usernames":\#(names.json),"expiry":0}"#, "too_many_users"),
                Case("get", #"{"usernames":\#(names.json),"brief":0}"#, "malformed_request"),
                Case("subscribe", #"{"usernames":["a/b"],"expiry":0}"#, "invalid_username"),
                Case("publish", #"{"description":"\#(long)","expiry":0}"#, "invalid_expiry"),
                Case("publish", #"{"description":"\#(long)","expiry":[]}"#, "malformed_request"),
                Case("subscribe", #"{"all":true,"expiry":0}"#, "invalid_expiry"),
                Case("subscribe", #"{"all":true}"#, "forbidden"),
                Case("online", #"{"pageSize":501}"#, "invalid_page"),
                Case("online", #"{"cursor":"x"}"#, "invalid_page"),
                Case("online", "{}", "forbidden"),
            ],
            as: "dave"
        )
    }

    @Test("A request with an error changes nothing at all")
    func nothingChanged() async throws {
        let service = try Service.current
        let client = try await service.client("alice", "unchanged")
        for payload in [
            #"{"usernames":["a","b/c"]}"#, #"{"usernames":["a"],"expiry":2592001}"#,
            #"{"usernames":["a"],"id":null}"#,
        ] {
            #expect(try await service.errorCode(client, "subscribe", payload) != nil)
        }
        #expect(try await service.result(client, "subscriptions")["total"] == .integer(0))
    }
}
