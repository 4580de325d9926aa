import BrokerFixture
import Foundation
import Presence

/// How long the bridge takes from its start until it answers, with all that a large service has.
enum RestartScenario: Scenario {
    static let number = 6
    static let title = "restart with a store of 1,000,000 users, until it answers"

    static func run(_ runSize: RunSize) async throws -> [Finding] {
        let users = runSize.size(1_000_000, quick: 100_000)
        let sample = StoreSample(users: users, online: users / 10, subscriptions: users * 20)
        let testbed = try Testbed()
        let store = testbed.broker.folder.file("presence.db")
        try sample.write(to: store)
        try retain(sample, on: testbed)
        let swarm = testbed.swarm()
        let client = try swarm.connect([StoreSample.name(1)]).lowerBound
        swarm.subscribe(client, to: ["presence/response/\(StoreSample.name(1))/phone"], qos: 1)
        try swarm.run(until: { swarm.isQuiet })

        var rounds: [Finding.Round] = []
        var parts: (rows: [Double], topics: [Double]) = ([], [])
        var usage = testbed.usage()
        usage.reset()
        // The first start learns of the broker, and its pages come from the disk.
        for round in 0...runSize.rounds {
            let before = testbed.usage()
            var taken = try testbed.startBridge(["request_rate": "1000"])
            taken += try ask(swarm, client)
            var used = testbed.usage().since(before, elapsed: taken)
            if let bridge = testbed.bridge { used.bridge = ProcessUsage(of: bridge.pid) }
            try testbed.stopBridge()
            let rows = try readRows(store, sample)
            let topics = try readTopics(sample, on: testbed)
            guard round > 0 else { continue }
            usage.add(used)
            parts.rows.append(rows)
            parts.topics.append(topics)
            rounds.append(.init(subject: taken, yardstick: rows + topics))
        }
        let size = try FileManager.default.attributesOfItem(atPath: store)[.size] as? Int ?? 0
        return [
            Finding(
                scenario: "6  restart, \(Figure.text(Double(sample.rows))) rows",
                yardstick: "SQLite cursor, then a raw reader",
                unit: "s",
                rounds: rounds,
                goal: .atMost(1.5),
                usage: usage,
                remarks: [
                    "the cursor takes \(Figure.text(Figure.median(parts.rows))) s for a file of "
                        + "\(Figure.bytes(size)), the reader "
                        + "\(Figure.text(Figure.median(parts.topics))) s for "
                        + "\(Figure.text(Double(sample.users + sample.online))) topics"
                ]
            )
        ]
    }

    /// Leaves at the broker what devices and the bridge had retained.
    private static func retain(_ sample: StoreSample, on testbed: Testbed) throws {
        let swarm = testbed.swarm()
        let gateway = try swarm.connect(["bench"]).lowerBound
        for id in 1...UserID(sample.users) {
            let status = sample.status(id)
            swarm.publish(
                gateway,
                "presence/status/\(status.username)",
                status.payload,
                isRetained: true
            )
            if id <= sample.online {
                swarm.publish(
                    gateway,
                    "presence/device/\(status.username)/phone",
                    Array("online".utf8),
                    isRetained: true
                )
            }
            // A broker that is sent everything at once reads and answers nothing for long.
            if id.isMultiple(of: 1_000) {
                try swarm.run(until: { swarm.unacknowledged(gateway) < 2_000 })
            }
        }
        try swarm.run(until: { swarm.isQuiet })
    }

    /// Asks for one user; returns how long the answer takes.
    private static func ask(_ swarm: Swarm, _ client: Int) throws -> Double {
        let question = Array(#"{"id":1,"usernames":["\#(StoreSample.name(2))"]}"#.utf8)
        var answer = ""
        let taken = try seconds {
            let topic = "presence/request/\(StoreSample.name(1))/phone/get"
            swarm.publish(client, topic, question)
            try swarm.run {
                answer = $0.text
            } until: {
                !answer.isEmpty
            }
        }
        guard answer.contains(#""status":"online""#) else {
            throw FixtureError("the bridge has not restored all: \(answer)")
        }
        return taken
    }

    /// Reads the store's rows as they are; returns how long it takes.
    private static func readRows(_ path: String, _ sample: StoreSample) throws -> Double {
        var count = 0
        let taken = try seconds {
            let plain = try PlainSQLite(path: path)
            count = try plain.readEverything()
            try plain.close()
        }
        guard count == sample.rows + 1 else {
            throw FixtureError("\(count) rows in place of \(sample.rows + 1)")
        }
        return taken
    }

    /// Reads the retained topics that the bridge reads; returns how long it takes.
    private static func readTopics(_ sample: StoreSample, on testbed: Testbed) throws -> Double {
        let swarm = testbed.swarm()
        var count = 0
        return try seconds {
            let reader = try swarm.connect(["bench"]).lowerBound
            swarm.subscribe(reader, to: ["presence/status/+", "presence/device/+/+"], qos: 0)
            try swarm.run { _ in
                count += 1
            } until: {
                count >= sample.users + sample.online
            }
        }
    }
}
