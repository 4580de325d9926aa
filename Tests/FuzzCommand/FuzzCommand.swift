import ArgumentParser
import Foundation
import Fuzzing

/// Fuzzes for as long as asked, with fresh seeds, and prints each input that broke a rule.
@main
struct FuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz",
        abstract: "Feeds the bridge's parts with mutated inputs, and says which rules they break."
    )

    @Option(help: "How long, over all targets.")
    var seconds = 60.0

    @Option(help: "The first seed; without it the time of the start.")
    var seed: UInt64?

    @Option(help: "How many seeds of each target, in place of a time.")
    var count: UInt64?

    @Option(
        help: "One target alone: service, topics, configuration, store, journal, plugin or client."
    )
    var target: String?

    @Option(help: "A folder for the inputs that broke a rule, as cases.")
    var cases: String?

    @Flag(help: "Prints the input of the first seed, and runs it alone.")
    var show = false

    func run() throws {
        CrashReport.listen()
        let first = seed ?? UInt64(Date().timeIntervalSince1970 * 1_000)
        let targets = Targets.all.filter { target == nil || $0.name == target }
        guard !targets.isEmpty else { throw ValidationError("there is no such target") }
        var failures = 0
        for target in targets {
            if show { print(target.input(seed: first).text) }
            let budget = Duration.seconds(seconds / Double(targets.count))
            failures += fuzz(target, from: first, for: budget)
        }
        if failures > 0 { throw ExitCode.failure }
    }

    private func fuzz(_ target: any Target, from first: UInt64, for budget: Duration) -> Int {
        let begun = ContinuousClock.now
        var seed = first
        var complaints: Set<String> = []
        let end = show ? first + 1 : count.map { first + $0 }
        while end.map({ seed < $0 }) ?? (ContinuousClock.now - begun < budget) {
            // Of a rule that is broken all the time a few inputs are enough.
            if let finding = target.finding(seed: seed), complaints.count < 10 {
                let kind = String(finding.complaint.prefix(24))
                if complaints.insert(kind).inserted { report(finding) }
            }
            seed += 1
        }
        let spent = (ContinuousClock.now - begun) / .seconds(1)
        print(
            "\(target.name): \(seed - first) inputs from seed \(first), "
                + "\(String(format: "%.1f", spent)) s, \(complaints.count) kinds of failures"
        )
        return complaints.count
    }

    private func report(_ finding: Finding) {
        print(finding)
        guard let cases else { return }
        let name = "\(cases)/\(finding.target)-\(finding.seed).case"
        let text =
            "# \(finding.complaint.split(separator: "\n").first ?? "")\n\(finding.input.text)"
        do {
            try Data(text.utf8).write(to: URL(filePath: name))
        } catch {
            print("\(name) cannot be written: \(error)")
        }
    }
}
