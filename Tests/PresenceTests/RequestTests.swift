import Presence
import Testing

@Suite("Requests by their form")
struct RequestTests {
    private func read(_ operation: Request.Operation, _ text: String) throws(Refusal) -> Request {
        try Request(operation, reading: RequestMembers(readingPayload: Array(text.utf8)))
    }

    @Test("Each operation reads its own keys")
    func reads() throws {
        #expect(
            try read(.subscribe, #"{"usernames":["bob"],"expiry":60}"#)
                == .subscribe(.users(["bob"]), expiry: 60)
        )
        #expect(try read(.subscribe, #"{"all":true}"#) == .subscribe(.everyone, expiry: nil))
        #expect(try read(.unsubscribe, #"{"usernames":["b"]}"#) == .unsubscribe(.users(["b"])))
        #expect(try read(.unsubscribe, #"{"all":true}"#) == .unsubscribe(.everyone))
        #expect(
            try read(.publish, #"{"description":"","expiry":1}"#)
                == .publish(description: "", expiry: 1)
        )
        #expect(try read(.get, #"{"usernames":["b"]}"#) == .get(["b"]))
        #expect(try read(.get, #"{"usernames":["b"],"brief":true}"#) == .getBrief(["b"]))
        #expect(
            try read(.online, #"{"pageSize":0,"cursor":"x"}"#)
                == .online(pageSize: 0, cursor: "x")
        )
        #expect(
            try read(.subscriptions, #"{"pageNum":2,"pageSize":9}"#)
                == .subscriptions(pageNum: 2, pageSize: 9)
        )
        #expect(
            try read(.sync, #"{"after":1,"pageSize":2,"cursor":"c"}"#)
                == .sync(after: 1, pageSize: 2, cursor: "c")
        )
        #expect(
            try read(.watchers, #"{"pageSize":3}"#) == .watchers(pageSize: 3, cursor: nil)
        )
    }

    @Test("An empty payload counts as an object without keys; unknown keys are ignored")
    func lenient() throws {
        #expect(try read(.online, "") == .online(pageSize: nil, cursor: nil))
        #expect(
            try read(.online, #"{"page":null,"usernames":3}"#)
                == .online(pageSize: nil, cursor: nil)
        )
    }

    @Test("all or brief with false is as absent")
    func falseIsAbsent() throws {
        #expect(
            try read(.subscribe, #"{"usernames":["b"],"all":false}"#)
                == .subscribe(.users(["b"]), expiry: nil)
        )
        #expect(try read(.get, #"{"usernames":["b"],"brief":false}"#) == .get(["b"]))
    }

    @Test("Duplicates count once, at their first place, and only when their bytes are equal")
    func duplicates() throws {
        let text = "{\"usernames\":[\"b\",\"a\",\"b\",\"\u{E9}\",\"a\",\"e\u{301}\"]}"
        guard case .get(let names) = try read(.get, text) else {
            Issue.record("no get")
            return
        }
        #expect(
            names.map { Array($0.utf8) } == ["b", "a", "\u{E9}", "e\u{301}"].map { Array($0.utf8) }
        )
    }

    @Test(
        "What has another form is malformed",
        arguments: [
            (.subscribe, ""), (.subscribe, "{}"), (.subscribe, "[]"), (.subscribe, "null"),
            (.subscribe, " "), (.subscribe, "{"), (.subscribe, #"{"usernames":[]}"#),
            (.subscribe, #"{"usernames":"b"}"#), (.subscribe, #"{"usernames":null}"#),
            (.subscribe, #"{"usernames":["b",1]}"#), (.subscribe, #"{"usernames":[null]}"#),
            (.subscribe, #"{"all":false}"#), (.subscribe, #"{"all":null}"#),
            (.subscribe, #"{"all":1}"#), (.subscribe, #"{"usernames":["b"],"all":true}"#),
            (.subscribe, #"{"usernames":["b"],"all":"x"}"#),
            (.subscribe, #"{"usernames":["b"],"expiry":"60"}"#),
            (.subscribe, #"{"usernames":["b"],"expiry":60.0}"#),
            (.subscribe, #"{"usernames":["b"],"expiry":6e1}"#),
            (.subscribe, #"{"usernames":["b"],"expiry":null}"#),
            (.unsubscribe, "{}"), (.unsubscribe, #"{"usernames":[],"all":true}"#),
            (.publish, "{}"), (.publish, #"{"description":null}"#),
            (.publish, #"{"description":1}"#), (.publish, #"{"description":"","expiry":true}"#),
            (.get, "{}"), (.get, #"{"usernames":[]}"#), (.get, #"{"all":true}"#),
            (.get, #"{"usernames":["b"],"brief":1}"#), (.get, #"{"usernames":["b"],"brief":null}"#),
            (.online, #"{"pageSize":"1"}"#), (.online, #"{"pageSize":null}"#),
            (.online, #"{"cursor":1}"#), (.online, #"{"cursor":null}"#),
            (.subscriptions, #"{"pageNum":0.0}"#), (.subscriptions, #"{"pageSize":[]}"#),
            (.sync, #"{"after":"0"}"#), (.sync, #"{"after":null}"#), (.sync, #"{"cursor":{}}"#),
            (.watchers, #"{"pageSize":1.5}"#), (.watchers, "7"),
        ] as [(Request.Operation, String)]
    )
    func malformed(_ operation: Request.Operation, _ text: String) {
        do {
            _ = try read(operation, text)
            Issue.record("\(text) was read")
        } catch {
            #expect(error.code == .malformedRequest)
            #expect(!error.message.isEmpty)
        }
    }
}
