import BrokerFixture
import Mosquitto
import Presence
import Testing

@Suite("watchers")
struct WatchersTests {
    @Test(
        "It lists who is subscribed to the caller by name, and no longer",
        .service(["allow_subscribe_all": "dave"])
    )
    func byName() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        let none = try await service.result(alice, "watchers")
        #expect(none == (try .text(#"{"total":0,"usernames":[]}"#)))
        let bob = try await service.client("bob")
        let carol = try await service.client("carol")
        let dave = try await service.client("dave")
        try await service.subscribe(bob, to: "alice", "carol")
        try await service.subscribe(carol, to: "alice")
        _ = try await service.result(dave, "subscribe", #"{"all":true}"#)

        let both = try await service.result(alice, "watchers")
        #expect(both["total"] == .integer(2))
        #expect(both["usernames"]?.strings?.sorted() == ["bob", "carol"])
        #expect(both["cursor"] == nil)
        _ = try await service.result(bob, "unsubscribe", #"{"usernames":["alice"]}"#)
        let one = try await service.result(alice, "watchers")
        #expect(one == (try .text(#"{"total":1,"usernames":["carol"]}"#)))
    }

    @Test("The pages list each of them exactly once", .service())
    func pages() async throws {
        let service = try Service.current
        let speaker = try await service.speaker()
        let names = (10..<33).map { "w\($0)" }
        try await speaker.subscribe("presence/response/+/desk")
        for name in names {
            let topic = "presence/request/\(name)/desk/subscribe"
            try await speaker.publish(topic, #"{"usernames":["alice"]}"#)
        }
        _ = try await speaker.expect(names.count, on: "presence/response/+/desk")
        let alice = try await service.client("alice")
        for pageSize in [1, 10, 23, 500] {
            var listed: [String] = []
            var rest = ""
            repeat {
                let payload = #"{"pageSize":\#(pageSize)\#(rest)}"#
                let result = try await service.result(alice, "watchers", payload)
                #expect(result["total"] == .integer(23))
                let page = try #require(result["usernames"]?.strings)
                #expect(page.count <= pageSize)
                listed += page
                rest = result["cursor"]?.string.map { #","cursor":"\#($0)""# } ?? ""
            } while !rest.isEmpty && listed.count <= names.count
            #expect(listed.sorted() == names, "in pages of \(pageSize)")
        }
        let total = try await service.result(alice, "watchers", #"{"pageSize":0}"#)
        #expect(total == (try .text(#"{"total":23,"usernames":[]}"#)))
    }

    @Test("A subscription that has run out is not listed any more", .service())
    func expired() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        let bob = try await service.client("bob")
        _ = try await service.result(bob, "subscribe", #"{"usernames":["alice"],"expiry":1}"#)
        #expect(try await service.result(alice, "watchers")["total"] == .integer(1))
        _ = try await bob.events()
        #expect(try await service.result(alice, "watchers")["total"] == .integer(0))
    }

    @Test("The operator can forbid it", .service(["allow_watchers": "false"]))
    func forbidden() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        #expect(try await service.errorCode(alice, "watchers") == "forbidden")
    }
}
