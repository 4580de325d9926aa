import ArgumentParser
import Foundation
import Logging
import PresenceBridge
import ServiceLifecycle
import ServiceNotification
import UnixSignals

/// The command: reads the configuration, and runs the bridge with it.
@main
struct PresenceBridgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "presence-bridge",
        abstract: "Presence for MQTT: who is online, and who wants to know.",
        usage: """
            presence-bridge [--config FILE] [--check] [--KEY VALUE ...]
            presence-bridge doctor [--config FILE] [--KEY VALUE ...] [--json]
            presence-bridge learn [SECONDS] [--config FILE] [--KEY VALUE ...]
            presence-bridge token NAME SCOPE...
            presence-bridge cluster [--json] [--config FILE] [--KEY VALUE ...]
            """,
        discussion: """
            Every key below can stand as 'key value' in the configuration file, as
            PRESENCE_BRIDGE_KEY in the environment, and as --key value here. A flag
            stands over the environment, the environment over the file, the file over
            the default, which is shown. Durations: 100ms, 3s, 5m, 12h, 30d; a bare
            number is seconds.

            'doctor' looks for what is wrong with the broker, its rights and the bridge's
            files, beside a bridge that runs or before its first start; it has a --help.
            'learn' listens to the broker for 30 seconds, or as many as it is told, writes
            nothing, and prints the 'adopt' lines that fit what is published.
            'token' makes a token for the HTTP side.
            'why' asks the bridge that runs why a user is online or offline.
            'cluster' tells which bridges share a database, and which of them serves.

            It ends with 0 when it was told to end (SIGTERM, Ctrl-C), with 1 when it
            cannot go on, such as without its store, and with 2 for a mistake in the
            configuration.

            \(Setting.help)
            """,
        version: Version.current
    )

    @OptionGroup
    var places: ConfigurationPlaces

    static let checkHelp: ArgumentHelp =
        "Print what holds and where each value comes from, look at the files, and exit."

    @Flag(help: checkHelp)
    var check = false

    mutating func run() async throws {
        let configuration = try places.load()
        if check {
            let warnings = configuration.warnings + (try configuration.inspect())
            Output.standard(configuration.report)
            Output.error(warnings.map { "warning: \($0)\n" }.joined())
            return
        }
        // A broker that goes away while it is written to must not take the bridge with it.
        signal(SIGPIPE, SIG_IGN)
        let isForJournal = JournalStream.isStandardError(ProcessInfo.processInfo.environment)
        var log = Logger(label: "presence-bridge") { label -> any LogHandler in
            isForJournal ? JournalLog() : StreamLogHandler.standardError(label: label)
        }
        log.logLevel = configuration.settings.logLevel
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: BridgeService(configuration, log: log),
                        successTerminationBehavior: .gracefullyShutdownGroup
                    )
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "presence-bridge") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        do {
            try await group.run()
        } catch {
            log.critical("\(error)")
            throw ExitCode.failure
        }
    }

    /// What no argument parser could read, and every mistake in the configuration, ends with 2.
    static func main() async {
        do {
            var words = Array(CommandLine.arguments.dropFirst())
            // As commands that have others below them say it.
            if words.first == "help" { words = words.dropFirst() + ["--help"] }
            if let shell = CompletedCommand.shell(askedForBy: words) {
                return Output.standard(CompletedCommand.completionScript(for: shell))
            }
            if words.first == LearnCommand.configuration.commandName {
                var command = try LearnCommand.parse(words: Array(words.dropFirst()))
                return try command.run()
            }
            if words.first == DoctorCommand.configuration.commandName {
                var command = try DoctorCommand.parseAsRoot(Array(words.dropFirst()))
                return try command.run()
            }
            if words.first == WhyCommand.configuration.commandName {
                var command = try WhyCommand.parse(words: Array(words.dropFirst()))
                return try command.run()
            }
            if words.first == ClusterCommand.configuration.commandName {
                var command = try ClusterCommand.parseAsRoot(Array(words.dropFirst()))
                return try command.run()
            }
            if words.first == TokenCommand.configuration.commandName {
                var command = try TokenCommand.parseAsRoot(Array(words.dropFirst()))
                return try command.run()
            }
            var command = try parseAsRoot(words)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as ConfigurationError {
            Output.error("\(error)\n")
            exit(withError: ExitCode(2))
        } catch let error where exitCode(for: error) == .validationFailure {
            Output.error("flag: \(message(for: error))\n")
            exit(withError: ExitCode(2))
        } catch {
            exit(withError: error)
        }
    }
}
