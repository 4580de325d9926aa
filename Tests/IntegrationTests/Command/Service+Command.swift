import BrokerFixture
import Foundation

extension Service {
    /// How a run of the command ended.
    struct Run: Sendable {
        let exit: Child.Exit
        let output: String
        let errors: String

        /// The lines of the output.
        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// The command as it was built.
    static let command = URL(filePath: CommandLine.arguments[0])
        .deletingLastPathComponent().appending(path: "presence").path

    /// What tells the command where to connect and as whom; it finds no file of a person.
    func environment(_ user: String) -> [String: String] {
        [
            "PRESENCE_HOST": broker.host, "PRESENCE_PORT": String(broker.port),
            "PRESENCE_USERNAME": user, "PRESENCE_PASSWORD": user,
            "HOME": broker.folder.path, "XDG_CONFIG_HOME": "", "TZ": "UTC",
        ]
    }

    /// Starts the command as a user.
    func start(
        _ user: String,
        _ arguments: String...,
        environment: [String: String] = [:]
    ) throws -> Child {
        try Child(
            Self.command,
            arguments,
            environment: self.environment(user).merging(environment) { $1 }
        )
    }

    /// Runs the command to its end.
    @discardableResult
    func run(
        _ user: String,
        _ arguments: String...,
        environment: [String: String] = [:]
    ) async throws -> Run {
        let child = try Child(
            Self.command,
            arguments,
            environment: self.environment(user).merging(environment) { $1 }
        )
        let exit = try await child.wait(timeout: .seconds(20))
        return Run(exit: exit, output: child.output, errors: child.errors)
    }
}

extension Child {
    /// The whole lines that it has written.
    var lines: [String] {
        let output = output
        let whole =
            output.hasSuffix("\n")
            ? output
            : output.components(separatedBy: "\n")
                .dropLast().joined(separator: "\n")
        return whole.split(separator: "\n").map(String.init)
    }

    /// Awaits a line of the output with all these words.
    @discardableResult
    func written(_ words: String...) async throws -> String {
        try await eventually("a line with \(words)", log: output + errors) {
            lines.first { line in words.allSatisfy { line.contains($0) } }
        }
    }
}
