import BrokerFixture
import Mosquitto
import Presence
import Testing

@Suite("get", .service())
struct GetTests {
    @Test("It answers in the order given, of unknown users too, and needs no subscription")
    func order() async throws {
        let service = try Service.current
        try await service.bringOnline(["zoe", "Ägäis 🌊"])
        let alice = try await service.client("alice")
        let result = try await service.result(
            alice,
            "get",
            #"{"usernames":["zoe","nobody","Ägäis 🌊","zoe"],"brief":false}"#
        )
        #expect(result.object?.keys == ["users"])
        #expect(result["users"]?.texts("username") == ["zoe", "nobody", "Ägäis 🌊"])
        #expect(result["users"]?[0] == (try await service.status(of: "zoe")))
        #expect(
            result["users"]?[1]
                == (try .text(
                    """
                    {"username":"nobody","online":false,"status":"offline","description":"",
                    "devices":{},"cause":null,"since":null,"updated":null,"seq":0}
                    """
                ))
        )
    }

    @Test("In brief it answers only who is online, in the order given")
    func brief() async throws {
        let service = try Service.current
        try await service.bringOnline(["pedro"])
        let bob = try await service.client("bob")
        let result = try await service.result(
            bob,
            "get",
            #"{"usernames":["x","pedro","alex","x"],"brief":true}"#
        )
        #expect(result == (try .text(#"{"online":{"x":false,"pedro":true,"alex":false}}"#)))
    }

    @Test("100 usernames are allowed and in brief 1,000; one more is too many")
    func usernames() async throws {
        let service = try Service.current
        let carol = try await service.client("carol")
        let names = (0...1_000).map { "u\($0)" }
        for (count, rest, isAllowed) in [
            (100, "", true), (101, "", false), (101, #","brief":false"#, false),
            (1_000, #","brief":true"#, true), (1_001, #","brief":true"#, false),
        ] {
            let payload = #"{"usernames":\#(Array(names.prefix(count)).json)\#(rest)}"#
            let answer = try await service.request(carol, "get", payload)
            if isAllowed {
                let result = answer["result"]
                let listed = result?["users"]?.array?.count ?? result?["online"]?.object?.count
                #expect(listed == count)
            } else {
                #expect(answer.errorCode == "too_many_users", "for \(count)\(rest)")
            }
        }
    }

    @Test("Asking about a user twice, before and after it comes and goes, tells the truth")
    func comingAndGoing() async throws {
        let service = try Service.current
        let dave = try await service.client("dave")
        let payload = #"{"usernames":["bob"]}"#
        let before = try await service.result(dave, "get", payload)
        #expect(before["users"]?[0]?["seq"] == .integer(0))
        let bob = try await service.device("bob", "phone", birth: "coffee")
        try await service.status(of: "bob", is: "coffee")
        let during = try await service.result(dave, "get", payload)
        #expect(during["users"]?[0]?["status"] == .string("coffee"))
        try await bob.state("offline")
        try await service.status(of: "bob", is: "offline")
        let after = try await service.result(dave, "get", payload)
        #expect(after["users"]?[0]?["cause"] == .string("logout"))
    }
}
