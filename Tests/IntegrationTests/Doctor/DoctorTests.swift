import BrokerFixture
import Foundation
import Presence
import Testing

/// `presence-bridge doctor` where all is as the README says.
@Suite("The doctor where nothing is wrong")
struct DoctorTests {
    /// What no client can find out at such a broker.
    private static let untold: Set<String> = ["bridges", "persistence", "plugin", "user-bridge"]

    /// As root nobody knows what the bridge's user may do with the store.
    private static let ofRoot: Set<String> = geteuid() == 0 ? ["store"] : []

    @Test("Before the first start all is right, and nothing is left behind")
    func beforeFirstStart() async throws {
        let service = try await Service.examined()
        defer { service.end() }
        let report = try await service.doctor(user: "alice", ["--other", "bob"])
        #expect(report.wrong == [], "\(report.output)")
        #expect(report.exit == .code(0), "\(report.errors)")
        if !Service.usesPlugin {
            #expect(report.checks("untold") == Self.untold.union(Self.ofRoot))
        }
        #expect(!FileManager.default.fileExists(atPath: service.storePath))
        #expect(try await service.everythingRetained() == [:])
    }

    @Test("Beside a bridge that runs all is right, and the bridge sees nothing of it")
    func besideBridge() async throws {
        let service = try await Service.examined(startsBridge: true)
        defer { service.end() }
        let bob = try await service.device("bob", "phone")
        try await service.status(of: "bob", is: "online")
        let before = service.bridgeLog
        let retained = try await service.everythingRetained()
        let report = try await service.doctor(user: "alice", ["--other", "bob"])
        #expect(report.wrong == [], "\(report.output)")
        #expect(report.exit == .code(0), "\(report.errors)")
        #expect(report.outcome("bridges") == "sound")
        #expect(report.outcome("user-bridge") == "sound")
        #expect(report.words("store-lock").contains("a bridge has the store open"))
        #expect(report.outcome("store-integrity") == "sound", "\(report.words("store-integrity"))")
        // What a broker drops would have the bridge read everything again.
        #expect(report.words("queue").contains("not tried beside a bridge that serves"))
        #expect(service.bridgeLog == before)
        #expect(try await service.everythingRetained() == retained)
        try await service.status(of: "bob", is: "online")
        #expect(try await service.text(on: "presence/status/alice") == nil)
        keep(bob)
    }

    @Test("With the plugin its version and the broker's clock are told, and nobody comes online")
    func plugin() async throws {
        let service = try await Service.automatic(broker: {
            $0.extra += "\nmax_queued_messages 5000000"
        })
        defer { service.end() }
        let report = try await service.doctor(user: "alice", ["--other", "bob"])
        #expect(report.wrong == [], "\(report.output)")
        #expect(report.words("plugin").contains("version 0.1.0"))
        #expect(report.words("clock").contains("but for"))
        #expect(report.outcome("user-bridge") == "sound")
        #expect(try await service.text(on: "presence/status/alice") == nil)
    }

    @Test("A broker that is configured as the README says is looked up in its own file")
    func brokerFile() async throws {
        let service = try await Service.examined(startsBridge: true) {
            $0.persistence = true
            $0.extra = "max_queued_messages 5000000\nautosave_interval 30"
        }
        defer { service.end() }
        let file = service.broker.folder.file("mosquitto.conf")
        let report = try await service.doctor(["broker_plugin": "off"], ["--broker-config", file])
        #expect(report.wrong == [], "\(report.output)")
        #expect(report.words("persistence").contains("each 30 s"))
        #expect(report.words("queue").contains("5000000"))
        #expect(report.words("plugin").contains("broker_plugin is off"))
    }

    @Test("MQTT 3.1.1 tells less, and no more is wrong")
    func older() async throws {
        let service = try await Service.examined()
        defer { service.end() }
        let report = try await service.doctor(["mqtt_version": "3.1.1"], user: "alice")
        #expect(report.wrong == [], "\(report.output)")
        #expect(report.checks("untold").isSuperset(of: ["version", "packet-size", "message-size"]))
    }

    @Test("By MQTT 3.1.1 a right to write alone cannot be told, and is not called wrong")
    func writtenAlone() async throws {
        let service = try await Service.examined { options in
            options.acl = options.acl?.replacing(
                "topic readwrite presence/#",
                with: """
                    topic readwrite presence/device/#
                    topic readwrite presence/status/#
                    topic readwrite presence/request/#
                    topic write presence/response/#
                    topic write presence/event/#
                    topic readwrite presence/bridge/#
                    """
            )
        }
        defer { service.end() }
        let report = try await service.doctor(["mqtt_version": "3.1.1"])
        #expect(report.wrong == [], "\(report.output)")
        for right in ["right-response", "right-event"] {
            #expect(report.outcome(right) == "untold")
            #expect(report.words(right).contains("must write presence/"))
        }
        #expect(report.outcome("right-device") == "sound")
    }

    @Test("With TLS all is right, but for a certificate that ends within days")
    func tls() async throws {
        let service = try await Service.examined { $0.tls = true }
        defer { service.end() }
        let port = try #require(service.broker.tlsPort)
        let report = try await service.doctor([
            "port": "\(port)", "cafile": service.broker.certificateAuthority, "host": "localhost",
        ])
        #expect(report.wrong == ["certificate-dates"], "\(report.output)")
        #expect(report.words("certificate-dates").contains("more day"))
        #expect(report.words("certificate-name").contains("is for 'localhost'"))
        #expect(report.outcome("certificate-trust") == "sound")
    }

    @Test("Lines for people have a mark, a name, a sentence, and behind an arrow what to change")
    func lines() async throws {
        let service = try await Service.examined { $0.extra = "retain_available false" }
        defer { service.end() }
        let child = try Child(
            Service.executable,
            ["doctor"] + service.login + ["--store", ":memory:", "--broker_restart", "never"],
            folder: service.broker.folder
        )
        #expect(try await child.wait(timeout: .seconds(60)) == .code(1))
        let lines = child.output.split(separator: "\n").map(String.init)
        #expect(lines.contains("✓ login               the broker lets 'presence-bridge' in"))
        #expect(
            lines.contains(
                "✗ retained            the broker keeps no retained messages → mosquitto.conf: "
                    + "retain_available true"
            ),
            "\(child.output)"
        )
        #expect(lines.last == "1 wrong")
        #expect(child.errors.isEmpty)
    }

    @Test("A mistake in the arguments or the configuration ends with 2, and says what is right")
    func usage() async throws {
        let service = try await Service.examined()
        defer { service.end() }
        for (arguments, words) in [
            (["--max_devics", "3"], "did you mean"), (["--check"], "'doctor' has no --check"),
            (["--other", "bob"], "need --user NAME"), (["--queue", "0"], "--queue is 0"),
            (["--user", "a/b"], "which is no name of a user"),
            (["--user", "a", "--user-password-file", "/missing"], "cannot be read"),
            (["--user", "a", "--other", "a"], "is the same as --user"),
        ] {
            let child = try Child(Service.executable, ["doctor"] + arguments)
            #expect(try await child.wait() == .code(2), "\(arguments)")
            #expect(child.errors.contains(words), "\(child.errors)")
        }
        let help = try Child(Service.executable, ["doctor", "--help"])
        #expect(try await help.wait() == .code(0))
        #expect(help.output.contains("--broker-config"))
    }
}
