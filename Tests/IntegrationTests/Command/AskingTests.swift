import BrokerFixture
import Foundation
import Presence
import Testing

@Suite("The command line in a script", .service())
struct AskingTests {
    @Test("get shows a table, or the protocol's objects")
    func get() async throws {
        let service = try Service.current
        let bob = try await service.device("bob", "phone", birth: "busy")
        try await service.status(of: "bob", is: "busy")
        let table = try await service.run("alice", "get", "bob", "nobody")
        #expect(table.exit == .code(0))
        #expect(
            table.lines == [
                "NAME    STATUS     DESCRIPTION  DEVICES  SINCE",
                "bob     ● busy                  phone    now",
                "nobody  ○ offline                        never seen",
            ]
        )
        let json = try await service.run("alice", "get", "bob", "nobody", "--json")
        let statuses = try JSONValue.text(json.output.trimmingCharacters(in: .newlines))
        #expect(statuses[0] == (try await service.get("bob", by: service.client("alice", "g"))))
        #expect(statuses[1]?["seq"] == .integer(0))
        keep(bob)
    }

    @Test("Subscriptions are made, listed, and ended")
    func subscriptions() async throws {
        let service = try Service.current
        let none = try await service.run("carol", "subscriptions")
        #expect(none.output.isEmpty && none.errors == "presence: you are subscribed to nobody\n")
        let made = try await service.run("carol", "subscribe", "bob", "alice", "--for", "12h")
        #expect(made.exit == .code(0))
        #expect(made.lines.count == 3 && made.lines[0].hasSuffix("UNTIL"))
        let list = try await service.run("carol", "subscriptions")
        #expect(list.lines.map { $0.split(separator: " ").first } == ["NAME", "alice", "bob"])
        #expect(list.lines[1].hasSuffix("  12 h") || list.lines[1].hasSuffix("  11 h"))
        let watchers = try await service.run("bob", "watchers")
        #expect(watchers.output == "carol\n")
        let ended = try await service.run("carol", "unsubscribe", "bob", "eve")
        #expect(ended.output == "bob\n")
        #expect(ended.errors == "presence: there was no subscription to eve\n")
        let json = try await service.run("carol", "subscriptions", "--json")
        let left = try JSONValue.text(json.output.trimmingCharacters(in: .newlines))
        #expect(left[0]?.object?.keys == ["username", "expires"] && left.array?.count == 1)
        #expect(
            try await service.run("carol", "unsubscribe", "--all", "--json").output
                == "[\"alice\"]\n"
        )
    }

    @Test("online lists names, or counts them")
    func online() async throws {
        let service = try Service.current
        let dave = try await service.device("dave", "phone")
        try await service.status(of: "dave", is: "online")
        #expect(try await service.run("alice", "online").lines.contains("dave"))
        let json = try await service.run("alice", "online", "--json").output
        #expect(
            try JSONValue.text(json.trimmingCharacters(in: .newlines)).strings?.contains("dave")
                == true
        )
        let count = try await service.run("alice", "online", "--count").output
        #expect((Int(count.dropLast()) ?? 0) >= 1)
        keep(dave)
    }

    @Test("What others wrote cannot steer the terminal")
    func hostile() async throws {
        let service = try Service.current
        let evil = "\u{1B}]0;evil\u{7}\u{9B}2J two\nlines"
        #expect(try await service.run("dave", "say", evil).exit == .code(0))
        let table = try await service.run("alice", "get", "dave")
        #expect(table.lines.count == 2)
        #expect(table.output.contains("\u{FFFD}]0;evil\u{FFFD}\u{FFFD}2J two lines"))
        let json = try await service.run("alice", "get", "dave", "--json")
        let isTame = json.output.dropLast().unicodeScalars.allSatisfy {
            $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)
        }
        #expect(isTame)
        let statuses = try JSONValue.text(json.output.trimmingCharacters(in: .newlines))
        #expect(statuses[0]?["description"] == .string(evil))
        #expect(try await service.run("dave", "say", "").exit == .code(0))
    }

    @Test("It comes by TLS and by a Unix socket as well")
    func transports() async throws {
        let service = try await Service.start { options in
            options.tls = true
            options.unixSocket = true
        }
        defer { service.end() }
        let port = String(try #require(service.broker.tlsPort))
        let authority = service.broker.certificateAuthority
        let encrypted = try await service.run(
            "alice",
            "online",
            "--count",
            environment: ["PRESENCE_PORT": port, "PRESENCE_CAFILE": authority]
        )
        #expect(encrypted.output == "0\n", "\(encrypted.errors)")
        let local = try await service.run(
            "alice",
            "online",
            "--count",
            environment: ["PRESENCE_HOST": service.broker.socketPath]
        )
        #expect(local.output == "0\n", "\(local.errors)")
        let foreign = try await service.run(
            "alice",
            "online",
            "--port",
            port,
            "--cafile",
            "/etc/ssl/certs/ca-certificates.crt"
        )
        #expect(foreign.exit != .code(0))
    }

    @Test("A file in the usual place says where to connect and as whom")
    func file() async throws {
        let service = try Service.current
        let folder = try TemporaryFolder()
        try folder.write(
            "# mine\nhost \(service.broker.host)\nport \(service.broker.port)\nusername alice\n"
                + "password alice\n",
            to: "presence.conf"
        )
        let nothing = [
            "PRESENCE_HOST": "", "PRESENCE_PORT": "", "PRESENCE_USERNAME": "",
            "PRESENCE_PASSWORD": "", "XDG_CONFIG_HOME": folder.path,
        ]
        let done = try await service.run("alice", "get", "alice", environment: nothing)
        #expect(done.exit == .code(0))
        #expect(
            done.errors.hasPrefix("presence: warning: \(folder.path)/presence.conf has a password")
        )
        chmod(folder.file("presence.conf"), 0o600)
        let quiet = try await service.run("alice", "get", "alice", environment: nothing)
        #expect(quiet.errors == "presence: alice was never seen; is the name right?\n")
        try folder.write("hots x\n", to: "presence.conf")
        let wrong = try await service.run("alice", "get", "alice", environment: nothing)
        #expect(wrong.exit == .code(2))
        #expect(
            wrong.errors.hasPrefix("presence: \(folder.path)/presence.conf:1: hots: unknown key")
        )
    }
}
