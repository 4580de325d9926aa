import Foundation
import Presence
import PresenceCore
import Testing

@testable import PresenceBridge

@Suite("Mistakes in a configuration")
struct MistakeTests {
    private let sample: ConfigurationSample

    init() throws {
        sample = try ConfigurationSample()
    }

    @Test(
        "A line that cannot be is told with line, key, and what is allowed",
        arguments: [
            ("max_device 3", "max_device: unknown key; did you mean 'max_devices'?"),
            ("Offline-Grace 3", "Offline-Grace: unknown key; did you mean 'offline_grace'?"),
            ("colour red", "colour: unknown key; --help lists them all"),
            ("port=12", "port=12: unknown key; write 'port VALUE', with a blank between the two"),
            ("port", "port: has no value; allowed: 1 to 65535"),
            ("port  \t", "port: has no value; allowed: 1 to 65535"),
            ("port 1x", "port: '1x' is not a whole number; allowed: 1 to 65535"),
            ("port 1.5", "port: '1.5' is not a whole number; allowed: 1 to 65535"),
            ("port 0", "port: '0' is out of range; allowed: 1 to 65535"),
            ("port -1", "port: '-1' is out of range; allowed: 1 to 65535"),
            ("port 65536", "port: '65536' is out of range; allowed: 1 to 65535"),
            (
                "port 99999999999999999999",
                "port: '99999999999999999999' is out of range; allowed: 1 to 65535"
            ),
            (
                "max_watchers -1",
                "max_watchers: '-1' is out of range;"
                    + " allowed: 0 (no limit) or 1 to 100000000 watchers"
            ),
            (
                "offline_grace 5x",
                "offline_grace: '5x' is not a duration such as 100ms, 3s, 5m, 12h or 30d"
                    + " (a bare number is seconds); allowed: a duration, 0 to 1d"
            ),
            (
                "offline_grace -1s",
                "offline_grace: '-1s' is out of range; allowed: a duration, 0 to 1d"
            ),
            (
                "keepalive 5500ms",
                "keepalive: '5500ms' is not in whole seconds; allowed: whole seconds, 5s to 65535s"
            ),
            (
                "audit_interval 10ms",
                "audit_interval: '10ms' is out of range; allowed: a duration, 0 (never) or 1s to 30d"
            ),
            ("tls_insecure yes", "tls_insecure: 'yes' is neither; allowed: true or false"),
            ("broker_restart off", "broker_restart: 'off' is neither; allowed: auto or never"),
            ("store_sync FULL", "store_sync: 'FULL' is none of them; allowed: full or normal"),
            (
                "log_level loud",
                "log_level: 'loud' is none of them;"
                    + " allowed: trace, debug, info, notice, warning, error or critical"
            ),
            (
                "allow_online alice,b#b",
                "allow_online: 'alice,b#b' names 'b#b', which is no user name;"
                    + " allowed: true, false, or user names separated by spaces or commas"
            ),
            (
                "allow_online yes",
                "allow_online: 'yes' is neither 'true' nor 'false'; a user of that name is written"
                    + " with a comma behind it, 'yes,';"
                    + " allowed: true, false, or user names separated by spaces or commas"
            ),
            (
                "allow_online alice, TRUE",
                "allow_online: 'alice, TRUE' has 'TRUE', which is neither 'true' nor 'false'; a user"
                    + " of that name is written with a comma behind it, 'TRUE,';"
                    + " allowed: true, false, or user names separated by spaces or commas"
            ),
            (
                "host \"localhost\"",
                "host: '\"localhost\"' has quotation marks; a value stands without them;"
                    + " allowed: a name, an address, or the absolute path of a Unix socket"
            ),
            (
                "allow_online alice true",
                "allow_online: 'alice true' mixes 'true' with user names;"
                    + " allowed: true, false, or user names separated by spaces or commas"
            ),
            (
                "allow_online ,",
                "allow_online: ',' names no user;"
                    + " allowed: true, false, or user names separated by spaces or commas"
            ),
            (
                "store a\u{7}b",
                "store: the value has a control character; allowed: the path of a file, ':memory:', or"
                    + " postgresql://USER@HOST:PORT/DATABASE"
            ),
            (
                "bridge_id a/b",
                "bridge_id: 'a/b' cannot be a level of a topic;"
                    + " allowed: 1 to 128 bytes without '/', '+', '#', and no '$' in front"
            ),
            ("password \0", "password: the value is out of range; allowed: up to 65535 bytes"),
        ]
    )
    func line(text: String, expected: String) throws {
        #expect(try sample.problems("\n\(text)\n") == ["bridge.conf:2: \(expected)"])
    }

