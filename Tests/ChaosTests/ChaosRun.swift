import BrokerFixture
import Chance
import Crowd
import Foundation
import Presence

/// One service and its users, through some rounds of faults, each of which must end well.
struct ChaosRun {
    /// What went wrong, and all that helps to see why.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// How long everything may take to come to rest, and then to become true.
    ///
    /// A connection that is half-open is noticed after 13.5 s; a restart of the broker is forgiven
    /// for 4 s.
    private static let patience = Duration.seconds(45)

    let setting: RunOptions
    let number: Int
    private let stage: Stage
    private let crowd: Crowd<RandomWalk>
    private var script: Script

    /// Starts a service and its users.
    init(_ setting: RunOptions, number: Int) async throws {
        var random = SeededNumbers(seed: setting.seed).split(UInt64(number))
        let stage = try await Stage.start(setting, flags: Self.flags(setting, &random))
        var setting = setting
        setting.port = stage.broker.port
        let ports = stage.devicePorts
        let seed = random.next()
        let given = setting
        crowd = Crowd { RandomWalk(given, ports: ports, seed: seed, in: $0) }
        script = Script(seed: random.next(), kinds: setting.faults)
        self.stage = stage
        self.setting = setting
        self.number = number
        await stage.fleet.supervise()
    }

    /// Short graces, so that a round is quick; some of the rest differs from act to act.
    private static func flags(
        _ setting: RunOptions,
        _ random: inout SeededNumbers
    ) -> [String: String] {
        var flags = [
            "offline_grace": "1s",
            "logout_grace": "300ms",
            "broker_restart_grace": "4s",
            "keepalive": "5s",
            "metrics_interval": "1s",
            "audit_interval": random.chance(0.5) ? "2s" : "6s",
            "device_forget_after": random.chance(0.5) ? "3s" : "1d",
            "store_sync": random.chance(0.5) ? "full" : "normal",
            "event_interval": random.chance(0.5) ? "100ms" : "20ms",
        ]
        if setting.bridges > 1 { flags["lease"] = "\(setting.lease.components.seconds)s" }
        return flags
    }

