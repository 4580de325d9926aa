import ArgumentParser
import PresenceClient

/// `presence say`: words, and nothing else.
struct SayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "say",
        abstract: "Publish a description: your own words, beside your status.",
        usage: "presence say <text> [--for <duration>] [--json] [<connection>]",
        discussion: """
            It holds for all your devices, and stays when you go offline, until you say something \
            else or its time is over. It does not bring you online: see presence set.

              presence say "back at 5"
              presence say "in a meeting" --for 1h
              presence say ""                         (takes it away)
            """
    )

    @Argument(help: "The words, up to 1,024 bytes; \"\" takes them away.")
    var text: String

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "After how long they go by themselves: 30s, 10m, 12h, 7d. (never)",
            valueName: "duration"
        ),
        transform: Lifetime.read
    )
    var lifetime: Lifetime?

    @OptionGroup var list: ListFlags
    @OptionGroup(title: "CONNECTION") var connection: ConnectionFlags

    func run() async throws {
        let status = try await ConnectedClient.run(connection) { client in
            try await client.publish(description: text, expiry: lifetime?.duration)
        }
        try list.print(
            StatusTable.table([status], now: HumanTime.now),
            json: JSONText.line(status.payload)
        )
    }
}
