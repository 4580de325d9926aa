import BrokerFixture
import DatabaseFixture
import Foundation
import Mosquitto

/// A broker and its bridges, and the hands that do things to them.
///
/// Faults overlap, so each one holds what it takes away: the broker runs when nobody holds it down any more, and so does
/// each bridge (``BridgeHost``) and the database.
actor Stage {
    /// How old the broker is at least when it goes down: a restart of one that is younger than the
    /// tolerance with which its start is known cannot be recognized.
    private static let brokerAge = Duration.seconds(6)

    let broker: Broker
    let fleet: Fleet
    let deviceTunnel: Tunnel
    let disk: SmallDisk?
    let log: RunLog
    let setting: RunOptions

    /// How many hold the database down.
    var databaseHolds = 0
    var isDatabaseUp = true
    /// One thing after the other is done to it.
    let databaseWork = WorkQueue()
    private var brokerHolds = 0
    private var brokerPauses = 0
    private var brokerStarted = ContinuousClock.now
    private let brokerWork = WorkQueue()
    /// How long it took each time until another bridge served.
    var takeOvers: [Duration] = []

    /// Starts the broker, and what the bridges need.
    static func start(_ setting: RunOptions, flags: [String: String]) async throws -> Stage {
        let source = URL(filePath: #filePath)
        let root = source.deletingLastPathComponent().appending(path: "../..").standardized
        var options = BrokerOptions()
        options.acl = try String(contentsOf: root.appending(path: "examples/acl"), encoding: .utf8)
        for user in setting.everyName + [BridgeHost.username, "monitor"] {
            options.users[user] = user
        }
        options.persistence = true
        options.logTypes =
            setting.logsPackets ? ["all"] : ["error", "warning", "notice", "information"]
        // The default limits of queues stay: the broker drops what a slow reader does not take.
        options.extra = "autosave_interval 2\nmax_packet_size 4194304"
        let broker = try await Broker.start(options)
        let log = RunLog()
        guard setting.bridges > 1 else {
            let disk = try await SmallDisk.mount(mebibytes: 48)
            if disk == nil {
                print("chaos without a full disk: this machine lets nobody mount a tmpfs")
            }
            let store = disk?.file("presence.db") ?? broker.folder.file("presence.db")
            let fleet = try Fleet(store: store, at: broker, flags: flags, log: log)
            return try Stage(broker, fleet, disk, setting, log)
        }
        let database = try await offPool { try DatabaseServer() }
        let fleet = try Fleet(
            of: setting.bridges,
            sharing: database,
            at: broker,
            flags: flags,
            log: log
        )
        return try Stage(broker, fleet, nil, setting, log)
    }

    private init(
        _ broker: Broker,
        _ fleet: Fleet,
        _ disk: SmallDisk?,
        _ setting: RunOptions,
        _ log: RunLog
    ) throws {
        self.broker = broker
        self.fleet = fleet
        self.disk = disk
        self.setting = setting
        self.log = log
        deviceTunnel = try Tunnel(to: broker.port)
    }

    /// The ports by which devices reach the broker: straight, and by the tunnel.
    nonisolated var devicePorts: [UInt16] { [broker.port, deviceTunnel.port] }

    // MARK: - The broker

    /// Takes the broker away until ``releaseBroker()``.
    func holdBroker(killing: Bool) async {
        let age = ContinuousClock.now - brokerStarted
        if age < Self.brokerAge { try? await Task.sleep(for: Self.brokerAge - age) }
        brokerHolds += 1
        await brokerWork.run { [broker, log] in
            guard broker.child != nil else { return }
            do {
                if killing { broker.kill() } else { try await broker.stop() }
            } catch {
                log.find("\(error)")
            }
            log.count(killing ? "broker killed" : "broker stopped")
        }
    }

    /// Gives it back.
    func releaseBroker() async {
        brokerHolds -= 1
        await brokerWork.run { [broker, log] in
            guard await self.isBrokerWanted, broker.child == nil else { return }
            do {
                try await broker.restart()
                await self.brokerRuns()
            } catch {
                log.find("the broker does not start: \(error)")
            }
        }
    }

    private var isBrokerWanted: Bool { brokerHolds == 0 }

    private func brokerRuns() {
        brokerStarted = .now
        log.note("broker runs")
    }

    /// The broker is to get no processor until ``resumeBroker()``.
    func pauseBroker() {
        brokerPauses += 1
        broker.pause()
        log.count("broker paused")
    }

    /// It gets one again.
    func resumeBroker() {
        brokerPauses -= 1
        broker.resume()
    }

    /// Whether it is there for everybody.
    var isBrokerUp: Bool { brokerHolds == 0 && brokerPauses == 0 && broker.child != nil }

    // MARK: - The end

    /// Kills all of it.
    func end() async {
        await fleet.end()
        broker.kill()
        deviceTunnel.stop()
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
            try Data(log.history.joined(separator: "\n").utf8)
                .write(to: target.appending(path: "history"))
        } catch {
            return "nowhere: \(error)"
        }
        return target.path
    }
}
