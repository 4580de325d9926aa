import BrokerFixture
import DatabaseFixture
import Foundation

/// A broker, and beside it the bridge and its yardstick, each a process of its own.
///
/// The broker has the limits and the access control list that are shipped; users need no password,
/// since checking those is no part of what is measured.
final class Testbed {
    /// The broker.
    let broker: Broker
    /// Which build of the bridge is started.
    let program: BridgeProgram
    /// The server of the bridge's database; `nil` where the store is a file.
    let database: DatabaseServer?
    private(set) var bridge: Child?
    /// What bridges used that have ended.
    private var ended = ProcessUsage(of: 0)
    private var responder: Child?

    /// Starts a broker.
    ///
    /// - Parameters:
    ///   - program: Which build of the bridge to start beside it; `nil` for the own one.
    ///   - database: The server of the bridge's database; `nil` for a file.
    ///   - change: Sets further options of the broker.
    init(
        of program: BridgeProgram? = nil,
        database: DatabaseServer? = nil,
        _ change: (inout BrokerOptions) throws -> Void = { _ in }
    ) throws {
        self.program = try program ?? .own()
        self.database = database
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

    /// The bridge's store: a file, or the URI of a database.
    var store: String { database?.uri ?? broker.folder.file("presence.db") }

    /// Starts the bridge, and waits until it serves; returns how long that took, in seconds.
    ///
    /// - Parameter settings: what differs from its defaults, beside rates that no generator reaches.
    @discardableResult
    func startBridge(_ settings: [String: String] = [:]) throws -> Double {
        let swarm = swarm()
        let monitor = try swarm.connect(["bench"]).lowerBound
        return try seconds {
            bridge = try launchBridge(settings)
            var serves = false
            swarm.subscribe(monitor, to: ["presence/bridge/+"], qos: 1)
            try swarm.run(within: .seconds(300)) { message in
                serves = message.text.contains(#""state":"online""#)
            } until: {
                serves || bridge?.exit != nil
            }
            guard serves else {
                throw FixtureError("\(program.path) ends: \(bridge?.errors ?? "")")
            }
        }
    }

    /// Starts a bridge that the testbed does not know: whoever starts it ends it.
    func launchBridge(_ settings: [String: String]) throws -> Child {
        var common = BridgeProgram.settings(port: broker.port, store: store)
        if settings["host"] != nil { common["port"] = nil }
        let flags = BridgeProgram.flags(common.merging(settings) { $1 })
        return try Child(program.path, flags, folder: broker.folder)
    }

    /// Ends the bridge.
    func stopBridge() throws {
        guard let child = bridge else { return }
        ended = ended.adding(ProcessUsage(of: child.pid))
        bridge = nil
        try child.terminateBlocking(timeout: .seconds(60))
    }

    /// Waits until the bridge has done what it leaves for later: until it has next to nothing to do
    /// for longer than a second, or for ten seconds.
    func waitForRest() {
        let deadline = ContinuousClock.now + .seconds(10)
        var busy = usage().bridge.seconds
        var restingFor = 0
        while restingFor < 4, ContinuousClock.now < deadline {
            usleep(300_000)
            let now = usage().bridge.seconds
            restingFor = now - busy < 0.02 ? restingFor + 1 : 0
            busy = now
        }
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
            bridge: bridge.map { ended.adding(ProcessUsage(of: $0.pid)) } ?? ended,
            generator: ProcessUsage(),
            elapsed: 0
        )
    }
}