    /// Plays rounds until a time, at least one, and adds to the figures.
    mutating func play(until end: ContinuousClock.Instant, _ figures: inout RunCounts) async throws
    {
        let stage = stage
        let supervision = Task {
            while !Task.isCancelled {
                await stage.fleet.supervise()
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
        defer { supervision.cancel() }
        do {
            await crowd.call { $0.begin() }
            _ = try await converge("the beginning")
            var round = 0
            repeat {
                round += 1
                try await play(round: round)
                figures.rounds += 1
            } while ContinuousClock.now < end
        } catch {
            await close(&figures)
            throw error
        }
        await close(&figures)
    }

    private func close(_ figures: inout RunCounts) async {
        let seen = await crowd.call { ($0.ledger.tally, $0.storm.logins, $0.statusHistory.count) }
        figures.add(stage.log.counts, seen.0)
        figures.logins += seen.1
        figures.statuses += seen.2
        figures.takeOvers += await stage.takeOvers
        for host in stage.fleet.hosts {
            figures.drops +=
                stage.broker.log.components(separatedBy: "dropped for client \(host.id)").count - 1
        }
        crowd.stop()
        await stage.end()
    }

    // MARK: - A round

    private mutating func play(round: Int) async throws {
        let steps = script.round(of: setting.isLong ? 2...5 : 4...5)
        stage.log.note("round \(round)")
        await crowd.call { $0.isWalking = true }
        let (stage, crowd) = (stage, crowd)
        await withTaskGroup(of: Void.self) { group in
            for step in steps { group.addTask { await stage.play(step, with: crowd) } }
        }
        await crowd.call { $0.end() }
        stage.log.note("faults are over")
        let found = try await converge("round \(round)")
        try await confirm(found, "round \(round)")
    }

    /// Waits until everybody has said and asked what they wanted, and what is found is true.
    private func converge(_ place: String) async throws -> RetainedState {
        let quiet = ContinuousClock.now + Self.patience
        while true {
            let unrest = await crowd.call { $0.unrest }
            if unrest.isEmpty { break }
            guard ContinuousClock.now < quiet else {
                throw await failure(place, "does not come to rest", unrest)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        stage.log.note("at rest")
        let end = ContinuousClock.now + Self.patience
        while true {
            let (found, lines) = try await compare()
            if lines.isEmpty { return found }
            guard ContinuousClock.now < end else {
                throw await failure(place, "is not true in the end", lines)
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func compare() async throws -> (RetainedState, [String]) {
        // Who must state its word again, as the bridge asks, has something to say again.
        let (truth, unrest) = await crowd.call { ($0.truth, $0.unrest) }
        let found = try await RetainedState.read(from: stage.broker)
        let now = Int64(Date().timeIntervalSince1970)
        var lines =
            unrest + Differences.between(truth, found)
            + Differences.inViews(truth, found, now: now)
        if let database = stage.fleet.database {
            do {
                let cluster = try await ClusterState.read(from: database)
                lines += Differences.inCluster(cluster, found, of: stage.fleet.hosts.map(\.id))
            } catch {
                lines.append("the cluster: \(error)")
            }
        }
        return (found, lines)
    }

    // MARK: - What else must hold

    private func confirm(_ found: RetainedState, _ place: String) async throws {
        // What was right must stay so: the graces that still run change nothing of it.
        try await Task.sleep(for: .milliseconds(1_500))
        var (later, lines) = try await compare()
        if !lines.isEmpty { throw await failure(place, "was true, and did not stay so", lines) }
        later = later.statuses.count >= found.statuses.count ? later : found
        lines += try await asked(later)
        lines += await stage.fleet.disorder
        lines += stage.log.findings
        lines += await crowd.call { $0.ledger.tally.complaints }
        if !lines.isEmpty { throw await failure(place, "has findings", lines) }
        stage.log.note("all is true")
    }

    /// What the bridge answers agrees with what is retained, and with what it acknowledged.
    private func asked(_ found: RetainedState) async throws -> [String] {
        let names = setting.everyName
        let truth = await crowd.call { $0.truth }
        guard let someone = truth.views.keys.min() else { return [] }
        var lines: [String] = []
        let online = Set(
            found.statuses.filter { $0.value.object?["online"]?.bool == true }.keys
        )
        var listed: [String] = []
        var cursor: String?
        repeat {
            let next = cursor.map { ",\"cursor\":\"\($0)\"" } ?? ""
            let page = await answer(someone, "online", "\"pageSize\":20\(next)")
            listed += (page.object?["usernames"]?.array ?? []).compactMap(\.string)
            cursor = page.object?["cursor"]?.string
        } while cursor != nil
        if listed.count != Set(listed).count || Set(listed) != online {
            let missing = online.subtracting(listed).sorted()
            let extra = Set(listed).subtracting(online).sorted()
            lines.append("online: missing \(missing), too many \(extra), \(listed.count) in all")
        }
        for start in stride(from: 0, to: names.count, by: 100) {
            let some = names[start..<min(start + 100, names.count)]
            let list = some.map { "\"\($0)\"" }.joined(separator: ",")
            let users = await answer(someone, "get", "\"usernames\":[\(list)]").object?["users"]
            for (name, status) in zip(some, users?.array ?? []) {
                guard let retained = found.statuses[name], retained != status else { continue }
                lines.append("get \(name): \(status), retained is \(retained)")
            }
            if users?.array?.count != some.count { lines.append("get: \(users ?? .null)") }
        }
        for user in names where truth.views[user] != nil {
            let list = await answer(user, "subscriptions", "\"pageSize\":500")
            lines += Differences.inSubscriptions(
                of: user,
                truth.subscriptions[user] ?? [:],
                list,
                now: Int64(Date().timeIntervalSince1970)
            )
        }
        return lines
    }

    private func answer(_ user: String, _ operation: String, _ members: String) async -> JSONValue {
        await withCheckedContinuation { continuation in
            crowd.perform { walk in
                guard let device = walk.asker(user), device.isPresent else {
                    continuation.resume(returning: .null)
                    return
                }
                device.ask(operation, members) { continuation.resume(returning: $0) }
            }
        }
    }

    private func failure(_ place: String, _ what: String, _ lines: [String]) async -> Failure {
        let logs = await stage.keepLogs("presence-\(setting.name)-\(setting.seed)-\(number)")
        let history = stage.log.history.suffix(60).joined(separator: "\n  ")
        let shown = lines.prefix(40).joined(separator: "\n  ")
        let found = stage.log.findings.joined(separator: "\n  ")
        return Failure(
            description: """
                seed \(setting.seed), act \(number), \(place) \(what), in \(lines.count) places:
                  \(shown)
                found besides:
                  \(found)
                what was done:
                  \(history)
                logs: \(logs)
                """
        )
    }
}
