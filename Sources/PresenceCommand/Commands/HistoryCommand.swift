import ArgumentParser
import PresenceClient

/// `presence history`: what has changed of oneself.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List what has changed of you, the newest first.",
        usage: "presence history [--last <time>] [--limit <n>] [--json] [<connection>]",
        discussion: """
            The operator decides whether changes are kept, and for how long (history_keep).

              presence history
              presence history --last 12h
              presence history --limit 500 --json
            """
    )

    @Option(
        help: ArgumentHelp("Only changes of so long: 30s, 10m, 12h, 7d.", valueName: "time"),
        transform: Lifetime.readPast
    )
    var last: Lifetime?

    @Option(help: ArgumentHelp("The most changes, 1 to 10000.", valueName: "n"))
    var limit = 50

    @OptionGroup var list: ListFlags
    @OptionGroup(title: "CONNECTION") var connection: ConnectionFlags

    func validate() throws {
        guard (1...10_000).contains(limit) else {
            throw ValidationError("--limit is 1 to 10000, not \(limit)")
        }
    }

    func run() async throws {
        let now = HumanTime.now
        let changes = try await ConnectedClient.run(connection) {
            try await $0.history(after: last.map { now - $0.seconds }, limit: limit)
        }
        if changes.isEmpty, !list.json { Output.error.say("nothing has changed") }
        try list.print(HistoryTable.table(changes), json: JSONText.line(changes: changes))
    }
}
