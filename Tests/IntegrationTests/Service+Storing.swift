import BrokerFixture
import Presence
import Testing

/// What holds while a store takes nothing, and afterwards: alice watches bob, whose phone is online.
extension Service {
    /// The store takes nothing: requests that change are refused, all else goes on.
    func expectUnavailable(_ alice: TestClient, _ bob: TestClient) async throws {
        for (operation, payload) in [
            ("subscribe", #"{"usernames":["carol"]}"#), ("unsubscribe", #"{"usernames":["bob"]}"#),
            ("publish", #"{"description":"no room"}"#),
            // A second time, when the trouble is known.
            ("subscribe", #"{"usernames":["carol"]}"#),
        ] {
            let answer = try await request(alice, operation, payload)
            #expect(answer.errorCode == "unavailable", "\(operation): \(answer)")
        }
        try await bob.state("away")
        let events = try await alice.events(upTo: "bob", word: "away")
        #expect(events.allSatisfy { $0["username"]?.string == "bob" })
        try await status(of: "bob", is: "away")
        let read = try await request(alice, "get", #"{"usernames":["bob","alice"]}"#)
        #expect(read["result"]?["users"]?[0]?["status"]?.string == "away")
        #expect(read["result"]?["users"]?[1]?["description"]?.string == "")
        let list = try await request(alice, "subscriptions", #"{"pageSize":1}"#)
        #expect(list["result"]?["subscriptions"]?[0]?["username"]?.string == "bob")
        try await bridgeProcess?.line(with: "the store does not accept writes")
    }

    /// The store takes everything again, and what was changed meanwhile is stored, too.
    func expectRecovery(_ alice: TestClient) async throws {
        try await eventually("the store is written again", log: bridgeLog) {
            let answer = try await request(alice, "subscribe", #"{"usernames":["carol"]}"#)
            return answer["result"] == nil ? nil : true
        }
        try await bridgeProcess?.line(with: "the store accepts writes again")
        let before = try await status(of: "bob", is: "away")
        let list = try await request(alice, "subscriptions", #"{"pageSize":500}"#)
        try await killBridge()
        try await startBridge()
        #expect(try await status(of: "bob") == before)
        let again = try await request(alice, "subscriptions", #"{"pageSize":500}"#)
        #expect(again["result"] == list["result"])
    }
}