    @Test(
        "A host is a name, an address or an absolute path",
        arguments: [
            ("mqtt://broker", "is neither a name, nor an address, nor an absolute path"),
            ("run/m.sock", "is neither a name, nor an address, nor an absolute path"),
            ("two words", "is neither a name, nor an address, nor an absolute path"),
            ("broker:1883", "is not a name; a port has its own key, 'port'"),
        ]
    )
    func host(text: String, reason: String) throws {
        let allowed = "allowed: a name, an address, or the absolute path of a Unix socket"
        let expected = "bridge.conf:1: host: '\(text)' \(reason); \(allowed)"
        #expect(try sample.problems("host \(text)") == [expected])
        #expect(try sample.problems("host ::1").isEmpty)
        let path = "/" + String(repeating: "a", count: 106)
        #expect(try sample.problems("host \(path)").isEmpty)
        #expect(try sample.problems("host \(path)a").count == 1)
    }

    @Test(
        "A topic prefix has levels and nothing else",
        arguments: [
            ("/a", "has an empty level"), ("a/", "has an empty level"),
            ("a//b", "has an empty level"),
            ("a/+/b", "has a wildcard"), ("a/#", "has a wildcard"),
            ("a/+\u{301}", "has a wildcard"), ("#\u{301}", "has a wildcard"),
            ("$SYS/x", "begins with '$', which is the broker's own"),
        ]
    )
    func topicPrefix(text: String, reason: String) throws {
        let allowed =
            "allowed: topic levels separated by '/', without '+', '#', and no '$' in front"
        let expected = "bridge.conf:1: topic_prefix: '\(text)' \(reason); \(allowed)"
        #expect(try sample.problems("topic_prefix \(text)") == [expected])
        #expect(try sample.load("topic_prefix a/b c/d").settings.topicPrefix == "a/b c/d")
    }

