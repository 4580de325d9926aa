import BrokerFixture
import DatabaseFixture
import Foundation
import Presence

/// What the bridge does with its store in PostgreSQL, beside what it does with SQLite's file on the same machine.
enum DatabaseScenario: Scenario {
    static let number = 14
    static let title = "subscribe and restart with a store in PostgreSQL, beside SQLite's"

    private static let goal = Goal.atLeast(1, firstBar: 0.4)

    static func run(_ options: RunOptions) async throws -> [Finding] {
        guard DatabaseServer.isInstalled else {
            FileHandle.standardError.write(Data("  left out: PostgreSQL is not installed\n".utf8))
            return []
        }
        return try subscribe(options) + restart(options)
    }

    private static func subscribe(_ options: RunOptions) throws -> [Finding] {
        let watchers = options.size(10_000, quick: 2_000)
        let server = try DatabaseServer(isSafe: true)
        // Both wait for the disk with each commit.
        let settings = ["store_sync": "full"]
        let (database, file) = (try Testbed(database: server), try Testbed())
        let sides = try [database, file].map {
            try SubscribeScenario.prepare(watchers, on: $0, settings)
        }
        for side in sides { _ = try side.subscribe(depth: SubscribeScenario.depth) }
        return try [false, true].map { renews in
            func rate(_ side: Subscribers) throws -> [Double] {
                [try side.subscribe(depth: SubscribeScenario.depth, renews: renews).rate]
            }
            let comparison = try Comparison(
                options,
                bridge: .init(on: database) { try rate(sides[0]) },
                yardstick: { try rate(sides[1]) }
            )
            return Finding(
                scenario: "14 subscribe of 100 names, \(renews ? "renewed" : "new"), PostgreSQL",
                yardstick: "with SQLite",
                unit: "rows/s",
                rounds: comparison.rounds(),
                goal: goal,
                usage: comparison.usage
            )
        }
    }

    private static func restart(_ options: RunOptions) throws -> [Finding] {
        let users = options.size(1_000_000, quick: 100_000)
        let sample = StoreSample(users: users, online: users / 10, subscriptions: users * 20)
        let server = try DatabaseServer(isSafe: true)
        let database = try Testbed(database: server)
        let side = try RestartScenario.prepare(sample, on: database)
        let file = try RestartScenario.prepare(sample, on: Testbed())
        func rate(_ side: Comparison.Side) throws -> [Double] {
            [Double(sample.rows) / (try side.measure()[0])]
        }
        let comparison = try Comparison(
            options,
            bridge: .init(on: database) { try rate(side) },
            yardstick: { try rate(file) }
        )
        return [
            Finding(
                scenario: "14 restart, \(Figure.text(Double(sample.rows))) rows, PostgreSQL",
                yardstick: "with SQLite",
                unit: "rows/s",
                rounds: comparison.rounds(),
                goal: goal,
                usage: comparison.usage
            )
        ]
    }
}
