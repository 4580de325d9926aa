import BrokerFixture
import Foundation
import Testing

@Suite("A bridge below a service manager")
struct ServiceManagerTests {
    @Test(
        "It says that it is up, how it stands, and that it ends",
        arguments: [false, true]
    )
    func standing(_ isAbstract: Bool) async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let manager = try ServiceManager(path: ServiceManager.newPath(isAbstract: isAbstract))
        let bridge = try service.launch([:], environment: ["NOTIFY_SOCKET": manager.path])
        defer { bridge.kill() }
        try await manager.expect("READY=1", log: bridge.errors)
        try await manager.expect("STATUS=serving, 0 users online", log: bridge.errors)
        let alice = try await service.client("alice")
        try await alice.publish("presence/device/alice/test", "online", retain: true)
        try await manager.expect("STATUS=serving, 1 user online", log: bridge.errors)
        service.broker.kill()
        try await manager.expect("STATUS=no connection to the broker", log: bridge.errors)
        bridge.send(SIGTERM)
        try await manager.expect("STOPPING=1", log: bridge.errors)
        #expect(try await bridge.wait() == .code(0))
    }

    @Test("One that stands still gives no sign of life; it is killed, and started again it serves")
    func watchdog() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let manager = try ServiceManager()
        let environment = ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "6000000"]
        let bridge = try service.launch([:], environment: environment)
        try await manager.expect("STATUS=serving, 0 users online", log: bridge.errors)
        for _ in 0..<2 { try await manager.expect("WATCHDOG=1", log: bridge.errors) }
        bridge.send(SIGSTOP)
        // What it had said before; then nothing for as long as the manager allows.
        while await manager.next(within: .seconds(6)) != nil {}
        bridge.send(SIGABRT)
        bridge.kill()
        let next = try service.launch([:], environment: environment)
        defer { next.kill() }
        try await manager.expect("STATUS=serving, 0 users online", log: next.errors)
    }

    @Test("A manager that does not hear yet is told later, also by a bridge that sleeps")
    func late() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let path = ServiceManager.newPath()
        let bridge = try service.launch([:], environment: ["NOTIFY_SOCKET": path])
        defer { bridge.kill() }
        try await bridge.line(with: "ready: 0 users online")
        let manager = try ServiceManager(path: path)
        try await manager.expect("READY=1", log: bridge.errors)
    }

    @Test("A socket that cannot be is told, and the bridge runs without")
    func impossible() async throws {
        let service = try await Service.start(startsBridge: false)
        defer { service.end() }
        let bridge = try service.launch([:], environment: ["NOTIFY_SOCKET": "run/notify"])
        defer { bridge.kill() }
        try await bridge.line(with: "NOTIFY_SOCKET is an absolute path or @name", "run/notify")
        try await bridge.line(with: "connected to the broker")
    }
}
