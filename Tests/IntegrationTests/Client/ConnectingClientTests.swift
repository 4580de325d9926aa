import BrokerFixture
import Glibc
import Logging
import Presence
import ServiceLifecycle
import Testing

@testable import PresenceClient

@Suite("Connecting a client in Swift")
struct ConnectingClientTests {
    @Test("A wrong password, nobody there, and names that are none are told apart")
    func failures() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        var wrong = service.options("alice")
        wrong.password = "guess"
        let refused = try PresenceClient(wrong)
        await #expect(throws: PresenceError.connectionRefused(.notAuthorized)) {
            try await refused.connect()
        }
        var nowhere = service.options("alice")
        let reserved = try ReservedPort()
        defer { withExtendedLifetime(reserved) {} }
        nowhere.port = reserved.port
        let alone = try PresenceClient(nowhere)
        await #expect {
            try await alone.connect()
        } throws: { error in
            if case PresenceError.cannotConnect = error { true } else { false }
        }
        await #expect(throws: PresenceError.notConnected) { try await alone.onlineCount() }
        #expect(throws: PresenceError.self) {
            try PresenceClient(service.options("alice", "no/name"))
        }
        var short = service.options("alice")
        short.ttl = .seconds(1)
        #expect(throws: PresenceError.self) { try PresenceClient(short) }
    }

    @Test("A broker that never answers is given up in time, and so is a wait that is cancelled")
    func patience() async throws {
        let (descriptor, port) = try Ports.listen()
        defer { close(descriptor) }
        var options = ClientOptions(
            host: "127.0.0.1",
            port: port,
            username: "alice",
            device: "test"
        )
        options.connectTimeout = .milliseconds(300)
        let client = try PresenceClient(options)
        let words = "the broker did not answer within \(options.connectTimeout)"
        let begun = ContinuousClock.now
        await #expect(throws: PresenceError.cannotConnect(words)) { try await client.connect() }
        #expect(ContinuousClock.now - begun >= options.connectTimeout)
        options.connectTimeout = .seconds(60)
        let patient = try PresenceClient(options)
        let waiting = Task { try await patient.connect() }
        try await eventually("it waits") { await patient.isConnecting ? true : nil }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(await !patient.isConnecting)
    }

    @Test("It works over TLS, over a Unix socket, and with MQTT 3.1.1")
    func transports() async throws {
        let service = try await Service.start(broker: {
            $0.tls = true
            $0.unixSocket = true
        })
        defer { service.end() }
        let broker = service.broker
        let older = try await service.presence("alice", "older") { $0.protocolVersion = .v311 }
        let secure = try await service.presence("bob", "secure") { options in
            options.host = "localhost"
            options.port = broker.tlsPort ?? 0
            options.tls = TLSOptions(certificateAuthorityFile: broker.certificateAuthority)
        }
        let near = try await service.presence("carol", "near") { options in
            options.host = broker.socketPath
        }
        for client in [older, secure, near] {
            #expect(try await client.status(of: "nobody").seq == 0)
            await client.close()
        }
    }

    @Test("A question that is cancelled ends at once, and another one is answered")
    func cancelling() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let alice = try await service.presence("alice")
        try await service.killBridge()
        let asking = Task { try await alice.onlineCount() }
        try await eventually("it is asked") { await alice.state.requests.isEmpty ? nil : true }
        asking.cancel()
        await #expect(throws: CancellationError.self) { try await asking.value }
        let later = Task { try await alice.onlineCount() }
        try await service.startBridge()
        #expect(try await later.value >= 0)
        await alice.close()
    }

    @Test("Past the rate a question waits until it may be asked")
    func rate() async throws {
        let service = try await Service.start(["request_rate": "1", "request_burst": "5"])
        defer { service.end() }
        let answers = try await service.monitor("presence/response/alice/#")
        let alice = try await service.presence("alice")
        // Two are spent by catching up, and in the time of a second each comes one more.
        for _ in 0..<6 { _ = try await alice.status(of: "bob") }
        let refused = try await answers.expect { $0.text.contains(#""code":"rate_limited""#) }
        #expect(try refused.json["error"]?["retryAfter"]?.integer ?? 0 >= 1)
        for _ in 0..<6 {
            _ = try await answers.expect { $0.text.contains(#""operation":"get","result""#) }
        }
        await alice.close()
    }

    @Test("As a service it is online until the group shuts down, and then logs out")
    func lifecycle() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let client = try PresenceClient(service.options("dave"))
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: client)],
                logger: Logger(label: "test")
            )
        )
        let running = Task { try await group.run() }
        try await service.status(of: "dave", is: "online")
        await group.triggerGracefulShutdown()
        try await running.value
        let status = try await service.status(of: "dave", is: "offline")
        #expect(status["cause"]?.string == "logout")
    }

    @Test("What the bridge refuses of the device's own word comes with the updates")
    func deviceRefused() async throws {
        let service = try await Service.start(["max_devices": "1"])
        defer { service.end() }
        let first = try await service.presence("alice", "first")
        try await service.status(of: "alice", is: "online")
        let client = try PresenceClient(service.options("alice", "second"))
        let updates = client.updates()
        try await client.connect()
        let code = try await updates.first("the refusal") { update -> ErrorCode? in
            guard case .deviceRefused(let error) = update else { return nil }
            return error.code
        }
        #expect(code == .tooManyDevices)
        await client.close()
        await first.close()
    }
}
