import Presence
import Testing

@testable import PresenceCore

@Suite("publish")
struct PublishTests {
    @Test("The result is the user's status, also of one who was never online")
    func neverOnline() {
        var caller = Caller()
        caller.subscribe("a", ["b"])
        let effects = caller.turn([.asks("b", "publish", #"{"id":1,"description":"soon"}"#)])
        #expect(
            effects.replies.map { String(decoding: $0.payload, as: UTF8.self) } == [
                #"{"id":1,"operation":"publish","result":{"username":"b","online":false,"#
                    + #""status":"offline","description":"soon","devices":{},"cause":null,"#
                    + #""since":null,"updated":1700000000,"seq":1700000000000}}"#
            ]
        )
        #expect(effects.messages(to: "a").count == 1)
        #expect(effects.retained == ["b"])
        #expect(
            effects.saves == [
                .putUser(
                    UserRecord(
                        id: 2,
                        name: Name(checked: "b"),
                        description: "soon",
                        updated: 1_700_000_000,
                        seq: 1_700_000_000_000
                    )
                )
            ]
        )
    }

    @Test(
        "An empty description takes the words away; nobody who was never seen is remembered for it"
    )
    func empty() {
        var caller = Caller()
        let effects = caller.turn([.asks("b", "publish", #"{"description":""}"#)])
        #expect(effects.saves == [] && effects.retained == [])
        #expect(caller.core.names.count == 0)
        caller.state("b")
        _ = caller.ask("b", "publish", #"{"description":"x","expiry":5}"#)
        #expect(
            caller.ask("b", "publish", #"{"description":"","expiry":5}"#)
                .contains(#""description":"""#)
        )
        #expect(caller.pass(10_000).retained == [])
    }

    @Test("Every publish replaces the expiry of the last one")
    func replacedExpiry() {
        var caller = Caller()
        _ = caller.ask("b", "publish", #"{"description":"x","expiry":5}"#)
        _ = caller.ask("b", "publish", #"{"description":"x","expiry":10}"#)
        #expect(caller.pass(9_999).retained == [])
        #expect(caller.pass(1).retained == ["b"])
        _ = caller.ask("b", "publish", #"{"description":"y","expiry":5}"#)
        _ = caller.ask("b", "publish", #"{"description":"y"}"#)
        #expect(caller.pass(60_000).retained == [])
        _ = caller.ask("b", "publish", #"{"description":"y","expiry":50}"#)
        _ = caller.ask("b", "publish", #"{"description":"y","expiry":1}"#)
        #expect(caller.pass(1_000).retained == ["b"])
    }

    @Test("The same words again change nothing, with or without a new expiry")
    func sameAgain() {
        var caller = Caller()
        caller.subscribe("a", ["b"])
        let first = caller.ask("b", "publish", #"{"description":"x"}"#)
        caller.pass(5_000)
        let effects = caller.turn([.asks("b", "publish", #"{"description":"x","expiry":99}"#)])
        #expect(effects.retained == [] && effects.messages(to: "a") == [])
        #expect(effects.replies.map { String(decoding: $0.payload, as: UTF8.self) } == [first])
        #expect(effects.saves.count == 1)
    }

    @Test("1,024 bytes may be said; an expiry is 1 to 2,592,000")
    func limits() {
        var caller = Caller()
        let longest = String(repeating: "é", count: 512)
        #expect(caller.code("b", "publish", #"{"description":"\#(longest)"}"#) == nil)
        #expect(
            caller.code("b", "publish", #"{"description":"\#(longest)x"}"#) == "invalid_description"
        )
        for (expiry, code) in [(0, "invalid_expiry"), (2_592_001, "invalid_expiry"), (1, nil)] {
            #expect(
                caller.code("b", "publish", #"{"description":"x","expiry":\#(expiry)}"#) == code
            )
        }
    }

    @Test("The words stay when the user goes offline, and every change raises the number")
    func stays() {
        var caller = Caller()
        caller.state("b")
        _ = caller.ask("b", "publish", #"{"description":"x"}"#)
        let first = caller.result("a", "get", #"{"usernames":["b"]}"#)
        caller.state("b", "offline")
        caller.pass(2_000)
        let second = caller.result("a", "get", #"{"usernames":["b"]}"#)
        let (before, after) = (
            first["users"]?.array?.first?.object, second["users"]?.array?.first?.object
        )
        #expect(after?["description"] == .string("x"))
        #expect(after?["online"] == .bool(false))
        #expect((before?["seq"]?.integer ?? .max) < (after?["seq"]?.integer ?? .min))
    }
}
