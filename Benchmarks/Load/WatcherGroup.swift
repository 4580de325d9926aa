import BrokerFixture

/// Watchers that are subscribed to the same users, at the bridge and at raw topics of those users.
final class WatcherGroup {
    /// What the watchers and the users' devices are connected with.
    let swarm: Swarm
    /// The users who are watched.
    let users: [String]
    private let watchers: Range<Int>
    /// A client that may publish for everyone.
    private let gateway: Int
    private var hasTurned = false

    /// Connects the watchers, and subscribes each to all users: at the bridge, and at the broker.
    init(of users: [String], watchers count: Int, on testbed: Testbed) throws {
        self.users = users
        swarm = testbed.swarm()
        gateway = try swarm.connect(["bench"]).lowerBound
        let names = (0..<count).map { "watcher\($0)" }
        watchers = try swarm.connect(names)
        for (client, name) in zip(watchers, names) {
            let topics = [
                "presence/event/\(name)", "presence/response/\(name)/phone", "bench/raw/+",
            ]
            swarm.subscribe(client, to: topics, qos: 1)
        }
        for user in users { state("online", of: user) }
        try swarm.run(until: { swarm.isQuiet })
        try subscribe(names)
    }

    private func subscribe(_ names: [String]) throws {
        let requests = stride(from: 0, to: users.count, by: 100).map { start in
            let page = users[start..<min(start + 100, users.count)].map { "\"\($0)\"" }
            return Array(#"{"id":1,"usernames":[\#(page.joined(separator: ","))]}"#.utf8)
        }
        _ = try RequestLoad(clients: Array(watchers), depth: 1).rate(
            each: requests.count,
            over: swarm,
            qos: 1
        ) { client, number in
            let topic = "presence/request/\(names[client - watchers.lowerBound])/phone/subscribe"
            return (topic, requests[number])
        }
    }

    private func state(_ word: String, of user: String) {
        swarm.publish(gateway, "presence/device/\(user)/phone", Array(word.utf8), isRetained: true)
    }

    /// Changes the words of all users at once; returns the seconds until every watcher was told
    /// every change, and the bytes of an update.
    func changeWords() throws -> (seconds: Double, updateSize: Int) {
        hasTurned.toggle()
        var (updates, bytes) = (0, 0)
        let elapsed = try seconds {
            for user in users { state(hasTurned ? "away" : "online", of: user) }
            updates = try receiveAll { message in
                bytes += message.payload.count
                return message.statusCount
            }
        }
        try settle(updates)
        return (elapsed, bytes / max(1, updates))
    }

    /// Publishes to the raw topics of all users at once; returns the seconds until every watcher
    /// has all of them.
    func publishRaw(size: Int) throws -> Double {
        let payload = [UInt8](repeating: UInt8(ascii: "x"), count: size)
        var updates = 0
        let elapsed = try seconds {
            for user in users {
                swarm.publish(gateway, "bench/raw/\(user)", payload, isRetained: true)
            }
            try swarm.run { _ in
                updates += 1
            } until: {
                updates >= users.count * watchers.count
            }
        }
        try settle(updates)
        return elapsed
    }

    /// Serves everyone until each watcher has been told every change.
    private func receiveAll(_ body: (Delivery) -> Int) throws -> Int {
        let all = users.count * watchers.count
        var updates = 0
        do {
            try swarm.run {
                updates += body($0)
            } until: {
                updates >= all
            }
        } catch {
            throw FixtureError("\(updates) of \(all) updates have come: \(error)")
        }
        return updates
    }

    /// Waits for the acknowledgements, so that nothing of one measurement reaches the next.
    private func settle(_ updates: Int) throws {
        guard updates == users.count * watchers.count else {
            throw FixtureError("\(updates) updates instead of \(users.count * watchers.count)")
        }
        try swarm.run(until: { swarm.isQuiet })
    }
}
