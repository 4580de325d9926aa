import ArgumentParser
import Foundation

/// `presence`: who is online, on the command line.
@main
struct PresenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "presence",
        abstract: "See who is online over MQTT, and be seen.",
        discussion: """
            Begin with these, beside a broker with a presence bridge:

              presence set busy "in a meeting"    be online with a word, until Ctrl-C
              presence watch alice bob            see them come, change and go
              presence get alice --json           for scripts

            Where to connect and as whom: flags, or PRESENCE_HOST, PRESENCE_PORT, \
            PRESENCE_USERNAME, PRESENCE_PASSWORD, PRESENCE_ID, PRESENCE_CAFILE, PRESENCE_PREFIX \
            in the environment, or the same names in ~/.config/presence.conf:

              host      broker.example
              username  alice
              password  secret

            Where MQTT is not to be had: PRESENCE_URL or --url with a bridge's HTTP side, and \
            PRESENCE_TOKEN or --token-file with a token of its operator's. All commands but set and \
            top work in that way.

            Ends with 0 when all was done, 1 when the bridge refused it (its code is printed), \
            2 for wrong usage, 3 without a connection, 4 when no answer came in time, \
            5 when the output cannot be written.
            """,
        version: Version.current,
        subcommands: [
            WatchCommand.self, GetCommand.self, OnlineCommand.self, SetCommand.self,
            SayCommand.self, SubscribeCommand.self, UnsubscribeCommand.self,
            SubscriptionsCommand.self, WatchersCommand.self, HistoryCommand.self, TopCommand.self,
        ]
    )

    private static let commands = configuration.subcommands.compactMap {
        $0.configuration.commandName
    }

    /// Runs the command, and ends with a code that scripts can tell apart.
    static func main() async {
        // A broker or a reader that goes away while it is written to must not end it unheard.
        signal(SIGPIPE, SIG_IGN)
        do {
            try CommandName.check(Array(CommandLine.arguments.dropFirst()), among: commands)
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch is Output.Closed {
            exit(withError: ExitCode.success)
        } catch let error where exitCode(for: error) == .validationFailure {
            let words = CommandName.withoutFarGuess(fullMessage(for: error))
            try? Output.error.write(words + "\n")
            exit(withError: ExitCode(ExitStatus.Code.wrongUsage.rawValue))
        } catch {
            guard let status = ExitStatus(error) else { exit(withError: error) }
            Output.error.say(status.words)
            exit(withError: ExitCode(status.code.rawValue))
        }
    }
}
