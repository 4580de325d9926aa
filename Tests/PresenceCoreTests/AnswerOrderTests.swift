import Presence
import Testing

@testable import PresenceCore

@Suite("The order of answers")
struct AnswerOrderTests {
    @Test(
        "Answers go out in the order of the requests, refusals among them, also when the store fails",
        arguments: [nil, "disk full"]
    )
    func order(failure: String?) {
        var caller = Caller()
        caller.storeFailure = failure
        let operations = ["get", "subscribe", "nothing", "subscriptions", "publish", "sync"]
        let payloads = ["{}", #"{"usernames":["b"]}"#, "", "", #"{"description":"x"}"#, "["]
        let effects = caller.turn(zip(operations, payloads).map { .asks("a", $0, $1) })
        let answered = effects.replies.map {
            JSONObject(parsed: String(decoding: $0.payload, as: UTF8.self))["operation"]?.string
        }
        #expect(answered == operations)
        let changes = failure == nil ? [] : ["unavailable"]
        #expect(
            effects.errorCodes
                == ["malformed_request"] + changes + ["unknown_operation"] + changes
                + ["malformed_request"]
        )
    }
}
