import BrokerFixture
import Foundation
import Presence

/// How long the bridge takes from its start until it answers, with all that a large service has.
enum RestartScenario: Scenario {
    static let number = 6
    static let title = "restart with a store of 1,000,000 users, until it answers"

    static func run(_ options: RunOptions) async throws -> [Finding] {
        let users = options.size(1_000_000, quick: 100_000)
        let sample = StoreSample(users: users, online: users / 10, subscriptions: users * 20)
        let testbed = try Testbed()
        let side = try prepare(sample, on: testbed)
        var parts: (rows: [Double], topics: [Double]) = ([], [])
        let comparison = try Comparison(
            options,
            bridge: side,
            other: options.against.map { try prepare(sample, on: Testbed(of: $0)) },
            yardstick: {
                parts.rows.append(try readRows(testbed.store, sample))
                parts.topics.append(try readTopics(sample, on: testbed))
                return [(parts.rows.last ?? .nan) + (parts.topics.last ?? .nan)]
            }
        )
        let size =
            try FileManager.default.attributesOfItem(atPath: testbed.store)[.size] as? Int ?? 0
        let name = "6  restart, \(Figure.text(Double(sample.rows))) rows"
        let cpu = "6  CPU for a restart"
        return [
            Finding(
                scenario: name,
                yardstick: "SQLite cursor, then a raw reader",
                unit: "s",
                rounds: comparison.rounds(),
                goal: .atMost(1.5),
                usage: comparison.usage,
                remarks: [
                    "the cursor takes \(Figure.text(Figure.median(parts.rows))) s for a file of "
                        + "\(Figure.bytes(size)), the reader "
                        + "\(Figure.text(Figure.median(parts.topics))) s for "
                        + "\(Figure.text(Double(sample.users + sample.online))) topics"
                ]
            )
        ]
            + comparison.besideOther(
                scenario: name,
                unit: "s",
                goal: .atMost(0.3, firstBar: 0.5)
            )
            + (options.against == nil
                ? [comparison.line(1, scenario: cpu, unit: "s")]
                : comparison.besideOther(1, scenario: cpu, unit: "s"))
    }

    /// Fills a store and a broker, and starts the bridge once.
    ///
    /// Then it knows the broker, and its pages are in memory. A turn yields the seconds until it
    /// answers, and those of its processor.
    static func prepare(
        _ sample: StoreSample,
        on testbed: Testbed
    ) throws -> Comparison.Side {
        try testbed.fillStore(with: sample)
        try retain(sample, on: testbed)
        let swarm = testbed.swarm()
        let client = try swarm.connect([StoreSample.name(1)]).lowerBound
        swarm.subscribe(client, to: ["presence/response/\(StoreSample.name(1))/phone"], qos: 1)
        try swarm.run(until: { swarm.isQuiet })
        let side = Comparison.Side(on: testbed) {
            let before = testbed.usage().bridge
            var taken = try testbed.startBridge(["request_rate": "1000"])
            taken += try ask(swarm, client)
            let used = testbed.usage().bridge.since(before)
            try testbed.stopBridge()
            return [taken, used.seconds]
        }
        _ = try side.measure()
        return side
    }

    /// Leaves at the broker what devices and the bridge had retained.
    static func retain(_ sample: StoreSample, on testbed: Testbed) throws {
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
