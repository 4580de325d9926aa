import Presence
import Testing

@Suite("Answers, ids, notices and the bridge's state")
struct AnswerTests {
    private func id(_ text: String) throws(Refusal) -> RequestID? {
        try RequestID(reading: RequestMembers(readingPayload: Array(text.utf8)))
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("An id is a string of up to 128 bytes or an integer within 2^53")
    func ids() throws {
        #expect(try id("{}") == nil)
        #expect(try id(#"{"id":""}"#) == .text(""))
        #expect(try id(#"{"id":0}"#) == .integer(0))
        #expect(try id(#"{"id":9007199254740992}"#) == .integer(1 << 53))
        #expect(try id(#"{"id":-9007199254740992}"#) == .integer(-(1 << 53)))
        let long = String(repeating: "é", count: 64)
        #expect(try id(#"{"id":"\#(long)"}"#) == .text(long))
    }

    @Test(
        "A bad id is malformed",
        arguments: [
            "null", "true", "1.0", "1e2", "[]", "{}", "9007199254740993", "-9007199254740993",
            "99999999999999999999", "-99999999999999999999",
            "\"" + String(repeating: "x", count: 129) + "\"",
        ]
    )
    func badIDs(_ value: String) {
        #expect(throws: Refusal.self) { try id(#"{"id":\#(value)}"#) }
    }

    @Test("A result stands under id and operation")
    func results() {
        let write: (inout JSONWriter) -> Void = {
            $0.beginObject()
            $0.endObject()
        }
        #expect(
            text(Answer.result(id: .integer(1), operation: "get", write))
                == #"{"id":1,"operation":"get","result":{}}"#
        )
        #expect(
            text(Answer.result(id: .text("a\"b"), operation: "get", write))
                == #"{"id":"a\"b","operation":"get","result":{}}"#
        )
        #expect(
            text(Answer.result(id: nil, operation: "get", write))
                == #"{"operation":"get","result":{}}"#
        )
    }

    @Test("A refusal has code and message, and retryAfter where there is one")
    func refusals() {
        #expect(
            text(Answer.refusal(Refusal(.invalidPage, "no"), id: .integer(1), operation: "online"))
                == #"{"id":1,"operation":"online","error":{"code":"invalid_page","message":"no"}}"#
        )
        let slow = Refusal(.rateLimited, "slow", retryAfter: 2)
        #expect(
            text(Answer.refusal(slow, operation: "x"))
                == #"{"operation":"x","error":{"code":"rate_limited","message":"slow","retryAfter":2}}"#
        )
    }

    @Test("The error codes are the protocol's, in its order")
    func codes() {
        #expect(
            ErrorCode.allCases.map(\.rawValue) == [
                "rate_limited", "payload_too_large", "unknown_operation", "malformed_request",
                "invalid_response_topic", "too_many_users", "invalid_username", "invalid_expiry",
                "invalid_description", "invalid_status", "invalid_page", "forbidden",
                "too_many_devices", "limit_exceeded", "unavailable",
            ]
        )
    }

    @Test("What asks a device to announce itself")
    func announce() { #expect(text(Answer.announce) == #"{"operation":"announce"}"#) }

    @Test("Notices name the user or everyone")
    func notices() {
        let bob = Name(checked: "bob")
        #expect(
            text(Notice.payload(of: bob, .expired))
                == #"{"username":"bob","subscription":"expired"}"#
        )
        #expect(
            text(Notice.payload(of: bob, .evicted))
                == #"{"username":"bob","subscription":"evicted"}"#
        )
        #expect(
            text(Notice.payload(of: nil, .expired)) == #"{"all":true,"subscription":"expired"}"#
        )
    }

    @Test("The bridge's own state, and its will")
    func bridgeState() {
        let state = BridgeState(version: "0.1.0", started: 1_700_000_000, epoch: 3, grace: 60)
        #expect(
            text(state.payload)
                == #"{"state":"online","version":"0.1.0","protocol":1,"started":1700000000,"#
                + #""epoch":3,"grace":60}"#
        )
        #expect(text(BridgeState.offline) == #"{"state":"offline"}"#)
    }
}
