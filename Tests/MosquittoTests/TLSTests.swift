import BrokerFixture
import Mosquitto
import Testing

@Suite("TLS", .broker { $0.tls = true })
struct TLSTests {
    private func options(_ change: (inout ConnectionOptions) -> Void) throws -> ConnectionOptions {
        let broker = try Broker.current
        let port = try #require(broker.tlsPort)
        var options = ConnectionOptions(clientID: "", host: "localhost", port: port)
        options.tls = TLSOptions(certificateAuthorityFile: broker.certificateAuthority)
        change(&options)
        return options
    }

    @Test("A trusted broker is talked to", arguments: ProtocolVersion.allCases)
    func trusted(_ version: ProtocolVersion) async throws {
        let client = try TestClient(options { $0.protocolVersion = version })
        try await client.connect()
        try await client.subscribe("a")
        let large = [UInt8](repeating: 7, count: 1_000_000)
        for _ in 0..<3 { try await client.publish(Message(topic: "a", payload: large, qos: 1)) }
        for _ in 0..<300 { try await client.publish("a", "x", qos: 0) }
        let messages = try await client.expect(303, on: "a")
        #expect(messages.prefix(3).allSatisfy { $0.payload == large })
        try await client.disconnect()
    }

    @Test("A broker of an unknown authority is not trusted")
    func unknownAuthority() async throws {
        let client = try TestClient(options { $0.tls = TLSOptions() })
        client.begin()
        #expect(try await client.closure() == .tls("certificate verify failed"))
    }

    @Test("Where nobody listens the closure says so with TLS, too")
    func nobodyListens() async throws {
        let reserved = try ReservedPort()
        defer { withExtendedLifetime(reserved) {} }
        let port = reserved.port
        let client = try TestClient(options { $0.port = port })
        client.begin()
        let closure = try await client.closure()
        // Newer releases of the library do not lose the system's word.
        let words = ["nobody listens there, or nobody who speaks TLS", "Connection refused"]
        #expect(words.contains { closure == .unreachable("localhost port \(port): \($0)") })
    }

    @Test("A broker that closes during the handshake is lost")
    func closesEarly() async throws {
        let broker = try ScriptedBroker(answers: [], closes: true)
        let client = try TestClient(options { $0.port = broker.options.port })
        client.begin()
        // What it does not read of the handshake makes a reset of its closing.
        switch try await client.closure() {
        case .lost, .tls, .unreachable: break
        case let other: Issue.record("expected a loss, got \(other)")
        }
    }

    @Test("A certificate for another name is not trusted, unless that is wanted")
    func otherName() async throws {
        let client = try TestClient(options { $0.host = "127.1" })
        client.begin()
        guard case .tls(let words) = try await client.closure() else {
            Issue.record("expected a failure of TLS, got \(try await client.closure())")
            return
        }
        // libmosquitto 2.1 does not say that it is the name.
        let isNamed = MosquittoLibrary.version.hasPrefix("2.0")
        let part = isNamed ? "host name verification failed" : "certificate verify failed"
        #expect(words.contains(part))
    }

    @Test("A file of authorities that is not there is an error")
    func missingFile() throws {
        let options = try options { $0.tls?.certificateAuthorityFile = "/nowhere/ca.pem" }
        #expect(throws: MosquittoError.tls("one of these files cannot be read: /nowhere/ca.pem")) {
            try Connection(options)
        }
    }

    @Test("A file of authorities with something else in it ends the connection in words")
    func badFile() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("no certificate", to: "ca.pem")
        let client = try TestClient(options { $0.tls?.certificateAuthorityFile = path })
        client.begin()
        guard case .tls(let words) = try await client.closure() else {
            Issue.record("expected a failure of TLS, got \(try await client.closure())")
            return
        }
        #expect(words.contains("Unable to load CA certificates"))
    }

    @Test("A broker without TLS is not taken for one with it")
    func noTLS() async throws {
        let port = try Broker.current.port
        let client = try TestClient(options { $0.port = port })
        client.begin()
        switch try await client.closure(timeout: .seconds(20)) {
        case .tls, .lost, .unreachable: break
        case let other: Issue.record("expected a failure, got \(other)")
        }
    }
}
