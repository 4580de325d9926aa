import BrokerFixture
import Foundation
import Presence
import Testing

@Suite(
    "What the clients in Python have in common",
    .enabled(if: Python.hasPaho, "Debian's package python3-paho-mqtt is not installed")
)
struct PythonClientTests {
    @Test("It states itself again within its ttl, and is lost by it when it falls silent")
    func lifetime() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let roster = try Example("python/roster.py", "--ttl", "6", "bob", as: "alice", of: service)
        let first = try await service.status(of: "alice", is: "online")
        let topic = "presence/device/alice/example"
        for statement in try await service.monitor(topic).expect(5, on: topic) {
            #expect(try statement.json["ttl"] == .integer(6))
        }
        let later = try await service.status(of: "alice")
        #expect(later["since"] == first["since"] && later["seq"] == first["seq"])
        roster.process.send(SIGSTOP)
        try await service.status(of: "alice") { $0["cause"] == .string("ttl") }
        roster.process.send(SIGCONT)
        try await service.status(of: "alice", is: "online")
        try await roster.ends(by: SIGINT)
        let end = try await service.status(of: "alice") { $0["cause"] == .string("logout") }
        #expect(end["online"] == .bool(false))
    }

    @Test("Without a word about it the promise is 300 s, and it can be left out")
    func usualLifetime() async throws {
        let service = try await Service.start()
        defer { service.end() }
        for (ttl, promised) in [("", JSONValue.integer(300)), ("0", nil)] {
            let roster = try Example(
                "python/roster.py",
                "bob",
                as: "alice",
                environment: ["PRESENCE_TTL": ttl],
                of: service
            )
            try await service.status(of: "alice", is: "online")
            let statement = try await service.retained("presence/device/alice/example")
            #expect(statement["ttl"] == promised)
            try await roster.ends(by: SIGINT)
            try await service.status(of: "alice", is: "offline")
        }
        let wrong = try Example("python/roster.py", "--ttl", "4", "bob", as: "alice", of: service)
        #expect(try await wrong.process.wait() == .code(2))
        #expect(wrong.process.errors.contains("5 to 86400 seconds"))
    }

    @Test("Two rosters of one user are two devices: the end of one leaves the other online")
    func two() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let start = {
            try Example(
                "python/roster.py",
                "bob",
                as: "alice",
                environment: ["PRESENCE_ID": ""],
                of: service
            )
        }
        let (one, other) = (try start(), try start())
        try await service.status(of: "alice") { $0["devices"]?.object?.count == 2 }
        try await one.ends(by: SIGINT)
        let left = try await service.status(of: "alice") { $0["devices"]?.object?.count == 1 }
        #expect(left["online"] == .bool(true))
        try await other.ends(by: SIGINT)
    }

    @Test("A subscription that the broker refuses is told of, with the line that its ACL lacks")
    func refused() async throws {
        // The list would grant it in silence; the plugin refuses what can bring nothing.
        let service = try await Service.start(users: ["al/ice"]) { $0.replaceList() }
        defer { service.end() }
        let roster = try Example("python/roster.py", "bob", as: "al/ice", of: service)
        #expect(try await roster.process.wait() == .code(1))
        #expect(roster.process.errors.contains("pattern read presence/response/%u/#"))
    }

    @Test("What nobody should send it does not end it")
    func nonsense() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let roster = try Example("python/roster.py", "bob", as: "alice", of: service)
        try await roster.shows("bob is offline")
        let bridge = try await TestClient.connect(
            to: service.broker,
            username: Service.bridgeID,
            password: Service.bridgeID
        )
        let topics = [
            "presence/event/alice", "presence/response/alice/example", "presence/bridge/other",
        ]
        let deep = String(repeating: "[", count: 10_000)
        let payloads = [
            "7", "null", "[1]", "[null]", #"{"a":1}"#, #"[{"username":"bob"}]"#, "\"", deep,
            #"{"operation":"device"}"#, #"{"state":"online","epoch":"x","grace":[]}"#, "[]",
        ]
        for topic in topics {
            for payload in payloads { try await bridge.publish(topic, payload) }
        }
        let bob = try await service.device("bob", "phone")
        try await roster.shows("bob has come")
        try await roster.ends(by: SIGINT)
        keep(bob)
    }
}
