import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Testing

/// The commands of the README's chapter "As a service" are run as they stand there, in a folder in
/// the place of `/`; the service is what they leave behind.
@Suite("The service as the README installs it")
struct InstallTests {
    private let root = SourceFile.root
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("It logs in, serves, and is no news to the broker's next reading of its files")
    func serves() async throws {
        try prepareSystem()
        let reserved = try ReservedPort()
        try await install()
        let broker = try await startBroker(on: reserved.port)
        defer { broker.kill() }
        let bridge = try startBridge(on: reserved.port)
        defer { bridge.kill() }
        try await bridge.line(with: "connected to the broker at 127.0.0.1:\(reserved.port)")

        // A user of the broker's, made with the bridge's commands; the broker reads its files again.
        let users = folder.file("etc/mosquitto/presence.passwd")
        try await Child.run("mosquitto_passwd", ["-b", users, "alice", "secret"])
        broker.send(SIGHUP)
        let ask = [
            "-V", "5", "-h", "127.0.0.1", "-p", "\(reserved.port)", "-u", "alice", "-P", "secret",
            "-q", "1", "-W", "2", "-e", "presence/response/alice/laptop",
            "-t", "presence/request/alice/laptop/online", "-m", "{}",
        ]
        let answer = try await eventually("an answer", log: bridge.errors) {
            let text = try? await Child.run("mosquitto_rr", ask)
            return text.flatMap { try? JSONValue.text($0.trimmingCharacters(in: .newlines)) }
        }
        #expect(answer["result"]?["total"]?.integer == 0)
        #expect(
            !bridge.errors.contains("warning") && !bridge.errors.contains("error"),
            "\(bridge.errors)"
        )
        bridge.send(SIGTERM)
        #expect(try await bridge.wait() == .code(0))
    }

    @Test("A login without a username is told by --check and by the log")
    func withoutUsername() async throws {
        try prepareSystem()
        let reserved = try ReservedPort()
        try await install()
        let file = "etc/presence-bridge/bridge.conf"
        let text = folder.read(file)
        #expect(text.contains("\nusername presence-bridge\n"))
        try folder.write(text.replacing("\nusername ", with: "\n#username "), to: file)
        let check = try startBridge(on: reserved.port, ["--check"])
        #expect(try await check.wait() == .code(0))
        #expect(check.errors.contains("a password, but no username"))
        let broker = try await startBroker(on: reserved.port)
        defer { broker.kill() }
        let bridge = try startBridge(on: reserved.port)
        defer { bridge.kill() }
        try await bridge.line(with: "warning", "a password, but no username")
        try await bridge.line(with: "error", "username is not set, only a password")
        #expect(!bridge.errors.contains("user none"))
    }

    @Test("The unit does not start again what a mistake in the configuration ended")
    func unit() async throws {
        try prepareSystem()
        try await install()
        #expect(try unit("RestartPreventExitStatus") == ["2"])
        let file = "etc/presence-bridge/bridge.conf"
        try folder.write(folder.read(file) + "max_devices many\n", to: file)
        let bridge = try startBridge(on: 1883)
        #expect(try await bridge.wait() == .code(2))
    }

    @Test("The broker's lines for a service are those of the example")
    func lines() throws {
        let places = ["password_file", "acl_file", "persistence", "persistence_location", "log"]
        let example = try settings("mosquitto.conf").filter { line in
            !places.contains { line.hasPrefix($0) }
        }
        let service = try settings("mosquitto-service.conf").filter { line in
            !places.contains { line.hasPrefix($0) }
        }
        #expect(service == example)
    }

    // MARK: - What Debian has, and the README adds

    private func settings(_ name: String) throws -> [String] {
        let file = root.appending(path: "examples/\(name)")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.map(String.init)
    }

    /// The lines of Debian's package mosquitto, and the folders of both services.
    private func prepareSystem() throws {
        for path in ["etc/mosquitto/conf.d", "var/lib/mosquitto", "var/lib/presence-bridge", "run"]
        {
            try FileManager.default.createDirectory(
                atPath: folder.file(path),
                withIntermediateDirectories: true
            )
        }
        // Started as root, the broker becomes its own user, as the service does.
        if geteuid() == 0 {
            try Child.runBlocking("chown", ["mosquitto:", folder.file("var/lib/mosquitto")])
        }
        try folder.write(
            """
            persistence true
            persistence_location \(folder.file("var/lib/mosquitto"))/
            log_dest stderr
            include_dir \(folder.file("etc/mosquitto/conf.d"))

            """,
            to: "etc/mosquitto/mosquitto.conf"
        )
    }

    /// Runs the commands of the README for a machine without packages, but for those that build, or speak
    /// to systemd.
    private func install() async throws {
        let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        let chapter = try #require(
            readme.components(separatedBy: "\n## As a service\n").dropFirst().first
        )
        let commands = chapter.components(separatedBy: "\n## ")[0].split(separator: "\n")
            .filter { $0.hasPrefix("    ") }
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { command in
                let others = ["make deb", "apt install", "cd /usr/", "systemctl", "journalctl"]
                return !command.hasPrefix("#") && !others.contains { command.contains($0) }
            }
            .filter { geteuid() == 0 || !$0.contains("chown") }
        #expect(commands.count >= 7, "\(commands)")
        let places = try "BUILD=\(Installation.built) MANUAL=\(Manual.make().folder.path)"
        let script = commands.map { command in
            command.replacing("make build && ", with: "").replacing("sudo ", with: "")
                .replacing(
                    "make install",
                    with: "make install DESTDIR=\(folder.path) \(places)"
                )
                .replacing(" /etc/", with: " \(folder.path)/etc/")
                .replacing(">/etc/", with: ">\(folder.path)/etc/")
        }
        let text =
            (["set -eu", "cd '\(root.path)'", "PATH=\(folder.path)/usr/local/bin:$PATH"] + script)
            .joined(separator: "\n")
        try await Child.run("bash", ["-c", text], timeout: .seconds(60))
    }

    /// Starts the broker as its service does, but on a port of its own, and with files in the folder.
    private func startBroker(on port: UInt16) async throws -> Child {
        let file = "etc/mosquitto/conf.d/presence.conf"
        let lines = folder.read(file)
            .replacing("listener 1883 ", with: "listener \(port) ")
            .replacing(" /etc/mosquitto/", with: " \(folder.file("etc/mosquitto"))/")
        try folder.write(lines, to: file)
        let broker = try Child("mosquitto", ["-c", folder.file("etc/mosquitto/mosquitto.conf")])
        try await eventually("the broker serves", log: broker.errors) {
            try #require(broker.exit == nil, "\(broker.errors)")
            return Ports.serves(port) ? true : nil
        }
        return broker
    }

    /// Starts the bridge as its unit does.
    private func startBridge(on port: UInt16, _ arguments: [String] = []) throws -> Child {
        let command = try #require(try unit("ExecStart").first).split(separator: " ")
            .map { $0.hasPrefix("/") ? folder.path + $0 : String($0) }
        let state = folder.file("var/lib")
        var environment = ["PRESENCE_BRIDGE_PORT": "\(port)"]
        for line in try unit("Environment") {
            let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
            environment[parts[0]] = parts[1].replacing("%S", with: state)
                .replacing("%d", with: folder.file("run"))
        }
        // The credentials that systemd hands over.
        for line in try unit("LoadCredential") {
            let parts = line.split(separator: ":").map(String.init)
            try folder.write(folder.read(String(parts[1].dropFirst())), to: "run/\(parts[0])")
            chmod(folder.file("run/\(parts[0])"), 0o400)
        }
        return try Child(command[0], command.dropFirst() + arguments, environment: environment)
    }

    /// The values of a key of the installed unit.
    private func unit(_ key: String) throws -> [String] {
        let text = folder.read("usr/local/lib/systemd/system/presence-bridge.service")
        return text.split(separator: "\n").filter { $0.hasPrefix("\(key)=") }
            .map { String($0.dropFirst(key.count + 1)) }
    }
}
