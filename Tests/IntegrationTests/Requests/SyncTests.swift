import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("sync")
struct SyncTests {
    @Test("A watcher that was away learns the statuses of all it is subscribed to", .service())
    func everything() async throws {
        let service = try Service.current
        let before = try await service.client("alice")
        let subscribed = try await service.result(
            before,
            "subscribe",
            #"{"usernames":["u1","u2","nobody"],"expiry":1000}"#
        )
        try await before.disconnect()
        try await service.bringOnline(["u1", "u2", "stranger"])

        let alice = try await service.client("alice")
        let start = Int64(Date().timeIntervalSince1970)
        let result = try await service.result(alice, "sync")
        #expect(result.object?.keys == ["users", "time"])
        #expect(result["users"]?.texts("username")?.sorted() == ["nobody", "u1", "u2"])
        let users = try #require(result["users"]?.array)
        let expires = subscribed["subscribed"]?[0]?["expires"]
        for user in users {
            #expect(user.object?.keys == statusKeys + ["expires"])
            #expect(user["expires"] == expires)
            #expect(user["online"] == .bool(user["username"] != .string("nobody")))
        }
        #expect((start...nextSecond).contains(try #require(result["time"]?.integer)))
    }

    @Test("With after it learns what was updated at that time or later, and no more", .service())
    func after() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        try await service.subscribe(alice, to: "u1", "never")
        let first = try await service.result(alice, "sync")
        let time = try #require(first["time"]?.integer)
        try await service.bringOnline(["u1"])
        let updated = try #require(try await service.status(of: "u1")["updated"]?.integer)
        #expect(updated >= time)
        for (after, expected) in [
            (time, ["u1"]), (updated, ["u1"]), (updated + 1, []), (-5, ["never", "u1"]),
        ] {
            let result = try await service.result(alice, "sync", #"{"after":\#(after)}"#)
            #expect(result["users"]?.texts("username")?.sorted() == expected, "after \(after)")
        }
    }

    @Test("The pages list everyone exactly once, and end early in max_message", .service())
    func pages() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        let names = (10..<35).map { "u\($0)" }
        _ = try await service.result(alice, "subscribe", #"{"usernames":\#(names.json)}"#)
        for pageSize in [1, 10, 25, 26] {
            var listed: [String] = []
            var rest = ""
            repeat {
                let payload = #"{"pageSize":\#(pageSize)\#(rest)}"#
                let result = try await service.result(alice, "sync", payload)
                let page = try #require(result["users"]?.texts("username"))
                #expect(page.count <= pageSize)
                listed += page
                rest = result["cursor"]?.string.map { #","cursor":"\#($0)""# } ?? ""
            } while !rest.isEmpty && listed.count <= names.count
            #expect(listed.sorted() == names, "in pages of \(pageSize)")
        }
        for size in ["0", "501"] {
            let code = try await service.errorCode(alice, "sync", #"{"pageSize":\#(size)}"#)
            #expect(code == "invalid_page")
        }
    }

    @Test("An answer fits in max_message", .service(["max_message": "4096"]))
    func shortPages() async throws {
        let service = try Service.current
        let alice = try await service.client("alice")
        let names = (10..<60).map { "u\($0)" }
        _ = try await service.result(alice, "subscribe", #"{"usernames":\#(names.json)}"#)
        var listed: [String] = []
        var rest = ""
        repeat {
            let answer = try await alice.request(
                "presence/request/alice/test/sync",
                #"{"pageSize":500\#(rest)}"#,
                answerOn: "presence/response/alice/test"
            )
            #expect(answer.payload.count <= 4_096)
            let result = try #require(try answer.json["result"])
            listed += try #require(result["users"]?.texts("username"))
            rest = result["cursor"]?.string.map { #","cursor":"\#($0)""# } ?? ""
        } while !rest.isEmpty && listed.count <= names.count
        #expect(listed.sorted() == names)
    }

    @Test(
        "Whoever is subscribed to everyone learns who is online, or who was updated since",
        .service(["allow_subscribe_all": "alice"])
    )
    func all() async throws {
        let service = try Service.current
        try await service.bringOnline(["on", "off"])
        let speaker = try await service.speaker()
        try await speaker.publish("presence/device/off/desk", "offline", retain: true)
        let off = try await service.status(of: "off", is: "offline")
        let updated = try #require(off["updated"]?.integer)

        let alice = try await service.client("alice")
        let named = try await service.result(
            alice,
            "subscribe",
            #"{"usernames":["named"],"expiry":100}"#
        )
        let all = try await service.result(alice, "subscribe", #"{"all":true,"expiry":200}"#)
        let everyone = try await service.result(alice, "sync")
        #expect(everyone["users"]?.texts("username")?.sorted() == ["named", "on"])
        for user in try #require(everyone["users"]?.array) {
            let own = user["username"] == .string("named")
            #expect(
                user["expires"]
                    == (own
                        ? named["subscribed"]?[0]?["expires"] : all["all"]?["expires"])
            )
        }
        let since = try await service.result(alice, "sync", #"{"after":\#(updated)}"#)
        let names = try #require(since["users"]?.texts("username"))
        #expect(names.contains("off"))
        #expect(!names.contains("named"))
        let later = try await service.result(alice, "sync", #"{"after":\#(updated + 1)}"#)
        #expect(later["users"] == .array([]))
    }
}
