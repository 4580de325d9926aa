import BrokerFixture
import Mosquitto
import Presence
import Testing

@Suite("online")
struct OnlineTests {
    /// Goes through the pages and returns what each listed.
    private func pages(
        _ client: TestClient,
        _ operation: String = "online",
        pageSize: Int,
        total: Int,
        between: () async throws -> Void = {}
    ) async throws -> [[String]] {
        let service = try Service.current
        var pages: [[String]] = []
        var rest = ""
        while pages.count < 100 {
            let payload = #"{"pageSize":\#(pageSize)\#(rest)}"#
            let result = try await service.result(client, operation, payload)
            #expect(result["total"] == .integer(Int64(total)))
            pages.append(try #require(result["usernames"]?.strings))
            #expect(pages.last?.count ?? 0 <= pageSize)
            guard let cursor = result["cursor"]?.string else { return pages }
            rest = #","cursor":"\#(cursor)""#
            try await between()
        }
        throw FixtureError("there is no last page: \(pages)")
    }

    @Test("The pages list everyone who is online exactly once", .service())
    func everyoneOnce() async throws {
        let service = try Service.current
        let names = (1...23).map { "u\($0)" }
        try await service.bringOnline(names)
        let hidden = try await service.device("bob", "phone", birth: "invisible")
        let alice = try await service.client("alice")
        for pageSize in [1, 5, 22, 23, 24, 500] {
            let pages = try await pages(alice, pageSize: pageSize, total: 23)
            #expect(pages.joined().sorted() == names.sorted(), "in pages of \(pageSize)")
            #expect(pages.dropLast().allSatisfy { !$0.isEmpty })
        }
        let total = try await service.result(alice, "online", #"{"pageSize":0}"#)
        #expect(total == (try .text(#"{"total":23,"usernames":[]}"#)))
        try await hidden.disconnect()
    }

    @Test("Whoever comes and goes between two pages displaces nobody", .service())
    func comingAndGoing() async throws {
        let service = try Service.current
        let stays = (1...8).map { "stays\($0)" }
        let goes = (1...4).map { "goes\($0)" }
        let order = [
            goes[0], stays[0], stays[1], goes[1], stays[2], stays[3], stays[4], goes[2], stays[5],
            goes[3], stays[6], stays[7],
        ]
        try await service.bringOnline(order)
        let alice = try await service.client("alice")
        let first = try await service.result(alice, "online", #"{"pageSize":5}"#)
        let speaker = try await service.speaker()
        for user in goes {
            try await speaker.publish("presence/device/\(user)/desk", "offline", retain: true)
        }
        for user in goes { try await service.status(of: user, is: "offline") }
        try await service.bringOnline((1...3).map { "new\($0)" })
        var listed = try #require(first["usernames"]?.strings)
        var cursor = first["cursor"]?.string
        while let place = cursor {
            let payload = #"{"pageSize":5,"cursor":"\#(place)"}"#
            let result = try await service.result(alice, "online", payload)
            listed += try #require(result["usernames"]?.strings)
            cursor = result["cursor"]?.string
            #expect(result["total"] == .integer(11))
        }
        #expect(listed.filter { $0.hasPrefix("stays") }.sorted() == stays)
    }

    @Test("Without a page size it is 50, and 500 at most", .service())
    func pageSize() async throws {
        let service = try Service.current
        try await service.bringOnline((1...51).map { "u\($0)" })
        let alice = try await service.client("alice")
        let page = try await service.result(alice, "online")
        #expect(page["usernames"]?.array?.count == 50)
        for size in ["-1", "501"] {
            let code = try await service.errorCode(alice, "online", #"{"pageSize":\#(size)}"#)
            #expect(code == "invalid_page")
        }
    }

    @Test(
        "A page ends early where it would not fit in max_message",
        .service(["max_message": "2048"])
    )
    func shortPages() async throws {
        let service = try Service.current
        let names = (10..<50).map { "\($0)" + String(repeating: "x", count: 100) }
        try await service.bringOnline(names)
        let alice = try await service.client("alice")
        let pages = try await pages(alice, pageSize: 500, total: 40)
        #expect(pages.count > 2)
        #expect(pages.joined().sorted() == names)
    }

    @Test("The operator can forbid it", .service(["allow_online": "bob"]))
    func forbidden() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        let bob = try await service.client("bob")
        #expect(try await service.errorCode(alice, "online") == "forbidden")
        #expect(try await service.errorCode(bob, "online") == nil)
    }
}
