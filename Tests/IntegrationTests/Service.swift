import BrokerFixture
import Foundation
import Mosquitto
import Presence
import Synchronization

/// The whole service as it is shipped: a broker with the shipped access control list, and the built
/// bridge beside it.
///
/// With `INTEGRATION_ACCESS=plugin` in the environment the plugin gives the rights in the list's place.
///
/// Both are processes of their own and are killed when the object goes. The bridge starts with
/// short graces, so that tests need not wait; each can be given as a flag. Users other than those
/// of ``users`` are named at the start; each one's password is its name.
final class Service: Sendable {
    /// The users that every service has, besides the bridge and the monitor.
    static let users = ["alice", "bob", "carol", "dave"]

    /// What the bridge is called at the broker, and in its topics.
    static let bridgeID = "presence-bridge"

    /// Flags with which the bridge starts unless a test says otherwise.
    static let flags = [
        "offline_grace": "300ms",
        "logout_grace": "100ms",
        "broker_restart_grace": "3s",
        "store_sync": "normal",
        "metrics_interval": "1s",
        "log_level": "debug",
    ]

    /// Whether the plugin gives the rights in the list's place.
    static let usesPlugin =
        ProcessInfo.processInfo.environment["INTEGRATION_ACCESS"] == "plugin"

    /// The broker; its folder has the bridge's store and its output, too.
    let broker: Broker

    private struct Bridge {
        var child: Child?
        var flags: [String: String]
    }

    private let bridge: Mutex<Bridge>

    /// Starts a broker, and a bridge unless that is not wanted, and waits until it is online.
    ///
    /// - Parameters:
    ///   - flags: Keys of the bridge's configuration and their values, over those of ``flags``.
    ///   - users: Users besides those of ``users``.
    ///   - startsBridge: Whether the bridge is started, too.
    ///   - change: Sets further options of the broker.
    static func start(
        _ flags: [String: String] = [:],
        users: [String] = [],
        startsBridge: Bool = true,
        broker change: (inout BrokerOptions) -> Void = { _ in }
    ) async throws -> Service {
        let source = URL(filePath: #filePath)
        let root = source.deletingLastPathComponent().appending(path: "../..").standardized
        var options = BrokerOptions()
        let list = try String(contentsOf: root.appending(path: "examples/acl"), encoding: .utf8)
        options.acl = list
        for user in Self.users + users + [bridgeID, "monitor"] { options.users[user] = user }
        change(&options)
        if options.acl == list, !options.loadsPlugin, Self.usesPlugin { options.replaceList() }
        let service = Service(broker: try await Broker.start(options), flags: flags)
        if startsBridge { try await service.startBridge() }
        return service
    }

    private init(broker: Broker, flags: [String: String]) {
        self.broker = broker
        bridge = Mutex(Bridge(child: nil, flags: Self.flags.merging(flags) { $1 }))
    }

    deinit {
        end()
    }

    /// Kills both: for the end of a test.
    func end() {
        bridge.withLock { $0.child }?.kill()
        broker.kill()
    }

    // MARK: The bridge

    /// The bridge's process, or `nil` while it is stopped.
    var bridgeProcess: Child? { bridge.withLock { $0.child } }

    /// All that the bridge has logged since it was last started.
    var bridgeLog: String { bridgeProcess?.errors ?? "" }

    /// Where the bridge's store is.
    var storePath: String { broker.folder.file("presence.db") }

    /// Starts the bridge, with further flags that it keeps from then on, and waits until its
    /// retained state says `online`.
    ///
    /// - Parameter waits: Whether to wait for that; when not, see ``bridgeState(where:)``.
    func startBridge(_ flags: [String: String] = [:], waits: Bool = true) async throws {
        let child = try bridge.withLock { bridge in
            bridge.flags.merge(flags) { $1 }
            let child = try Child(
                Self.executable,
                arguments(bridge.flags),
                folder: broker.folder
            )
            bridge.child = child
            return child
        }
        guard waits else { return }
        let monitor = try await monitor("presence/bridge/\(Self.bridgeID)")
        let isOnline = try await monitor.wait("the bridge is online", timeout: .seconds(20)) {
            inbox -> Bool? in
            if child.exit != nil { return false }
            let isOnline = inbox.messages.contains { (try? $0.json["state"]?.string) == "online" }
            return isOnline ? true : nil
        }
        guard isOnline else {
            throw FixtureError(
                "the bridge ended with \(String(describing: child.exit)): \(child.errors)"
            )
        }
    }

    /// Starts another process of the bridge, which the service does not know: whoever starts it ends it.
    ///
    /// - Parameter environment: Added to this process's own.
    func launch(
        _ flags: [String: String],
        environment: [String: String] = [:]
    ) throws -> Child {
        let all = bridge.withLock { $0.flags }.merging(flags) { $1 }
        return try Child(
            Self.executable,
            arguments(all),
            environment: environment,
            folder: broker.folder
        )
    }

    /// Stops the bridge properly, and waits until its retained state says `offline`.
    func stopBridge() async throws {
        let child = takeBridge()
        let exit = try await child?.terminate()
        guard exit == .code(0) else {
            throw FixtureError(
                "the bridge ended with \(String(describing: exit)): \(child?.errors ?? "")"
            )
        }
        try await bridgeState { $0["state"]?.string == "offline" }
    }

    /// Kills the bridge and waits, unless the broker is down, until its will is there.
    func killBridge() async throws {
        takeBridge()?.kill()
        guard broker.child != nil else { return }
        try await bridgeState { $0["state"]?.string == "offline" }
    }

    /// Awaits a state of the bridge, the retained one or a later one.
    @discardableResult
    func bridgeState(
        where matches: @escaping @Sendable (JSONValue) -> Bool
    ) async throws -> JSONValue {
        try await retained("presence/bridge/\(Self.bridgeID)", where: matches)
    }

    private func takeBridge() -> Child? {
        bridge.withLock { bridge in
            defer { bridge.child = nil }
            return bridge.child
        }
    }

    /// The built bridge.
    static var executable: String {
        let tests = URL(filePath: CommandLine.arguments[0])
        return tests.deletingLastPathComponent().appending(path: bridgeID).path
    }

    /// The flags by which the bridge finds its broker, and is known there.
    var login: [String] {
        [
            "--host", broker.host, "--port", String(broker.port), "--username", Self.bridgeID,
            "--password", Self.bridgeID,
        ]
    }

    private func arguments(_ flags: [String: String]) -> [String] {
        var all = [
            "host": broker.host,
            "port": String(broker.port),
            "username": Self.bridgeID,
            "password": Self.bridgeID,
            "bridge_id": Self.bridgeID,
            "store": storePath,
        ]
        all.merge(flags) { $1 }
        return all.sorted { $0.key < $1.key }.flatMap { ["--\($0.key)", $0.value] }
    }
}
