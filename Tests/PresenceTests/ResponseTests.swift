import Presence
import Testing

@Suite("What a device reads")
struct ResponseTests {
    private let ids: [RequestID?] = [nil, .integer(7), .text("a-1")]

    @Test("A request reads back as it was written, under every kind of id")
    func requests() throws {
        let requests: [Request] = [
            .subscribe(.users(["bob", "é"]), expiry: 60), .subscribe(.everyone, expiry: nil),
            .unsubscribe(.users(["bob"])), .unsubscribe(.everyone),
            .publish(description: "\"quoted\"", expiry: nil), .publish(description: "", expiry: 5),
            .get(["bob"]), .getBrief(["bob"]), .online(pageSize: 0, cursor: nil),
            .subscriptions(pageNum: 1, pageSize: 2), .sync(after: 1, pageSize: 2, cursor: "c"),
            .watchers(pageSize: nil, cursor: nil),
        ]
        for request in requests {
            for id in ids {
                let members = try RequestMembers(readingPayload: request.payload(id: id))
                #expect(try Request(request.operation, reading: members) == request)
                #expect(try RequestID(reading: members) == id)
            }
        }
    }

    @Test("An answer is a result or a refusal, and knows its request")
    func answers() {
        let result = Answer.result(id: .text("a-1"), operation: "get") { json in
            json.beginObject()
            json.endObject()
        }
        #expect(Response(reading: result)?.content == .result(JSONObject([])))
        #expect(Response(reading: result)?.id == .text("a-1"))
        let refusal = Answer.refusal(
            Refusal(.rateLimited, "slow down", retryAfter: 3),
            operation: "device"
        )
        let read = Response(reading: refusal)
        #expect(read?.operation == "device" && read?.id == nil)
        #expect(
            read?.content
                == .refusal(code: "rate_limited", message: "slow down", retryAfter: 3)
        )
        #expect(Response(reading: Answer.announce)?.content == .announce)
    }

    @Test("What is none is none", arguments: ["", "[]", "{}", #"{"operation":"get"}"#, "nonsense"])
    func nonsense(text: String) {
        #expect(Response(reading: Array(text.utf8)) == nil)
    }

    @Test("An event's elements come in their order, without those that are not known")
    func events() {
        let bob = UserStatus(username: Name(checked: "bob"), updated: 5, seq: 5)
        var json = JSONWriter()
        json.beginArray()
        json.raw(bob.payload)
        json.raw(Notice.payload(of: Name(checked: "bob"), .expired))
        json.raw(Array(#"{"later":"version"}"#.utf8))
        json.raw(Notice.payload(of: nil, .evicted))
        json.endArray()
        let items = EventItem.read(json.bytes)
        #expect(
            items == [.status(bob), .ended(Name(checked: "bob"), .expired), .ended(nil, .evicted)]
        )
        #expect(EventItem.read(Array("{}".utf8)) == nil)
    }

    @Test("A bridge's state reads back, and its will is none")
    func bridge() {
        let state = BridgeState(version: "1.0", started: 5, epoch: 2, grace: 60)
        #expect(BridgeState(reading: state.payload) == state)
        #expect(BridgeState(reading: BridgeState.offline) == nil)
    }
}
