import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

/// mosquitto publishes no will of whom it throws out; the plugin says it in its place.
@Suite("Clients that the broker throws out, with the plugin", .timeLimit(.minutes(1)))
struct ThrownOutTests {
    /// What the plugin is loaded with: rights and presence by it, or nothing but the missing wills.
    static let plugins = [
        ["acl": "true", "bridge_users": Service.bridgeID, "monitor_users": "monitor"],
        ["auto_presence": "true", "bridge_users": Service.bridgeID, "monitor_users": "monitor"],
        ["missing_wills": "reload"],
    ]

    @Test("Whose password is changed is lost, and nobody else is", arguments: plugins)
    func passwordChanged(_ plugin: [String: String]) async throws {
        let service = try await Service.start {
            if plugin["acl"] != nil { $0.acl = nil }
            $0.load(plugin)
        }
        defer { service.end() }
        let alice = try await service.device("alice", "laptop")
        try await service.subscribe(alice, to: "bob", "alice")
        let bob = try await service.device(
            "bob",
            "phone",
            birth: #"{"status":"busy","session":"s"}"#
        )
        _ = try await alice.events(upTo: "bob", word: "busy")
        let passwords = service.broker.folder.file("passwords")
        try await Child.run("mosquitto_passwd", ["-b", passwords, "bob", "another"])
        service.broker.reload()
        _ = try await bob.closure()
        let offline = try await alice.events().about("bob")
        #expect(offline.first?["online"] == .bool(false))
        #expect(offline.first?["cause"]?.string == "lost")
        let left = try await service.text(on: "presence/device/bob/phone") ?? ""
        #expect(left.contains(#""lost""#) && left.contains(#""session":"s""#) || left.isEmpty)
        try await service.settle()
        try await service.status(of: "alice", is: "online")
        #expect(try await service.messages(of: alice).allSatisfy { !$0.text.contains("alice") })
    }

    @Test(
        "Whom the dynamic security plugin throws out is lost",
        .enabled(if: DynamicSecurity.path != nil, "the dynamic security plugin is not there"),
        arguments: [
            ["acl": "true", "bridge_users": Service.bridgeID, "monitor_users": "monitor"],
            ["missing_wills": "all"],
        ]
    )
    func command(_ plugin: [String: String]) async throws {
        let security = try DynamicSecurity()
        let service = try await Service.start(users: ["admin"]) {
            $0.acl = plugin["acl"] != nil ? nil : $0.acl.map { "\($0)\nuser admin\ntopic #" }
            $0.load(plugin)
            $0.extra += "\n" + security.configuration
        }
        defer { service.end() }
        let admin = try await TestClient.connect(
            to: service.broker,
            username: "admin",
            password: "admin"
        )
        try await security.order(
            admin,
            #"{"command":"createClient","username":"bob","password":"bob"}"#
        )
        let alice = try await service.device("alice", "laptop")
        try await service.subscribe(alice, to: "bob", "alice")
        for version in [ProtocolVersion.v5, .v311] {
            let bob = try await service.device("bob", "phone", version: version)
            _ = try await alice.events(upTo: "bob", word: "online")
            try await security.order(admin, #"{"command":"disableClient","username":"bob"}"#)
            _ = try await bob.closure()
            let offline = try await alice.events().about("bob")
            #expect(offline.first?["cause"]?.string == "lost")
            try await security.order(admin, #"{"command":"enableClient","username":"bob"}"#)
        }
        try await service.settle()
        #expect(try await service.messages(of: alice).allSatisfy { !$0.text.contains("alice") })
    }

    @Test("Who ends properly without another word stays online, as without the plugin")
    func properly() async throws {
        let service = try await Service.start { $0.replaceList() }
        defer { service.end() }
        let bob = try await service.device("bob", "phone")
        try await service.status(of: "bob", is: "online")
        try await bob.disconnect()
        service.broker.reload()
        try await service.settle()
        try await service.status(of: "bob", is: "online")
    }
}

/// mosquitto's own plugin for logins and rights, by commands.
private struct DynamicSecurity {
    private static let topic = "$CONTROL/dynamic-security/v1"

    /// Where it lies; `nil` if this mosquitto has come without.
    static let path = BrokerProgram.library("mosquitto_dynamic_security.so")

    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let arguments = ["dynsec", "init", folder.file("dynamic.json"), "admin", "admin"]
        try Child.runBlocking("mosquitto_ctrl", arguments)
    }

    /// The lines that load it, behind the presence plugin.
    var configuration: String {
        """
        plugin \(Self.path ?? "")
        plugin_opt_config_file \(folder.file("dynamic.json"))
        """
    }

    /// Sends a command, and awaits that it is done.
    func order(_ admin: TestClient, _ command: String) async throws {
        try await admin.subscribe("\(Self.topic)/response")
        _ = admin.takeMessages()
        try await admin.publish(Self.topic, #"{"commands":[\#(command)]}"#)
        let answer = try await admin.expect("\(Self.topic)/response")
        guard !answer.text.contains("error") else {
            throw FixtureError("\(command) was answered \(answer.text)")
        }
    }
}
