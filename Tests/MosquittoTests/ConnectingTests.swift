import BrokerFixture
import Foundation
import Testing

@testable import Mosquitto

@Suite("Connecting")
struct ConnectingTests {
    @Test(
        "Both versions of MQTT connect, publish and receive",
        .broker,
        arguments: ProtocolVersion.allCases
    )
    func bothVersions(_ version: ProtocolVersion) async throws {
        let client = try await TestClient.connect(to: Broker.current, version: version)
        try await client.subscribe("a/+")
        try await client.publish("a/b", "hello")
        let message = try await client.expect("a/b")
        #expect(message.text == "hello")
        #expect(message.qos == 1)
        #expect(!message.retain)
        try await client.disconnect()
        #expect(try await client.closure() == .byUs)
    }

    @Test("The library names its version")
    func version() {
        #expect(MosquittoLibrary.version.split(separator: ".").count == 3)
        #expect(MosquittoLibrary.version.hasPrefix("2."))
    }

    @Test(
        "A wrong password is refused in words",
        .broker { $0.users = ["alice": "secret"] },
        arguments: ProtocolVersion.allCases
    )
    func wrongPassword(_ version: ProtocolVersion) async throws {
        let broker = try Broker.current
        let right = try await TestClient.connect(
            to: broker,
            username: "alice",
            password: "secret",
            version: version
        )
        try await right.disconnect()
        var options = ConnectionOptions(clientID: "wrong", host: broker.host, port: broker.port)
        options.protocolVersion = version
        options.username = "alice"
        options.password = "Secret"
        let wrong = try TestClient(options)
        wrong.begin()
        let refusal = try await wrong.refusal()
        #expect(refusal == .notAuthorized)
        #expect("\(refusal)".contains("password"))
        // The refusal is the last that is heard of it.
        await #expect(throws: FixtureError.self) { try await wrong.closure(timeout: .seconds(1)) }
    }

    @Test("Where nobody listens the closure says so")
    func nobodyListens() async throws {
        let reserved = try ReservedPort()
        defer { withExtendedLifetime(reserved) {} }
        let port = reserved.port
        let client = try TestClient(
            ConnectionOptions(clientID: "a", host: "127.0.0.1", port: port)
        )
        client.begin()
        let closure = try await client.closure()
        #expect(closure == .unreachable("127.0.0.1 port \(port): Connection refused"))
    }

    @Test("A Unix socket that is not there is unreachable")
    func noSocket() async throws {
        let client = try TestClient(
            ConnectionOptions(clientID: "a", host: "/tmp/there-is-no-such-socket")
        )
        client.begin()
        let closure = try await client.closure()
        #expect(
            closure == .unreachable("/tmp/there-is-no-such-socket: No such file or directory")
        )
    }

    @Test("A host that does not exist is not found")
    func noHost() async throws {
        let client = try TestClient(
            ConnectionOptions(clientID: "a", host: "no-such-host.invalid")
        )
        client.begin()
        let closure = try await client.closure(timeout: .seconds(30))
        guard case .hostNotFound(let words) = closure else {
            Issue.record("expected hostNotFound, got \(closure)")
            return
        }
        #expect(words.hasPrefix("no-such-host.invalid: "))
    }

    @Test("An address that never answers does not block the thread")
    func blackHole() throws {
        // An address that is reserved for documentation: nobody has it.
        let options = ConnectionOptions(clientID: "a", host: "203.0.113.1", port: 1883)
        let connection = try Connection(options)
        let begin = ContinuousClock.now
        try connection.connect()
        #expect(ContinuousClock.now - begin < .seconds(2))
        connection.write()
        connection.read()
        #expect(!connection.isConnected)
    }

    @Test("An address that refuses is followed by the next one", .broker)
    func nextAddress() async throws {
        let broker = try Broker.current
        let client = try TestClient(
            ConnectionOptions(clientID: "next", host: "a.name", port: broker.port)
        )
        client.begin { try $0.connect(to: ["127.0.0.2", "127.0.0.3", "127.0.0.1"]) }
        try await client.wait("the third accepts", timeout: .seconds(10)) { $0.acknowledgement }
        try await client.disconnect()
    }

    @Test("A host name leads to the broker", .broker)
    func hostName() async throws {
        let broker = try Broker.current
        let client = try await TestClient.connect(to: broker) { $0.host = "localhost" }
        try await client.disconnect()
    }

    @Test("A Unix socket leads to the broker", .broker { $0.unixSocket = true })
    func unixSocket() async throws {
        let broker = try Broker.current
        let client = try TestClient(
            ConnectionOptions(clientID: "unix", host: broker.socketPath)
        )
        try await client.connect()
        try await client.subscribe("a")
        try await client.publish("a", "over a file")
        #expect(try await client.expect("a").text == "over a file")
        try await client.disconnect()
    }

    @Test(
        "The acknowledgement carries the broker's limits",
        .broker { $0.extra = "max_packet_size 2000\nmax_keepalive 30\nmax_inflight_messages 7" }
    )
    func limits() async throws {
        let broker = try Broker.current
        let client = try TestClient(
            ConnectionOptions(clientID: "", host: broker.host, port: broker.port)
        )
        let acknowledgement = try await client.connect()
        #expect(acknowledgement.maximumPacketSize == 2000)
        #expect(acknowledgement.serverKeepAlive == 30)
        #expect(acknowledgement.receiveMaximum == 7)
        #expect(acknowledgement.assignedClientID?.isEmpty == false)
        #expect(acknowledgement.retainAvailable)
        #expect(!acknowledgement.sessionPresent)
    }

    @Test("Options out of range are refused with the right range")
    func badOptions() {
        var options = ConnectionOptions(clientID: "a", host: "localhost")
        options.keepAlive = 3
        #expect(
            throws: MosquittoError.invalidOption(
                "the keep-alive is 0 or 5 to 65,535 seconds; this is 3"
            )
        ) {
            try Connection(options)
        }
        options.keepAlive = 30
        options.clientID = "a\0b"
        #expect(throws: MosquittoError.self) { try Connection(options) }
        options.clientID = "a"
        options.port = 0
        #expect(throws: MosquittoError.self) { try Connection(options) }
        options.port = 1883
        options.will = Message(topic: "a/#", payload: "no")
        #expect(throws: MosquittoError.self) { try Connection(options) }
        options.will = nil
        #expect(throws: Never.self) { try Connection(options) }
    }
}
