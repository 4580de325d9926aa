import BrokerFixture
import Foundation
import Testing

@Suite("The configuration for mosquitto 2.1")
struct ModernConfigurationTests {
    private static let plugins = ["mosquitto_password_file.so", "mosquitto_acl_file.so"]

    private static let isThere =
        BrokerProgram.version >= BrokerProgram.Version(2, 1)
        && plugins.allSatisfy { BrokerProgram.library($0) != nil }

    @Test(
        "It starts without a word of what is deprecated, checks passwords, and keeps the rights",
        .enabled(if: isThere, "mosquitto is older, or has come without its plugins")
    )
    func starts() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../..").standardized
        let folder = try TemporaryFolder()
        let port = try ReservedPort()
        let examples = folder.file("examples")
        try FileManager.default.createSymbolicLink(
            atPath: examples,
            withDestinationPath: root.appending(path: "examples").path
        )
        try await Child.run("\(examples)/make-users.sh", [folder.file("run")])
        var text = try String(contentsOfFile: "\(examples)/mosquitto-2.1.conf", encoding: .utf8)
        text.replace("listener 1883 ", with: "listener \(port.port) ")
        for name in Self.plugins {
            let place = try #require(BrokerProgram.library(name))
            text.replace("/usr/lib/mosquitto/\(name)", with: place)
        }
        if geteuid() == 0 { text += "user root\n" }
        let file = try folder.write(text, to: "mosquitto.conf")
        let broker = try Child("mosquitto", ["-c", file], folder: folder)
        defer { broker.kill() }
        try await eventually("mosquitto listens", log: broker.errors) {
            Ports.serves(port.port) ? true : nil
        }
        func publish(_ topic: String, password: String = "demo-alice") throws -> Child {
            try Child(
                "mosquitto_pub",
                [
                    "-p", "\(port.port)", "-V", "mqttv5", "-q", "1", "-u", "alice", "-P", password,
                    "-t", topic, "-m", "online",
                ]
            )
        }
        let own = try publish("presence/device/alice/phone")
        #expect(try await own.wait() == .code(0) && own.errors.isEmpty, "\(own.errors)")
        let foreign = try publish("presence/device/bob/phone")
        _ = try await foreign.wait()
        #expect((foreign.output + foreign.errors).lowercased().contains("not authori"))
        let wrong = try publish("presence/device/alice/phone", password: "wrong")
        #expect(try await wrong.wait() != .code(0))
        #expect(!broker.errors.contains("deprecated"), "\(broker.errors)")
    }
}
