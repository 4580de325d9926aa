import ArgumentParser
import Foundation
import PresenceBridge

/// `presence-bridge learn`: listens to the broker, and prints the `adopt` lines that fit.
struct LearnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn",
        abstract: "Listen to the broker, and print the 'adopt' lines that fit what is published.",
        usage: "presence-bridge learn [SECONDS] [--config FILE] [--KEY VALUE ...]",
        discussion: """
            It connects as the bridge does and writes nothing. The bridge's user must
            be allowed to read what it is to learn of; 'topic read #' in the broker's
            ACL, for as long as it learns, is all of it.
            """
    )

    @Option(help: ArgumentHelp("For how long to listen, in seconds.", valueName: "SECONDS"))
    var seconds = 30

    @OptionGroup
    var places: ConfigurationPlaces

    /// Takes the words of a command line behind `learn`: the seconds may stand first by themselves.
    static func parse(words: [String]) throws -> LearnCommand {
        let isBare = words.first.map { !$0.hasPrefix("-") } ?? false
        let command = try parseAsRoot((isBare ? ["--seconds"] : []) + words)
        guard let learn = command as? LearnCommand else {
            // Help, which ends by itself.
            var other = command
            try other.run()
            throw ExitCode.success
        }
        return learn
    }

    func validate() throws {
        try places.checkFlags(of: Self.self)
        guard Learner.seconds.contains(seconds) else {
            throw ValidationError(
                "SECONDS is \(seconds); it can be \(Learner.seconds.lowerBound) to \(Learner.seconds.upperBound)"
            )
        }
    }

    mutating func run() throws {
        let configuration = try places.load()
        // A broker that goes away while it is written to must not take the command with it.
        signal(SIGPIPE, SIG_IGN)
        var learner = Learner(configuration)
        do throws(Learner.Failure) {
            Output.standard(try learner.learn(seconds: seconds))
        } catch {
            Output.error("\(error)\n")
            throw ExitCode.failure
        }
    }
}
