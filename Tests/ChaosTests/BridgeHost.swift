import BrokerFixture
import DatabaseFixture
import Foundation

/// What one bridge runs on: its process, its ways to the broker and to the store, and who starts it again.
///
/// Faults overlap, so each one holds what it takes away: the bridge runs when nobody holds it down any more. A bridge that
/// ends by itself is started again, as a service manager would; that is a finding unless something explains it.
actor BridgeHost {
    /// The bridge that was built beside the tests, or the one that `CHAOS_BRIDGE` names.
    static let executable: String = {
        if let path = ProcessInfo.processInfo.environment["CHAOS_BRIDGE"] { return path }
        return URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "presence-bridge").path
    }()
    /// The login of every bridge at the broker.
    static let username = "presence-bridge"

    nonisolated let id: String
    nonisolated let tunnel: Tunnel
    /// The way to the database; `nil` where the store is a file.
    nonisolated let relay: DatabaseRelay?
    /// Where the store is.
    nonisolated let store: String
    private let broker: Broker
    private let flags: [String: String]
    private let log: RunLog

    /// The process that was started last.
    private(set) var process: Child?
    /// Those before it that may still run.
    private var earlier: [Child] = []
    private(set) var holds = 0
    private(set) var pauses = 0
    var brokerCuts = 0
    var databaseCuts = 0
    private var excuses = 0
    /// Until when the bridge may end by itself.
    private var excusedUntil = ContinuousClock.now
    private(set) var started = ContinuousClock.now
    private var usesTunnel: Bool
    private var isOver = false

    /// A host on which nothing runs yet.
    ///
    /// - Parameter relay: Its way to the database. A bridge that has one is always reached by its tunnel, too.
    init(
        _ id: String,
        at broker: Broker,
        store: String,
        relay: DatabaseRelay? = nil,
        flags: [String: String],
        log: RunLog
    ) throws {
        self.id = id
        self.broker = broker
        self.store = store
        self.relay = relay
        self.flags = flags
        self.log = log
        usesTunnel = relay != nil
        tunnel = try Tunnel(to: broker.port)
    }

    // MARK: - The process

    /// Starts the bridge.
    func start() {
        if let process, process.exit == nil { earlier.append(process) }
        started = .now
        do {
            let child = try launch(store: store)
            process = child
            let way = usesTunnel ? ", by the tunnel" : ""
            log.note("\(id) started, process \(child.pid)\(way)")
        } catch {
            log.find("\(id) cannot be started: \(error)")
        }
    }

    /// Starts a process of a bridge, on some store.
    func launch(store: String, id: String? = nil) throws -> Child {
        var all = [
            "host": broker.host,
            "port": String(usesTunnel ? tunnel.port : broker.port),
            "username": Self.username,
            "password": Self.username,
            "bridge_id": id ?? self.id,
            "store": store,
        ]
        all.merge(flags) { $1 }
        let arguments = all.sorted { $0.key < $1.key }.flatMap { ["--\($0.key)", $0.value] }
        return try Child(Self.executable, arguments, folder: broker.folder)
    }

    /// The process, if it runs.
    var running: Child? { process.flatMap { $0.exit == nil ? $0 : nil } }

    /// Starts the bridge again if it has ended and nobody holds it down.
    func supervise() {
        guard !isOver, holds == 0, ContinuousClock.now - started > .milliseconds(200),
            running == nil
        else { return }
        if let process, case .code(let code)? = process.exit, code != 0 { judge(process, code) }
        start()
    }

    /// Judges that the bridge has ended by itself.
    private func judge(_ child: Child, _ code: Int32) {
        log.note("\(id) ended by itself with code \(code)")
        let end = child.errors.suffix(2_000)
        if isDisplaced(child) {
            log.count("bridge ended since another one has the store")
            return
        }
        log.count("bridge ended for lack of its store")
        if excuses == 0, ContinuousClock.now > excusedUntil {
            log.find("\(id) has ended by itself with code \(code)\n\(end)")
        }
    }

    /// Whether a process has said that another bridge has the store, where they share one: it ends with 1 then.
    private func isDisplaced(_ child: Child) -> Bool {
        let end = child.errors.suffix(2_000)
        return relay != nil
            && ["is in use by another bridge", "was another bridge's"].contains { end.contains($0) }
    }

    /// Where the processes are not what they should be: the one that was started last runs, and no other one does.
    var disorder: [String] {
        var lines: [String] = []
        if let exit = process?.exit { lines.append("the last process of \(id) has ended: \(exit)") }
        for child in earlier where child.exit == nil {
            lines.append("process \(child.pid) still runs, though another was started after it")
        }
        return lines
    }

    /// Kills all that runs, and starts nothing any more.
    func end() {
        isOver = true
        for child in earlier + [process].compactMap(\.self) { child.kill() }
        tunnel.stop()
        relay?.cut()
    }

    // MARK: - What is done to it

    /// Takes the bridge away until ``release(choice:)``; returns whether it ran.
    func hold(killing: Bool) async -> Bool {
        holds += 1
        guard let child = running else { return false }
        if killing {
            child.kill()
            return true
        }
        do {
            let exit = try await child.terminate()
            // It may have found in the same moment that another bridge has taken its place.
            if exit != .code(0), exit != .signal(SIGKILL), exit != .code(1) || !isDisplaced(child) {
                log.find("asked to end, \(id) ended with \(exit)\n\(child.errors.suffix(2_000))")
            }
        } catch {
            log.find("\(error)")
        }
        return true
    }

    /// Gives it back, as a new process if it was taken away.
    ///
    /// - Parameter choice: Decides whether that is reached by the tunnel, where the store is a file.
    func release(choice: UInt64) {
        holds -= 1
        if relay == nil { usesTunnel = choice % 2 == 0 }
        supervise()
    }

    /// The bridge is to get no processor until ``resume()``.
    func pause() {
        pauses += 1
        process?.send(SIGSTOP)
    }

    /// It gets one again.
    func resume() {
        pauses -= 1
        if pauses == 0 { process?.send(SIGCONT) }
    }

    /// The bridge may end by itself, for lack of its store, until ``endExcuse()`` and a while longer.
    func beginExcuse() { excuses += 1 }

    /// It may not any more.
    func endExcuse() {
        excuses -= 1
        excusedUntil = .now + .seconds(1)
    }
}
