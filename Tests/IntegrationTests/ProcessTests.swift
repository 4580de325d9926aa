import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

@Suite("The process of the bridge")
struct ProcessTests {
    /// The built bridge, beside the tests.
    private static var executable: String {
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "presence-bridge").path
    }

    @Test("A mistake in the configuration ends with 2 and names file, line and key")
    func mistakes() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "# graces\noffline_grace 3s\nmax_devices many\noffline_grase 1s\n",
            to: "bridge.conf"
        )
        for check in [[], ["--check"]] {
            let bridge = try Child(Self.executable, ["--config", path] + check, folder: folder)
            #expect(try await bridge.wait() == .code(2))
            let lines = bridge.errors.split(separator: "\n").map(String.init)
            #expect(lines.contains { $0.hasPrefix("\(path):3: max_devices: ") })
            #expect(lines.contains { $0.hasPrefix("\(path):4: offline_grase: ") })
            #expect(lines.contains { $0.contains("did you mean 'offline_grace'?") })
            #expect(bridge.output == "")
        }
    }

    @Test("--check connects to no broker and makes no store")
    func check() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "host no-such-host.invalid\nstore presence.db\nmax_devices 7\n",
            to: "bridge.conf"
        )
        let bridge = try Child(Self.executable, ["--config", path, "--check"], folder: folder)
        #expect(try await bridge.wait() == .code(0))
        let line = bridge.output.split(separator: "\n").first { $0.hasPrefix("max_devices ") }
        let words = (line ?? "").split(separator: " ").map(String.init)
        #expect(words == ["max_devices", "7", "\(path):3"] || words.suffix(1) == ["bridge.conf:3"])
        #expect(!FileManager.default.fileExists(atPath: folder.file("presence.db")))
    }

    @Test("SIGHUP changes limits and the log level, and says what cannot change")
    func reload() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let folder = service.broker.folder
        let base = """
            host 127.0.0.1
            port \(service.broker.port)
            username presence-bridge
            password presence-bridge
            store \(folder.file("presence.db"))

            """
        let path = try folder.write(base + "max_usernames 2\nlog_level error\n", to: "bridge.conf")
        let bridge = try Child(Self.executable, ["--config", path], folder: folder)
        defer { bridge.kill() }
        try await service.bridgeState { $0["state"]?.string == "online" }
        #expect(bridge.errors == "")
        let alice = try await service.client("alice")
        let three = #"{"usernames":["bob","carol","dave"]}"#
        #expect(try await service.request(alice, "subscribe", three).errorCode == "too_many_users")

        let changes = "max_usernames 3\nlog_level info\nkeepalive 77s\n"
        try folder.write(base + changes, to: "bridge.conf")
        bridge.send(SIGHUP)
        try await bridge.line(with: "max_usernames 2 -> 3", "bridge.conf:6")
        let waiting = try await bridge.line(with: "keepalive 30s -> 77s")
        #expect(waiting.contains("warning"))
        #expect(waiting.contains("next start"))
        let answer = try await service.request(alice, "subscribe", three)
        #expect(answer["result"]?["subscribed"]?.array?.count == 3)

        // A mistake changes nothing, and is told.
        try folder.write(base + "max_usernames 1\nmax_devices many\n", to: "bridge.conf")
        bridge.send(SIGHUP)
        try await bridge.line(with: "bridge.conf:7: max_devices: ")
        let again = try await service.request(alice, "subscribe", three)
        #expect(again["result"]?["subscribed"]?.array?.count == 3)

        try folder.write(base + "max_usernames 3\nlog_level error\n", to: "bridge.conf")
        bridge.send(SIGHUP)
        try await eventually("the limit and the log level change", log: bridge.errors) {
            let payload = #"{"usernames":["bob"]}"#
            let answer = try await service.request(alice, "subscribe", payload)
            return answer["result"]
        }
        bridge.send(SIGTERM)
        #expect(try await bridge.wait() == .code(0))
    }

    @Test("A clock that is behind the store is told at the start, and that of a healthy one is not")
    func slowClock() async throws {
        let service = try await Service.start()
        defer { service.end() }
        let alice = try await service.client("alice")
        try await service.subscribe(alice, to: "bob")
        try await service.stopBridge()
        try await service.startBridge()
        #expect(service.bridgeLog.contains("the clock of this machine") == false)
        try await service.stopBridge()
        // A day ahead, as a store is that comes from a machine with another clock.
        let later = Int(Date.now.timeIntervalSince1970) + 86_400
        try await Child.run(
            "python3",
            [
                "-c",
                "import sqlite3,sys;d=sqlite3.connect(sys.argv[1]);"
                    + "d.execute('UPDATE broker SET clock=?',(int(sys.argv[2]),));d.commit()",
                service.storePath, String(later),
            ]
        )
        try await service.startBridge()
        try await service.bridgeProcess?.line(with: "warning", "clock of this machine is behind")
    }

    @Test("It answers SIGTERM while there is no broker, too")
    func withoutBroker() async throws {
        let folder = try TemporaryFolder()
        let reserved = try ReservedPort()
        defer { withExtendedLifetime(reserved) {} }
        let port = reserved.port
        let bridge = try Child(
            Self.executable,
            ["--port", "\(port)", "--store", folder.file("presence.db")],
            folder: folder
        )
        try await bridge.line(with: "\(port)")
        bridge.send(SIGTERM)
        #expect(try await bridge.wait() == .code(0))
    }

    @Test("The limits of a broker that was reloaded show in the state: the grace")
    func graceInState() async throws {
        let service = try await Service.start(["broker_restart_grace": "42s"])
        defer { service.end() }
        let state = try await service.bridgeState { $0["state"]?.string == "online" }
        #expect(state["grace"]?.integer == 42)
        #expect(state["protocol"]?.integer == 1)
        #expect(state["version"]?.string == "0.1.0")
        #expect(state["epoch"]?.integer == 1)
        #expect(
            state.object?.keys == ["state", "version", "protocol", "started", "epoch", "grace"]
        )
    }
}
