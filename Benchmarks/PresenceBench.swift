import ArgumentParser
import Foundation

/// Measures the bridge beside yardsticks.
@main
struct PresenceBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "presence-bench",
        abstract: "Measures the bridge beside what the broker, the disk and the machine allow.",
        discussion: """
            Each scenario takes turns with its yardstick in one run, on the same broker with the \
            same settings. A line of the table shows the medians, the median of the rounds' ratios \
            and the least and greatest of them. With --against another build of the bridge takes \
            turns with this one in each scenario that starts a bridge.
            """,
        subcommands: [Measure.self, Respond.self, Fill.self, FillThings.self],
        defaultSubcommand: Measure.self
    )
}

/// The scenarios in the order of the table.
let scenarios: [any Scenario.Type] = [
    GetScenario.self, FanOutScenario.self, StormScenario.self, LoginStormScenario.self,
    MemoryScenario.self, RestartScenario.self, CoreScenario.self, LatencyScenario.self,
    SubscribeScenario.self, PluginScenario.self, StallScenario.self, ChangeLogScenario.self,
    CalledScenario.self, DatabaseScenario.self, FailOverScenario.self,
]

extension PresenceBench {
    /// Measures scenarios.
    struct Measure: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measures all scenarios, or some.",
            discussion: scenarios.map { "\($0.number)  \($0.title)" }.joined(separator: "\n")
        )

        @Argument(help: "The numbers of the scenarios; all of them without any.")
        var numbers: [Int] = []

        @Flag(help: "Smaller sizes: all of it takes about two minutes.")
        var quick = false

        @Option(help: "How often each scenario and its yardstick take turns.")
        var rounds: Int?

        @Option(help: ArgumentHelp("Writes the table as JSON, too.", valueName: "file"))
        var json: String?

        @Option(
            help: ArgumentHelp(
                "Another build of presence-bridge, which takes turns with this one.",
                valueName: "path"
            )
        )
        var against: String?

        @Option(help: .hidden)
        var divisor = 1

        func validate() throws {
            let known = scenarios.map { $0.number }
            for number in numbers where !known.contains(number) {
                throw ValidationError("There is no scenario \(number); there are: \(known)")
            }
            if let rounds, rounds < 1 { throw ValidationError("There must be a round at least.") }
            if divisor < 1 { throw ValidationError("The divisor must be 1 at least.") }
        }

        func run() async throws {
            let options = RunOptions(
                rounds: rounds ?? (quick ? 3 : 5),
                isQuick: quick,
                divisor: divisor,
                against: try against.map { try BridgeProgram(other: $0) }
            )
            var findings: [Finding] = []
            for scenario in scenarios
            where numbers.isEmpty || numbers.contains(scenario.number) {
                FileHandle.standardError.write(
                    Data("\(scenario.number)  \(scenario.title) ...\n".utf8)
                )
                findings += try await scenario.run(options)
            }
            print("\n\(Table(findings: findings))")
            if let other = options.against { print("\n\(Comparison.otherBuild): \(other.path)") }
            if let json { try JSONReport(findings: findings).write(to: json) }
        }
    }
}
