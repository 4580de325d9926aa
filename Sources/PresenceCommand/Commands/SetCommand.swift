import ArgumentParser
import PresenceClient

/// `presence set`: online, with a word.
struct SetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Be online with a word, and a description, until Ctrl-C.",
        usage: "presence set <word> [<text>] [--for <duration>] [<connection>]",
        discussion: """
            The word is online, away, busy, dnd, or any of your own: 1 to 32 of a-z 0-9 _ -. With \
            invisible you are connected, and offline to everyone. Ctrl-C, or SIGTERM, logs you \
            out; if this program is killed, the broker says that you are lost.

            A description goes with the logout, if it is still this one. With --for it stays until \
            its time is over, whether you are online or not.

              presence set busy "in a meeting" --for 1h
              presence set coffee
              presence set online --id backup-job &
            """
    )

    @Argument(
        help: "The word.",
        completion: .list(["online", "away", "busy", "dnd", "invisible"]),
        transform: SetCommand.readWord
    )
    var word: StatusWord

    @Argument(help: "Your own words beside it, up to 1,024 bytes.")
    var text: String?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "After how long the description goes by itself: 30s, 10m, 12h, 7d.",
            valueName: "duration"
        ),
        transform: Lifetime.read
    )
    var lifetime: Lifetime?

    @OptionGroup(title: "CONNECTION") var connection: ConnectionFlags

    func validate() throws {
        if lifetime != nil, text == nil {
            throw ValidationError("--for is for a description, and there is none.")
        }
    }

    func run() async throws {
        var options = try connection.options(device: DeviceName.ofThisProcess())
        options.status = word
        try await OnlineDevice(options, description: text, lifetime: lifetime).run()
    }

    private static func readWord(_ text: String) throws -> StatusWord {
        guard let word = StatusWord(stated: text) else {
            throw ValidationError(
                "'\(text)' is no word for a status: 1 to 32 characters out of a-z 0-9 _ -"
            )
        }
        guard word != .lost, word != .offline else {
            throw ValidationError("'\(text)' is what you are without this command.")
        }
        return word
    }
}
