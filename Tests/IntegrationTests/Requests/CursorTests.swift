import BrokerFixture
import Mosquitto
import Presence
import Testing

@Suite("Cursors", .service(["allow_subscribe_all": "true"]))
struct CursorTests {
    @Test("A cursor holds for its caller and its operation alone")
    func foreign() async throws {
        let service = try Service.current
        try await service.bringOnline(["u1", "u2", "u3"])
        let alice = try await service.client("alice")
        let bob = try await service.client("bob")
        let page = try await service.result(alice, "online", #"{"pageSize":1}"#)
        let cursor = try #require(page["cursor"]?.string)
        let payload = #"{"pageSize":1,"cursor":"\#(cursor)"}"#

        #expect(try await service.errorCode(bob, "online", payload) == "invalid_page")
        #expect(try await service.errorCode(alice, "watchers", payload) == "invalid_page")
        #expect(try await service.errorCode(alice, "sync", payload) == "invalid_page")
        #expect(try await service.errorCode(alice, "online", payload) == nil)
        // Another device of the same user is the same caller.
        let other = try await service.client("alice", "other")
        #expect(try await service.errorCode(other, "online", payload) == nil)
    }

    @Test(
        "What is no cursor is refused",
        arguments: ["", "0", "1", "-", "x", "99999999999999999999", "1-1", "😀", "1-2-3"]
    )
    func madeUp(cursor: String) async throws {
        let service = try Service.current
        let carol = try await service.client("carol")
        for operation in ["online", "watchers", "sync"] {
            let payload = #"{"cursor":"\#(cursor)"}"#
            #expect(try await service.errorCode(carol, operation, payload) == "invalid_page")
        }
    }
}
