import BrokerFixture
import Foundation
import Testing

/// "Why is bob offline?", answered by the log.
@Suite("The log")
struct LogTests {
    @Test("It says with what the bridge runs, and when it is ready")
    func start() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let alice = try await service.client("alice")
        try await alice.publish("presence/device/alice/test", "online", retain: true)
        let bridge = try service.launch(["log_level": "info"])
        defer { bridge.kill() }
        let first = try await bridge.line(with: "presence-bridge 0.1.0", "0 users known")
        #expect(first.contains("no configuration file, store "))
        try await bridge.line(with: "ready: 1 user online, 1 device, after ")
    }

    @Test("A journal that reads it is told the level of each line, and a file is not")
    func journal() async throws {
        let arguments = ["--host", "127.0.0.1", "--port", "1", "--store", ":memory:"]
        // A service manager tells a process which file its standard error is.
        let script = #"JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2) exec "$0" "$@""#
        let told = try Child("sh", ["-c", script, Service.executable] + arguments)
        defer { told.kill() }
        let first = try await told.line(with: "no configuration file")
        #expect(first.hasPrefix("<6>presence-bridge 0."))
        #expect(try await told.line(with: "no connection").hasPrefix("<3>"))
        let other = try Child(
            Service.executable,
            arguments,
            environment: ["JOURNAL_STREAM": "1:1"]
        )
        defer { other.kill() }
        #expect(try await other.line(with: "no connection").contains(" error presence-bridge"))
    }

    @Test("At debug it says who comes and goes, why, and what is refused")
    func debug() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let bridge = try service.launch(["log_level": "debug", "offline_grace": "1s"])
        defer { bridge.kill() }
        try await bridge.line(with: "ready: 0 users online")
        let bob = try await service.client("bob")
        let topic = "presence/device/bob/test"
        try await bob.publish(topic, "busy", retain: true)
        try await bridge.line(with: "debug", "bob is busy: test busy")
        try await bob.publish(topic, "Out to lunch", retain: true)
        try await bridge.line(with: "refused a statement", "bob/test", "invalid_status")
        try await bob.publish(topic, "lost", retain: true)
        try await bridge.line(with: "bob is offline: lost")
        try await bob.publish("presence/request/bob/test/frob", "{}")
        try await bridge.line(with: "refused frob", "bob/test", "unknown_operation")
    }
}