    @Test("A key that stands twice names both lines")
    func twice() throws {
        #expect(
            try sample.problems("port 1\n\nport 1\nport 2\n") == [
                "bridge.conf:3: port: is already set on line 1; a key stands only once in a file",
                "bridge.conf:4: port: is already set on line 1; a key stands only once in a file",
            ]
        )
    }

    @Test("Every mistake is told, in the order of file, environment and flags")
    func all() throws {
        let problems = try sample.problems(
            "port x\nmax_devicse 1\n",
            arguments: [
                "--max-devics", "3", "--event_qos", "3", "stray", "--port", "--tls_insecure", "-x",
            ],
            environment: [
                "PRESENCE_BRIDGE_PORT": "", "PRESENCE_BRIDGE_MAX_DEVICE": "3",
                "PRESENCE_BRIDGE_ZZZ": "", "PATH": "x",
            ]
        )
        #expect(
            problems == [
                "bridge.conf:1: port: 'x' is not a whole number; allowed: 1 to 65535",
                "bridge.conf:2: max_devicse: unknown key; did you mean 'max_devices'?",
                "environment: PRESENCE_BRIDGE_PORT: has no value; allowed: 1 to 65535",
                "environment: PRESENCE_BRIDGE_MAX_DEVICE: unknown variable;"
                    + " did you mean 'PRESENCE_BRIDGE_MAX_DEVICES'?",
                "environment: PRESENCE_BRIDGE_ZZZ: unknown variable; --help lists all keys",
                "flag: --event_qos: '3' is out of range; allowed: 0 to 1",
                "flag: --port: has no value; allowed: 1 to 65535",
                "flag: --tls_insecure: '-x' is neither; allowed: true or false",
                "flag: --max-devics: unknown flag; did you mean '--max_devices'?",
                "flag: 'stray' is no flag; write --KEY VALUE, or --config FILE for a file",
            ]
        )
    }

    @Test("A password is in no message")
    func password() throws {
        let long = String(repeating: "hunter2", count: 10_000)
        for problems in [
            try sample.problems("password \(long)"),
            try sample.problems(environment: ["PRESENCE_BRIDGE_PASSWORD": long]),
            try sample.problems(arguments: ["--password", long]),
        ] {
            #expect(problems.count == 1)
            #expect(problems.allSatisfy { !$0.contains("hunter2") })
        }
    }

    @Test("A file that cannot be read says why")
    func unreadable() throws {
        func problems(file: String? = nil, environment: [String: String] = [:]) -> [String] {
            let origin = Configuration.Origin(environment: environment, file: file)
            do {
                _ = try Configuration.load(origin)
                return []
            } catch {
                return error.problems.map(\.description)
            }
        }
        let missing = sample.path("missing.conf")
        #expect(
            problems(file: missing) == ["\(missing): cannot be read: No such file or directory"]
        )
        #expect(problems(file: "/") == ["/: cannot be read: Is a directory"])
        #expect(problems(file: "") == ["flag: --config: has no value; allowed: the path of a file"])
        #expect(
            problems(environment: ["PRESENCE_BRIDGE_CONFIG": ""]) == [
                "environment: PRESENCE_BRIDGE_CONFIG: has no value; allowed: the path of a file"
            ]
        )
        let large = try sample.write(Data(repeating: 0x20, count: 1_048_577), as: "large")
        #expect(
            problems(file: large) == [
                "\(large): is longer than 1048576 bytes, which is no configuration file"
            ]
        )
        let binary = try sample.write(Data("port x\nstore \u{e9}\n".utf8.dropLast(2)), as: "bin")
        #expect(
            problems(file: binary) == [
                "\(binary):1: port: 'x' is not a whole number; allowed: 1 to 65535",
                "\(binary):2: the line is not UTF-8",
            ]
        )
    }

    @Test("A default_expiry over max_expiry is told where it stands")
    func expiry() throws {
        #expect(
            try sample.problems("default_expiry 2h\n", arguments: ["--max_expiry", "1h"]) == [
                "bridge.conf:1: default_expiry: is longer than max_expiry (flag), which is 1h"
            ]
        )
        #expect(
            try sample.problems("default_expiry 31d\n") == [
                "bridge.conf:1: default_expiry: is longer than max_expiry (default), which is 30d"
            ]
        )
    }

    @Test("A description must fit in a message")
    func description() throws {
        #expect(
            try sample.problems("max_message 2000\nmax_description 2001\n") == [
                "bridge.conf:2: max_description: 2001 is more than max_message"
                    + " (bridge.conf:1), which is 2000"
            ]
        )
    }

    @Test("password and password_file exclude each other")
    func twoPasswords() throws {
        let path = try sample.write("x", as: "password")
        let problems = try sample.problems(
            "password y\n",
            environment: ["PRESENCE_BRIDGE_PASSWORD_FILE": path]
        )
        #expect(
            problems == [
                "bridge.conf:1: password: excludes password_file (environment):"
                    + " the password comes from one of them"
            ]
        )
    }

    @Test(
        "A password file must hold a password",
        arguments: [Data(), Data("\nx".utf8), Data([0xFF]), Data("a\0".utf8)]
    )
    func passwordFile(content: Data) throws {
        _ = try sample.write(content, as: "pw")
        let problems = try sample.problems("password_file \(sample.path("pw"))\n")
        let path = quoted(sample.path("pw"))
        #expect(problems.count == 1)
        #expect(
            problems.first?.hasPrefix("bridge.conf:1: password_file: the first line of ") == true
        )
        #expect(path.hasSuffix("'"))
    }

    @Test(
        "A word that others take for yes or no is no user, unless a comma says so",
        arguments: [
            "TRUE", "True", "FALSE", "On", "Off", "YES", "no", "all", "All", "everyone", "none",
            "nobody", "1", "0", "*",
        ]
    )
    func switches(word: String) throws {
        for key in ["allow_online", "allow_subscribe_all", "allow_watchers"] {
            let problems = try sample.problems("\(key) \(word)\n")
            let start = "bridge.conf:1: \(key): '\(word)' is neither 'true' nor 'false'; "
            #expect(problems.count == 1)
            #expect(problems.first?.hasPrefix(start) == true, "\(problems)")
            #expect(problems.first?.contains("'\(word),'") == true, "\(problems)")
        }
        let limits = try sample.load("allow_online bob \(word), eve\n").settings.limits
        #expect(limits.allowOnline == .users(Set([word, "bob", "eve"].map { Name(checked: $0) })))
        var settings = Settings()
        settings.limits = limits
        let written = Setting.named("allow_online")?.show(settings) ?? ""
        #expect(try sample.load("allow_online \(written)\n").settings.limits == limits)
    }

    @Test("Port 0 is for Unix sockets alone")
    func portOfSocket() throws {
        let socket = try sample.load("host /run/mosquitto/mosquitto.sock\nport 0\n")
        #expect(socket.settings.broker.port == 0)
        let elsewhere = "bridge.conf:2: port: '0' is out of range; allowed: 1 to 65535"
        #expect(try sample.problems("host localhost\nport 0\n") == [elsewhere])
        #expect(
            try sample.problems(arguments: ["--port", "0"]) == [
                "flag: --port: '0' is out of range; allowed: 1 to 65535"
            ]
        )
    }

    @Test("A file of TLS must hold what its key says")
    func contentOfCertificates() throws {
        let (key, both) = (PEMSample.key, PEMSample.both)
        let certificate = try sample.write(PEMSample.certificate, as: "c.pem")
        func problem(_ content: String, as name: String) throws -> [String] {
            let paths = ["cafile": certificate, "certfile": certificate]
            let path = try sample.write(content, as: "x")
            let own = try sample.write(key, as: "k.pem")
            let lines = paths.merging(["keyfile": own]) { $1 }.merging([name: path]) { $1 }
            let text = lines.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
            return try sample.problems(text.joined())
        }
        for name in ["cafile", "certfile", "keyfile"] { #expect(try problem(both, as: name) == []) }
        let crlf = both.replacing("\n", with: "\r\n")
        for name in ["cafile", "certfile", "keyfile"] { #expect(try problem(crlf, as: name) == []) }
        for content in ["", "no certificate", key, "\u{30}\u{82}"] {
            let wanted =
                "has no certificate in PEM, which begins with '-----BEGIN CERTIFICATE-----'"
            #expect(try problem(content, as: "cafile") == ["bridge.conf:1: cafile: 'x' \(wanted)"])
        }
        #expect(
            try problem(PEMSample.certificate, as: "keyfile") == [
                "bridge.conf:3: keyfile: 'x' has no private key in PEM, which begins with"
                    + " '-----BEGIN PRIVATE KEY-----'"
            ]
        )
        for locked in [PEMSample.lockedKey, PEMSample.olderLockedKey] {
            #expect(
                try problem(locked, as: "keyfile") == [
                    "bridge.conf:3: keyfile: 'x' has a passphrase, and there is nobody to ask for it"
                ]
            )
        }
    }

    @Test("Certificates must be there, and together")
    func certificates() throws {
        #expect(
            try sample.problems("cafile /missing/a\ncertfile /missing/b\nkeyfile /missing/c\n") == [
                "bridge.conf:1: cafile: '/missing/a' cannot be read: No such file or directory",
                "bridge.conf:2: certfile: '/missing/b' cannot be read: No such file or directory",
                "bridge.conf:3: keyfile: '/missing/c' cannot be read: No such file or directory",
            ]
        )
        let path = try sample.write(PEMSample.both, as: "x.pem")
        #expect(
            try sample.problems("cafile \(path)\ncertfile \(path)\n") == [
                "bridge.conf:2: certfile: needs keyfile beside it"
            ]
        )
        #expect(
            try sample.problems("cafile \(path)\nkeyfile \(path)\n") == [
                "bridge.conf:2: keyfile: needs certfile beside it"
            ]
        )
        #expect(
            try sample.problems("keyfile \(path)\ncertfile \(path)\n") == [
                "bridge.conf:2: certfile: needs cafile beside it, which turns TLS on"
            ]
        )
    }
}
