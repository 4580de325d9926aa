import BrokerFixture
import DatabaseFixture
import Foundation
import Presence

/// How long nobody is served when one of two bridges that share a database is killed.
enum FailOverScenario: Scenario {
    static let number = 15
    static let title =
        "kill -9 of one of two bridges, 100,000 users online, until the other one answers"

    static func run(_ options: RunOptions) async throws -> [Finding] {
        guard DatabaseServer.isInstalled else {
            FileHandle.standardError.write(Data("  left out: PostgreSQL is not installed\n".utf8))
            return []
        }
        let users = options.size(100_000, quick: 20_000)
        let sample = StoreSample(users: users, online: users, subscriptions: users * 20)
        let testbed = try Testbed(database: DatabaseServer(isSafe: true))
        try testbed.fillStore(with: sample)
        try RestartScenario.retain(sample, on: testbed)
        let swarm = testbed.swarm()
        let client = try swarm.connect([StoreSample.name(1)]).lowerBound
        swarm.subscribe(client, to: ["presence/response/\(StoreSample.name(1))/phone"], qos: 1)
        try swarm.run(until: { swarm.isQuiet })

        var serving = try launch("a", on: testbed)
        try ask(swarm, client, 0)
        var names = ["b", "a"]
        var rounds: [Finding.Round] = []
        for round in 1...options.rounds {
            let other = try launch(names[0], on: testbed)
            try awaitStandby(other, of: serving)
            serving.kill()
            rounds.append(.init(subject: try seconds { try ask(swarm, client, round) }))
            serving = other
            names.reverse()
        }
        serving.kill()
        return [
            Finding(
                scenario: "15 fail-over, \(Figure.text(Double(sample.rows))) rows",
                unit: "s",
                rounds: rounds,
                // The lease, and five seconds.
                goal: .atMost(10)
            )
        ]
    }

    private static func launch(_ id: String, on testbed: Testbed) throws -> Child {
        try testbed.launchBridge([
            "bridge_id": id, "request_rate": "1000", "log_level": "notice",
        ])
    }

    private static func awaitStandby(_ bridge: Child, of serving: Child) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !bridge.errors.contains("stands by") {
            guard ContinuousClock.now < deadline, bridge.exit == nil else {
                throw FixtureError(
                    "it does not stand by: \(bridge.errors)\nthe other one: \(serving.errors) \(String(describing: serving.exit))"
                )
            }
            usleep(10_000)
        }
    }

    /// Asks for one user again and again, until somebody answers what was asked for a purpose of this number.
    private static func ask(_ swarm: Swarm, _ client: Int, _ number: Int) throws {
        let name = StoreSample.name(2)
        let question = Array(#"{"id":\#(number),"usernames":["\#(name)"]}"#.utf8)
        let beginning = #"{"id":\#(number),"#
        let deadline = ContinuousClock.now + .seconds(120)
        var answer = ""
        while answer.isEmpty, ContinuousClock.now < deadline {
            swarm.publish(client, "presence/request/\(StoreSample.name(1))/phone/get", question)
            try? swarm.run(within: .milliseconds(100)) {
                if $0.text.hasPrefix(beginning) { answer = $0.text }
            } until: {
                !answer.isEmpty
            }
        }
        guard answer.contains(#""status":"online""#) else {
            throw FixtureError("nobody answers rightly: \(answer)")
        }
    }
}
