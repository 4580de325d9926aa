import PresenceClient
import Testing

@testable import PresenceCommand

@Suite("The settings")
struct SettingsTests {
    private func options(
        flags: [Setting: String] = [:],
        environment: [String: String] = [:],
        file: String = ""
    ) throws -> ClientOptions {
        let file = try SettingsFile(path: "presence.conf", text: file)
        let given = GivenSettings(flags: flags, environment: environment, file: file)
        return try ClientOptions(given, device: "here")
    }

    @Test("A flag stands over the environment, the environment over the file")
    func order() throws {
        let file = "# mine\n  host  file.example \nport 1\n\nusername file\r\npassword a b\n"
        let environment = ["PRESENCE_PORT": "2", "PRESENCE_USERNAME": "env", "PRESENCE_ID": ""]
        let options = try options(flags: [.username: "flag"], environment: environment, file: file)
        #expect(options.host == "file.example")
        #expect(options.port == 2)
        #expect(options.username == "flag")
        #expect(options.password == "a b")
        #expect(options.device == "here")
        #expect(options.tls == nil)
    }

    @Test("Without settings it is the broker of this machine; TLS has its own port")
    func defaults() throws {
        let plain = try options(flags: [.username: "u"])
        #expect(plain.host == "localhost" && plain.port == 1_883)
        #expect(plain.topicPrefix == "presence")
        let encrypted = try options(flags: [.username: "u", .cafile: "/dev/null"])
        #expect(encrypted.port == 8_883)
        #expect(encrypted.tls?.certificateAuthorityFile == "/dev/null")
    }

    @Test(
        "A mistake in the file is named with its line",
        arguments: [
            (
                "hots x",
                "presence.conf:1: hots: unknown key; there are host, port, username, password, "
                    + "id, cafile, prefix, timeout"
            ),
            ("\nhost", "presence.conf:2: host: has no value"),
            ("host a\nhost b", "presence.conf:2: host: stands in line 1 already"),
            (
                "username u\nport x",
                "presence.conf:2: port: 'x' is no port; allowed: 1 to 65535"
            ),
            ("username u\ntimeout 5y", "presence.conf:2: timeout: '5y' is \(Lifetime.rule)"),
        ]
    )
    func mistakes(file: String, words: String) {
        #expect(throws: UsageError(words)) { try options(file: file) }
    }

    @Test("A mistake elsewhere is named with its place")
    func places() {
        #expect(throws: UsageError("PRESENCE_PORT: '0' is no port; allowed: 1 to 65535")) {
            try options(flags: [.username: "u"], environment: ["PRESENCE_PORT": "0"])
        }
        #expect(throws: UsageError("--cafile: '/missing.pem' cannot be read")) {
            try options(flags: [.username: "u", .cafile: "/missing.pem"])
        }
        #expect(throws: UsageError.self) { try options() }
        #expect(throws: UsageError.self) { try options(flags: [.username: "u", .prefix: "a//b"]) }
    }

    @Test(
        "The name of a machine is made fit",
        arguments: [("desk.example.org", "desk"), ("a/b+c", "a-b-c"), ("", "terminal")]
    )
    func device(host: String, name: String) {
        #expect(DeviceName.fit(host) == name)
    }

    @Test("The file is looked for where the system keeps such files")
    func path() {
        #expect(SettingsFile.usualPath(["HOME": "/home/a"]) == "/home/a/.config/presence.conf")
        let both = ["HOME": "/home/a", "XDG_CONFIG_HOME": "/etc/a"]
        #expect(SettingsFile.usualPath(both) == "/etc/a/presence.conf")
    }

    @Test("Each kind of failure has a code of its own")
    func codes() {
        let codes: [(any Error, Int32?)] = [
            (PresenceError.refused(code: "forbidden", message: "no", retryAfter: nil), 1),
            (UsageError("x"), 2), (PresenceError.invalidOption("x"), 2),
            (PresenceError.cannotConnect("x"), 3), (PresenceError.notAuthorized(topic: "x"), 3),
            (PresenceError.connectionRefused(.badCredentials), 3),
            (PresenceError.noAnswer(operation: "get", bridgeIsAway: true), 4),
            (CancellationError(), nil),
        ]
        for (error, code) in codes { #expect(Outcome(error)?.code.rawValue == code) }
    }
}
