import Presence
import Testing

@testable import PresenceCore

/// What the store itself must take before anything is told, and what may be journaled.
@Suite("Whether a request is among the causes of what is stored")
struct RequestedSaveTests {
    /// Whether the store itself was asked in a turn; `nil` if nothing was stored.
    private func isRequested(_ effects: [Effect]) -> Bool? {
        for case .save(_, let isRequested) in effects { return isRequested }
        return nil
    }

    @Test("What devices say is not requested, nor what comes due")
    func devices() {
        var caller = Caller()
        #expect(isRequested(caller.state("b")) == false)
        #expect(isRequested(caller.state("b", "away")) == false)
        caller.subscribe("a", ["b"], expiry: 10)
        #expect(isRequested(caller.pass(10_000)) == false)
        // A time that was told is stored, and nobody waits for that.
        #expect(isRequested(caller.turn([.asks("a", "sync", #"{"after":0}"#)])) != true)
    }

    @Test(
        "Subscriptions, their ends and descriptions are requested, whatever devices say beside them"
    )
    func requests() {
        var caller = Caller()
        for (operation, payload) in [
            ("subscribe", #"{"usernames":["b"]}"#), ("publish", #"{"description":"x"}"#),
            ("unsubscribe", #"{"usernames":["b"]}"#),
        ] {
            let effects = caller.turn([.asks("a", operation, payload)])
            #expect(isRequested(effects) == true, "\(operation)")
            #expect(isRequested(caller.state("b", operation)) == false, "behind \(operation)")
        }
    }

    @Test("After a failure the store itself is tried, until it accepts writes again")
    func failure() {
        var caller = Caller()
        caller.storeFailure = "no"
        #expect(isRequested(caller.state("b")) == false)
        // Every second.
        #expect(isRequested(caller.pass(1_000)) == true)
        caller.storeFailure = nil
        #expect(isRequested(caller.pass(1_000)) == true)
        #expect(isRequested(caller.state("b", "away")) == false)
    }
}
