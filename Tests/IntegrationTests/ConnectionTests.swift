import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("The connection to the broker")
struct ConnectionTests {
    @Test("A broker that is not there yet is waited for")
    func brokerIsLate() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        try await service.broker.stop()
        try await service.startBridge(waits: false)
        let bridge = try #require(service.bridgeProcess)
        let line = try await bridge.line(with: "cannot be reached")
        #expect(line.contains("127.0.0.1:\(service.broker.port)"))
        try await service.broker.restart()
        try await service.bridgeState { $0["state"]?.string == "online" }
        let alice = try await service.client("alice")
        try await service.subscribe(alice, to: "bob")
        // It was said once, however often it was tried.
        #expect(bridge.count("cannot be reached") == 1)
    }

    @Test("A wrong password is said once, in words, and tried again")
    func wrongPassword() async throws {
        let service = try await Service.start(["password": "wrong"], startsBridge: false)
        defer { service.end() }
        try await service.startBridge(waits: false)
        let bridge = try #require(service.bridgeProcess)
        let line = try await bridge.line(with: "password")
        #expect(line.contains("error"))
        #expect(line.contains("user presence-bridge"))
        try await eventually("three refusals", log: service.broker.log) {
            let refusals = service.broker.log.split(separator: "\n").count {
                $0.contains("not authorised")
            }
            return refusals >= 3 ? true : nil
        }
        #expect(bridge.count("password") == 1)
        #expect(!bridge.errors.contains("wrong username or password: wrong"))

        let path = service.broker.folder.file("passwords")
        try await Child.run("mosquitto_passwd", ["-b", path, "presence-bridge", "wrong"])
        service.broker.reload()
        try await service.bridgeState { $0["state"]?.string == "online" }
    }

    /// All that the bridge needs, as lines of an ACL.
    private static let rights = [
        "readwrite presence/device/#", "readwrite presence/status/#",
        "readwrite presence/request/#", "write presence/response/#", "write presence/event/#",
        "readwrite presence/bridge/#", "read $SYS/broker/uptime",
    ]

    @Test("A right that is missing is named, with the line for the ACL", arguments: rights)
    func missingRight(_ right: String) async throws {
        let others = Self.rights.filter { $0 != right }
        let granted = others.map { "topic \($0)\n" }.joined()
        let service = try await Service.start(startsBridge: false) {
            $0.acl = "user presence-bridge\n\(granted)"
        }
        defer { service.end() }
        try await service.startBridge(waits: false)
        let bridge = try #require(service.bridgeProcess)
        try await bridge.line(with: "error", "ACL", "topic \(right)")
        for other in others {
            #expect(!bridge.errors.contains("topic \(other)"), "\(other) is not missing")
        }
    }

    @Test("Where several rights are missing, they are told at once, with one line for the ACL")
    func missingRights() async throws {
        for granted in ["", "readwrite presence/bridge/#", "readwrite presence/status/#"] {
            let service = try await Service.start(startsBridge: false) {
                $0.acl = "user presence-bridge\n" + (granted.isEmpty ? "" : "topic \(granted)\n")
            }
            defer { service.end() }
            try await service.startBridge(waits: false)
            let bridge = try #require(service.bridgeProcess)
            let line = try await bridge.line(with: "error", "ACL")
            #expect(line.contains("topic readwrite presence/#"), "\(bridge.errors)")
            #expect(bridge.count("add to its ACL") == 1, "\(bridge.errors)")
        }
    }

    @Test(
        "A broker that has no uptime is told from a right that is missing",
        arguments: [true, false]
    )
    func noUptime(_ isWatched: Bool) async throws {
        let service = try await Service.start(
            ["broker_restart": isWatched ? "auto" : "never"]
        ) { $0.extra = "sys_interval 0" }
        defer { service.end() }
        let bridge = try #require(service.bridgeProcess)
        #expect(bridge.count("sys_interval") == (isWatched ? 1 : 0))
        #expect(bridge.count("broker_restart never") == (isWatched ? 1 : 0))
        #expect(bridge.count(" error ") == (isWatched ? 1 : 0), "\(bridge.errors)")
    }

    @Test("With the shipped ACL no right is missing, and nothing is wrong")
    func noComplaint() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let bridge = try #require(service.bridgeProcess)
        // What the bridge tries at its connection has been answered before its first metrics.
        let monitor = try await service.monitor("presence/bridge/+/metrics/uptime")
        _ = try await monitor.expect { $0.text != "0" }
        #expect(bridge.count(" error ") + bridge.count(" warning ") == 0, "\(bridge.errors)")
    }

    @Test("A certificate by an authority that is not trusted is refused in words")
    func wrongAuthority() async throws {
        let stranger = try await Broker.start(BrokerOptions { $0.tls = true })
        defer { stranger.kill() }
        let service = try await Service.start(startsBridge: false) { $0.tls = true }
        defer { service.end() }
        let port = try #require(service.broker.tlsPort)
        try await service.startBridge(
            ["port": "\(port)", "cafile": stranger.certificateAuthority],
            waits: false
        )
        let bridge = try #require(service.bridgeProcess)
        let line = try await bridge.line(with: "error", "TLS", "certificate")
        #expect(line.contains("127.0.0.1:\(port)"))
        try await bridge.terminate()
        try await service.startBridge(["cafile": service.broker.certificateAuthority])
    }

    @Test("Where every call is hung up on, MQTT 3.1.1 is tried in between, and given up again")
    func hangsUp() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let relay = try Relay(to: nil)
        try await service.startBridge(["port": "\(relay.port)"], waits: false)
        let bridge = try #require(service.bridgeProcess)
        try await eventually("nine calls", within: .seconds(30), log: bridge.errors) {
            relay.levels.count >= 9 ? true : nil
        }
        #expect(relay.levels.prefix(9) == [5, 5, 5, 4, 5, 5, 5, 4, 5])
        // Each is said once, however often it is tried.
        #expect(bridge.count("neither with MQTT 5 nor with MQTT 3.1.1") == 1)
        #expect(bridge.count("error") == 2)
    }

    @Test("A broker that never answers MQTT 5 is spoken to in MQTT 3.1.1")
    func silent() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let relay = try Relay(to: service.broker.port, .silent)
        try await service.startBridge(["port": "\(relay.port)"], waits: false)
        let bridge = try #require(service.bridgeProcess)
        // Two calls that stay unanswered take 10 s each.
        try await eventually("MQTT 3.1.1", within: .seconds(60), log: bridge.errors) {
            bridge.errors.contains("with MQTT 3.1.1") ? true : nil
        }
        #expect(relay.levels == [5, 5, 4])
        #expect(bridge.count("it does not answer") == 1, "\(bridge.errors)")
        try await service.bridgeState { $0["state"]?.string == "online" }
        let bob = try await service.device("bob", "phone", version: .v311)
        try await service.status(of: "bob", is: "online")
        keep(bob)
    }

    @Test("A broker that speaks only MQTT 3.1.1 is spoken to in it")
    func olderProtocol() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let relay = try Relay(to: service.broker.port)
        try await service.startBridge(["port": "\(relay.port)"])
        let bridge = try #require(service.bridgeProcess)
        #expect(relay.levels == [5, 4])
        try await bridge.line(with: "warning", "MQTT 3.1.1")

        let alice = try await service.client("alice", version: .v311)
        try await service.subscribe(alice, to: "bob")
        let bob = try await service.device("bob", "phone", version: .v311)
        try await service.status(of: "bob", is: "online")
        _ = try await alice.events(upTo: "bob", word: "online")
        let modern = try await service.client("carol")
        try await modern.publish("presence/request/carol/test/get", #"{"usernames":["bob"]}"#)
        let answer = try await modern.expect("presence/response/carol/test").json
        #expect(answer["result"]?["users"]?[0]?["online"]?.bool == true)
        await bob.dropConnection()
        let lost = try await alice.events(upTo: "bob", word: "offline")
        #expect(lost.last?["cause"]?.string == "lost")

        // What a device clears itself, and what the bridge clears, is told apart.
        let dave = try await service.device("dave", "phone")
        try await service.status(of: "dave", is: "online")
        try await dave.state("")
        try await service.status(of: "dave") { $0["cause"]?.string == "logout" }
        try await dave.state("away")
        try await service.status(of: "dave", is: "away")
    }
}
