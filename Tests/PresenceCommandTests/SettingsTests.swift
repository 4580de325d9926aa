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
                    + "id, cafile, prefix, timeout, url, token"
            ),
            ("\nhost", "presence.conf:2: host: has no value"),
            ("host a\nhost b", "presence.conf:2: host: stands in line 1 already"),
            (
                "username u\nport x",
                "presence.conf:2: port: 'x' is no port; allowed: 1 to 65535"
            ),
            ("username u\ntimeout 5y", "presence.conf:2: timeout: '5y' is \(Lifetime.rule)"),
            ("username u\ntimeout 2d", "presence.conf:2: timeout: '2d' is too long; 1d at most"),
            (
                "username u\nhost localhost:1990",
                "presence.conf:2: host: 'localhost:1990' has a port in it, and is to be a name or "
                    + "an address alone; give them one by one: host localhost, port 1990"
            ),
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
        let rule = "topic levels separated by '/', without '+', '#', and no '$' in front"
        #expect(throws: UsageError("--prefix: 'a//b' has an empty level; allowed: \(rule)")) {
            try options(flags: [.username: "u", .prefix: "a//b"])
        }
        #expect(throws: UsageError.self) {
            try options(flags: [.username: "u", .prefix: "a\u{7}"])
        }
    }

    @Test(
        "A scheme or a port in the host is told, with what to write",
        arguments: [
            ("localhost", nil), ("::1", nil), ("fe80::1", nil), ("/run/mqtt:1.sock", nil),
            ("broker:", nil), ("localhost:1990", "host localhost, port 1990"),
            ("[::1]:1990", "host ::1, port 1990"), ("mqtt://b", "host b"),
            ("mqtts://b:8883/x", "host b, port 8883, and cafile for TLS"),
        ]
    )
    func host(text: String, words: String?) {
        let fault = HostAddress.fault(of: text)
        #expect((fault == nil) == (words == nil))
        #expect(fault?.hasSuffix(": " + (words ?? "")) ?? true, "\(fault ?? "")")
    }

    @Test("A password is typed key by key, with slips taken back")
    func password() {
        var typed = TypedPassword()
        for key in Array("ab\u{7F}ß\u{8}cé\u{1B}".utf8) {
            let end = typed.type(key)
            #expect(end == nil)
        }
        #expect(typed.text == "acé")
        let ends = [typed.type(0x0D), typed.type(0x03), typed.type(0x15)]
        #expect(ends == [.done, .interrupted, nil])
        #expect(typed.text == nil)
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
            (PresenceError.notSubscribed(topic: "x", reason: "y"), 3),
            (ConnectedClient.NoPassword(username: "u"), 3),
            (PresenceError.noAnswer(operation: "get", bridgeIsAway: true), 4),
            (CancellationError(), nil),
        ]
        for (error, code) in codes { #expect(ExitStatus(error)?.code.rawValue == code) }
    }
}
