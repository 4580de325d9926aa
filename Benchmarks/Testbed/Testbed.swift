import BrokerFixture
import Foundation

/// A broker, and beside it the bridge and its yardstick, each a process of its own.
///
/// The broker has the limits and the access control list that are shipped; users need no password,
/// since checking those is no part of what is measured.
final class Testbed {
    /// The broker.
    let broker: Broker
    private(set) var bridge: Child?
    private var responder: Child?

    /// Starts a broker.
    ///
    /// - Parameter change: Sets further options of the broker.
    init(_ change: (inout BrokerOptions) throws -> Void = { _ in }) throws {
        var options = BrokerOptions()
        let acl = try Self.file("examples/acl")
        options.acl = "\(acl)\nuser bench\ntopic readwrite #\npattern readwrite bench/#\n"
        options.allowsAnonymous = true
        options.logTypes = ["error", "warning", "notice"]
        options.extra = try Self.limits
        options.unixSocket = true
        try change(&options)
        broker = try Broker(options)
    }

    private static var root: URL {
        URL(filePath: #filePath).appending(path: "../../..").standardized
    }

    private static func file(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The lines of the shipped configuration that set how much the broker takes.
    private static var limits: String {
        get throws {
            let lines = try file("examples/mosquitto.conf").split(separator: "\n")
            return lines.filter { $0.hasPrefix("max_") }.joined(separator: "\n")
        }
    }

    /// The program, or library, that was built beside this one.
    static func program(_ name: String) throws -> String {
        let this = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: this).deletingLastPathComponent().appending(path: name).path
    }

    /// Starts the bridge, and waits until it serves; returns how long that took, in seconds.
    ///
    /// - Parameter settings: what differs from its defaults, beside rates that no generator reaches.
    @discardableResult
    func startBridge(_ settings: [String: String] = [:]) throws -> Double {
        var common = [
            "port": "\(broker.port)", "username": "presence-bridge",
            "store": broker.folder.file("presence.db"),
            "store_sync": "normal", "request_rate": "1000000", "request_burst": "1000000",
            "device_rate": "1000000", "device_burst": "1000000", "metrics_interval": "0",
            "log_level": "warning",
        ]
        let swarm = swarm()
        let monitor = try swarm.connect(["bench"]).lowerBound
        if settings["host"] != nil { common["port"] = nil }
        let flags = common.merging(settings) { $1 }.sorted { $0.key < $1.key }
        return try seconds {
            bridge = try Child(
                Self.program("presence-bridge"),
                flags.flatMap { ["--\($0.key)", $0.value] },
                folder: broker.folder
            )
            var serves = false
            swarm.subscribe(monitor, to: ["presence/bridge/+"], qos: 1)
            try swarm.run(within: .seconds(300)) { message in
                serves = message.text.contains(#""state":"online""#)
            } until: {
                serves || bridge?.exit != nil
            }
            guard serves else { throw FixtureError("the bridge ends: \(bridge?.errors ?? "")") }
        }
    }

    /// Ends the bridge.
    func stopBridge() throws {
        try bridge?.terminateBlocking(timeout: .seconds(60))
        bridge = nil
    }

    /// Starts the bridge's yardstick, and waits until it serves.
    func startResponder(_ duty: Responder.Duty, answerSize: Int) throws {
        let child = try Child(
            Self.program("presence-bench"),
            [
                "respond", "--port", "\(broker.port)", "--duty", "\(duty)", "--size",
                "\(answerSize)",
            ],
            folder: broker.folder
        )
        responder = child
        let deadline = ContinuousClock.now + .seconds(10)
        while !child.output.contains("ready") {
            guard ContinuousClock.now < deadline else {
                throw FixtureError("the responder does not serve: \(child.errors)")
            }
            usleep(2_000)
        }
    }

    /// Clients of the broker.
    func swarm() -> Swarm { Swarm(port: broker.port) }

    /// What everyone has used so far.
    func usage() -> Usage {
        Usage(
            broker: broker.child.map { ProcessUsage(of: $0.pid) } ?? ProcessUsage(of: 0),
            bridge: bridge.map { ProcessUsage(of: $0.pid) } ?? ProcessUsage(of: 0),
            generator: ProcessUsage(),
            elapsed: 0
        )
    }
}
