import BrokerFixture
import Foundation
import Presence
import Testing

@Suite("What goes wrong by HTTP")
struct HTTPFaultTests {
    @Test("Bad input is answered with a problem, and nothing is the worse for it")
    func badInput() async throws {
        let (service, http) = try await Service.startWithHTTP()
        defer { service.end() }
        let wrong = try await http.call("GET", "/v1/users/bob", token: "presence_0")
        #expect(wrong.status == 401)
        #expect(wrong.fields["www-authenticate"] == "Bearer")
        #expect(try await http.call("GET", "/v1/users/%00").code == "invalid_username")
        #expect(try await http.call("GET", "/v1/users/%zz").code == "malformed_request")
        #expect(try await http.call("GET", "/v2").status == 404)
        let deep = String(repeating: "[", count: 10_000)
        let query = try await http.call("POST", "/v1/users/query", body: deep)
        #expect(query.code == "malformed_request")
        let long = String(repeating: " ", count: 1 << 20) + "{}"
        for extra in [[], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"]] {
            let large = try await http.call("POST", "/v1/users/query", body: long, extra: extra)
            #expect(large.status == 413)
            #expect(large.code == "payload_too_large")
        }
        let fits = String(repeating: " ", count: (1 << 20) - 21) + #"{"usernames":["bob"]}"#
        let query1 = try await http.call("POST", "/v1/users/query", body: fits)
        #expect(query1.status == 200)
        let folder = try TemporaryFolder()
        // A command line has no room for a mebibyte.
        let fields = (0..<200).map { "X-\($0): " + String(repeating: "a", count: 5_000) }
        let path = try folder.write(fields.joined(separator: "\n"), to: "fields")
        let heads = try await http.call("GET", "/livez", extra: ["-H", "@" + path])
        #expect(heads.status == 431)
        #expect(heads.code == "payload_too_large")
        #expect(try await http.call("GET", "/readyz").status == 200)
    }

    @Test("What is no HTTP is told so, and cut off")
    func noHTTP() async throws {
        let (service, http) = try await Service.startWithHTTP()
        defer { service.end() }
        let port = http.port
        let answer = try await offPool { () -> String in
            guard let descriptor = Ports.connect(port) else { throw FixtureError("refused") }
            defer { close(descriptor) }
            let hello = Array("HELO bridge\r\n\r\n".utf8)
            guard send(descriptor, hello, hello.count, Int32(MSG_NOSIGNAL)) > 0 else {
                throw FixtureError("closed")
            }
            var answer: [UInt8] = []
            var room = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = recv(descriptor, &room, room.count, 0)
                guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
                answer += room[..<count]
            }
        }
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.contains("malformed_request"))
    }

    @Test(
        "A port that is taken, a file that others can read and one that is not there end the start"
    )
    func starts() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let folder = service.broker.folder
        let (descriptor, port) = try Ports.listen()
        defer { close(descriptor) }
        let open = try folder.write("", to: "open")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: open)
        for (flags, words, code) in [
            (["http_listen": "127.0.0.1:\(port)"], "another program listens there already", 1),
            (["http_listen": "127.0.0.1:0", "http_tokens": open], "others can read it", 2),
            (
                ["http_listen": "127.0.0.1:0", "http_tokens": folder.file("none")],
                folder.file("none"), 2
            ),
        ] as [([String: String], String, Int32)] {
            let bridge = try service.launch(flags)
            #expect(try await bridge.wait() == .code(code))
            #expect(bridge.errors.contains(words), "\(bridge.errors)")
        }
    }

    @Test("SIGHUP reads the tokens again; a file that is not taken leaves the old ones")
    func reload() async throws {
        let (service, http) = try await Service.startWithHTTP()
        defer { service.end() }
        let bridge = try #require(service.bridgeProcess)
        let path = service.broker.folder.file("tokens")
        let lines = service.broker.folder.read("tokens")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        kill(bridge.pid, SIGHUP)
        try await bridge.line(with: "the old tokens stay", "others can read it")
        #expect(try await http.call("GET", "/v1/users/bob").status == 200)
        let reader = lines.split(separator: "\n").filter { $0.hasPrefix("reader") }
        try Data(reader.joined().utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        kill(bridge.pid, SIGHUP)
        try await bridge.line(with: "again: 1 tokens")
        #expect(try await http.call("GET", "/v1/users/bob").status == 401)
        #expect(try await http.call("GET", "/v1/users/bob", token: "reader").status == 200)
    }

    @Test("A Unix socket serves as well, and one that is left over is replaced")
    func socket() async throws {
        let (service, http) = try await Service.startWithHTTP(socket: true)
        defer { service.end() }
        #expect(try await http.call("GET", "/v1/users/bob").status == 200)
        let path = service.broker.folder.file("http.sock")
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o660)
        // Another program is there: it is not driven out.
        let other = try service.launch(["http_listen": path, "store": ":memory:"])
        #expect(try await other.wait() == .code(1))
        #expect(other.errors.contains("another program does already"))
        try await service.killBridge()
        #expect(FileManager.default.fileExists(atPath: path))
        try await service.startBridge()
        _ = try await service.bridgeProcess?.line(with: "HTTP on")
        #expect(try await http.call("GET", "/v1/users/bob").status == 200)
        try await service.stopBridge()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("Past the limit of connections one more waits until another ends")
    func connections() async throws {
        let (service, http) = try await Service.startWithHTTP(["http_connections": "2"])
        defer { service.end() }
        let held = [Ports.connect(http.port), Ports.connect(http.port)].compactMap(\.self)
        #expect(held.count == 2)
        async let waiting = http.call("GET", "/livez", token: nil)
        for descriptor in held { close(descriptor) }
        #expect(try await waiting.status == 200)
    }

    @Test("The bridge ends in order while clients hold connections, idle ones and half-way ones")
    func end() async throws {
        let (service, http) = try await Service.startWithHTTP()
        defer { service.end() }
        let held = (0..<20).compactMap { _ in Ports.connect(http.port) }
        defer { for descriptor in held { close(descriptor) } }
        for (index, descriptor) in held.enumerated() where index % 2 == 0 {
            let start = Array(
                "POST /v1/users/query HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{".utf8
            )
            _ = send(descriptor, start, start.count, Int32(MSG_NOSIGNAL))
        }
        #expect(try await http.call("GET", "/livez", token: nil).status == 200)
        let start = ContinuousClock.now
        try await service.stopBridge()
        #expect(ContinuousClock.now - start < .seconds(8))
    }

    @Test("The command makes tokens, and says what is wrong with a name or a scope")
    func command() async throws {
        let (secret, line) = try await Service.token("shop", ["read", "write"])
        #expect(line.hasPrefix("shop read,write "))
        #expect(!line.contains(secret))
        for (words, fault) in [
            (["token"], "NAME"), (["token", "shop"], "SCOPE"),
            (["token", "a b", "read"], "NAME has"),
            (["token", "shop", "reed"], "'reed' is no scope"),
        ] {
            let command = try Child(Service.executable, words)
            #expect(try await command.wait() == .code(2))
            #expect(command.errors.contains(fault), "\(command.errors)")
        }
    }
}
