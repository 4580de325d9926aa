import BrokerFixture
import Foundation
import Mosquitto

/// A broker and a bridge, and the hands that do things to them.
///
/// Faults overlap, so each one holds what it takes away: the bridge runs when nobody holds it
/// down any more, and so does the broker. A bridge that ends by itself is started again, as a
/// service manager would; that is a finding unless a fault explains it.
actor Stage {
    /// What the bridge is called at the broker.
    static let bridgeID = "presence-bridge"
    /// How old the broker is at least when it goes down: a restart of one that is younger than the
    /// tolerance with which its start is known cannot be recognized.
    private static let brokerAge = Duration.seconds(6)

    let broker: Broker
    let deviceTunnel: Tunnel
    let bridgeTunnel: Tunnel
    let disk: SmallDisk?
    /// A user whose login does what no user should.
    let thief: String
    private let flags: [String: String]

    /// The bridge that was started last.
    private(set) var bridge: Child?
    /// Those before it that may still run.
    var earlier: [Child] = []
    private(set) var findings: [String] = []
    private(set) var history: [String] = []
    private(set) var counts: [String: Int] = [:]

    private var bridgeHolds = 0
    private var brokerHolds = 0
    private var pauses = 0
    /// Until when the bridge may end by itself.
    private var excusedUntil = ContinuousClock.now
    private var excuses = 0
    private var lastAttempt = ContinuousClock.now
    private var brokerStarted = ContinuousClock.now
    private var brokerWork: Task<Void, Never>?
    private var useTunnel = false
    private let begun = ContinuousClock.now
    private var isOver = false

    /// Starts both.
    static func start(_ setting: RunOptions, flags: [String: String]) async throws -> Stage {
        let source = URL(filePath: #filePath)
        let root = source.deletingLastPathComponent().appending(path: "../..").standardized
        var options = BrokerOptions()
        options.acl = try String(contentsOf: root.appending(path: "examples/acl"), encoding: .utf8)
        for user in setting.everyName + [bridgeID, "monitor"] { options.users[user] = user }
        options.persistence = true
        options.logTypes =
            setting.logsPackets ? ["all"] : ["error", "warning", "notice", "information"]
        // The default limits of queues stay: the broker drops what a slow reader does not take.
        options.extra = "autosave_interval 2\nmax_packet_size 4194304"
        let broker = try await Broker.start(options)
        let disk = try await SmallDisk.mount(mebibytes: 48)
        if disk == nil {
            print("chaos without a full disk: this machine lets nobody mount a tmpfs")
        }
        return try Stage(broker, disk, flags, thief: setting.everyName.first ?? "monitor")
    }

    private init(
        _ broker: Broker,
        _ disk: SmallDisk?,
        _ flags: [String: String],
        thief: String
    ) throws {
        self.thief = thief
        self.broker = broker
        self.disk = disk
        self.flags = flags
        deviceTunnel = try Tunnel(to: broker.port)
        bridgeTunnel = try Tunnel(to: broker.port)
    }

    /// Where the store is.
    var storePath: String { disk?.file("presence.db") ?? broker.folder.file("presence.db") }

    // MARK: - Telling

    /// Notes what was done.
    func note(_ words: String) {
        let time = (ContinuousClock.now - begun) / .seconds(1)
        history.append("\(String(format: "%7.2f", time)) \(words)")
    }

    /// Notes what must not happen.
    func find(_ words: String) {
        note("FOUND \(words)")
        findings.append(words)
    }

    /// Counts what was done.
    func count(_ what: String, _ number: Int = 1) { counts[what, default: 0] += number }

    // MARK: - The bridge

    /// Starts the bridge.
    func startBridge() {
        if let bridge, bridge.exit == nil { earlier.append(bridge) }
        lastAttempt = .now
        do {
            bridge = try makeBridge(store: storePath)
            note("bridge started, process \(bridge?.pid ?? 0)\(useTunnel ? ", by the tunnel" : "")")
        } catch {
            find("the bridge cannot be started: \(error)")
        }
    }

    /// Starts a process of a bridge, on some store.
    func makeBridge(store: String, id: String = bridgeID) throws -> Child {
        var all = [
            "host": broker.host,
            "port": String(useTunnel ? bridgeTunnel.port : broker.port),
            "username": Self.bridgeID,
            "password": Self.bridgeID,
            "bridge_id": id,
            "store": store,
        ]
        all.merge(flags) { $1 }
        let arguments = all.sorted { $0.key < $1.key }.flatMap { ["--\($0.key)", $0.value] }
        return try Child(Self.executable, arguments, folder: broker.folder)
    }

    /// The bridge that was built beside the tests, or the one that `CHAOS_BRIDGE` names.
    private static var executable: String {
        if let path = ProcessInfo.processInfo.environment["CHAOS_BRIDGE"] { return path }
        return URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: bridgeID).path
    }

    /// Takes the bridge away until ``releaseBridge(choice:)``.
    func holdBridge(killing: Bool) async {
        bridgeHolds += 1
        guard let child = bridge, child.exit == nil else { return }
        if killing {
            child.kill()
            count("bridge killed")
            return
        }
        count("bridge stopped")
        do {
            let exit = try await child.terminate()
            if exit != .code(0), exit != .signal(SIGKILL) {
                find("asked to end, the bridge ended with \(exit)\n\(tail(child))")
            }
        } catch {
            find("\(error)")
        }
    }

    /// Gives it back, as a new process if it was taken away.
    func releaseBridge(choice: UInt64) {
        bridgeHolds -= 1
        useTunnel = choice % 2 == 0
        supervise()
    }

    /// The bridge is to get no processor until ``resumeBridge()``.
    func pauseBridge() {
        pauses += 1
        bridge?.send(SIGSTOP)
        count("bridge paused")
    }

    /// It gets one again.
    func resumeBridge() {
        pauses -= 1
        if pauses == 0 { bridge?.send(SIGCONT) }
    }

    /// The bridge may end by itself until ``endExcuse()``, and a while longer.
    func beginExcuse() { excuses += 1 }

    /// It may not any more.
    func endExcuse() {
        excuses -= 1
        excusedUntil = .now + .seconds(1)
    }

    /// Starts the bridge again if it has ended and nobody holds it down.
    func supervise() {
        guard !isOver, bridgeHolds == 0, ContinuousClock.now - lastAttempt > .milliseconds(200),
            bridge.map({ $0.exit != nil }) ?? true
        else { return }
        if let bridge, case .code(let code)? = bridge.exit, code != 0 {
            note("bridge ended by itself with code \(code)")
            count("bridge ended for lack of its store")
            if excuses == 0, ContinuousClock.now > excusedUntil {
                find("the bridge has ended by itself with code \(code)\n\(tail(bridge))")
            }
        }
        startBridge()
    }

    /// The end of what a process has logged.
    func tail(_ child: Child) -> String { String(child.errors.suffix(2_000)) }

    // MARK: - The broker

    /// Takes the broker away until ``releaseBroker()``.
    func holdBroker(killing: Bool) async {
        let age = ContinuousClock.now - brokerStarted
        if age < Self.brokerAge { try? await Task.sleep(for: Self.brokerAge - age) }
        brokerHolds += 1
        await inOrder { [broker] in
            guard broker.child != nil else { return }
            do {
                if killing { broker.kill() } else { try await broker.stop() }
            } catch {
                await self.find("\(error)")
            }
            await self.count(killing ? "broker killed" : "broker stopped")
        }
    }

    /// Gives it back.
    func releaseBroker() async {
        brokerHolds -= 1
        await inOrder { [broker] in
            guard await self.isBrokerWanted, broker.child == nil else { return }
            do {
                try await broker.restart()
                await self.brokerRuns()
            } catch {
                await self.find("the broker does not start: \(error)")
            }
        }
    }

    private var isBrokerWanted: Bool { brokerHolds == 0 }

    private func brokerRuns() {
        brokerStarted = .now
        note("broker runs")
    }

    /// One thing after the other is done to the broker.
    private func inOrder(_ body: @escaping @Sendable () async -> Void) async {
        let before = brokerWork
        let task = Task {
            await before?.value
            await body()
        }
        brokerWork = task
        await task.value
    }

    // MARK: - The end

    /// Kills both.
    func end() {
        isOver = true
        for child in earlier + [bridge].compactMap(\.self) { child.kill() }
        broker.kill()
        deviceTunnel.stop()
        bridgeTunnel.stop()
        disk?.unmount()
    }

    /// Copies the logs of all processes to where they stay, and returns where that is.
    func keepLogs(_ name: String) -> String {
        let target = FileManager.default.temporaryDirectory.appending(path: name)
        try? FileManager.default.removeItem(at: target)
        do {
            try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
            for file in try FileManager.default.contentsOfDirectory(atPath: broker.folder.path)
            where file.hasSuffix(".log") || file.hasSuffix(".err") {
                try FileManager.default.copyItem(
                    at: URL(filePath: broker.folder.file(file)),
                    to: target.appending(path: file)
                )
            }
            try Data(history.joined(separator: "\n").utf8)
                .write(to: target.appending(path: "history"))
        } catch {
            return "nowhere: \(error)"
        }
        return target.path
    }
}
