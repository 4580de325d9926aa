import ArgumentParser

extension PresenceBench {
    /// The core alone, for a profiler.
    struct Profile: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "profile",
            abstract: "Lets inputs pass through a core alone, to be looked at by a profiler.",
            shouldDisplay: false
        )

        @Option(help: "How many users it knows.")
        var users = 1_000
        @Option(help: "How many turns pass.")
        var turns = 1_000
        @Option(help: "One kind of input instead of a mix.")
        var kind: String?

        func run() throws {
            let mix = kind.flatMap(Mix.Kind.init).map { Mix([$0: 1]) } ?? .usual
            var load = try CoreLoad(users: users)
            let cost = try load.run(turns: turns, of: mix)
            let inputs = Double(turns * CoreLoad.turnLength)
            print(
                "\(Figure.text(cost * 1e9)) ns an input, \(Figure.text(Double(load.events) / inputs)) "
                    + "events and \(Figure.text(Double(load.bytes) / inputs)) bytes"
            )
        }
    }
}
