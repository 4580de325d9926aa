import ArgumentParser
import PresenceClient

/// `presence watch`: a roster that lives.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "See who is online, and every change as it happens.",
        usage: "presence watch [<name> ...] [--all] [--json] [<connection>]",
        discussion: """
            On a terminal, a list that is redrawn in place: arrows scroll, / filters, o shows \
            who is online alone, ? tells all keys, Ctrl-C or q ends it. In a pipe, a line \
            for each status: time, name, word and description between tabs. What is to be said \
            of the connection goes to standard error.

            Without names: everyone whom you are subscribed to. With names, what subscriptions \
            are missing are made for as long as the watch lives; those that you had stay as \
            they are.

              presence watch alice bob
              presence watch
              presence watch --all                   (needs the operator's leave)
              presence watch alice | while read -r line; do notify-send "$line"; done
              presence watch --json alice | jq --unbuffered .status
            """
    )

    @Argument(help: ArgumentHelp("Whom to watch.", valueName: "name"), transform: UserArgument.read)
    var names: [Name] = []

    @Flag(help: "Watch everyone; needs the operator's leave.")
    var all = false

    @Flag(help: "Print a JSON status object a line.")
    var json = false

    @OptionGroup(title: "CONNECTION") var connection: ConnectionFlags

    func validate() throws {
        if all, !names.isEmpty { throw ValidationError("Names or --all, not both.") }
    }

    func run() async throws {
        let scope: Watch.Scope =
            all ? .everyone : names.isEmpty ? .subscribed : .names(UserArgument.distinct(names))
        let live = LiveScreen.isPossible && !json ? LiveScreen() : nil
        if let options = try connection.http() {
            let watch = HTTPWatch(HTTPService(options), scope)
            return try await Signals.untilEnd(live) { try await follow(watch, on: live) }
        }
        try await ConnectedClient.with(connection) { client in
            let watch = Watch(client, scope)
            do {
                try await Signals.untilEnd(live) {
                    try await ConnectedClient.connect(client)
                    try await follow(watch, on: live)
                }
            } catch {
                await watch.end()
                throw error
            }
            await watch.end()
        }
    }

    private func follow(_ watch: some WatchSource, on live: LiveScreen?) async throws {
        let statuses = try await watch.begin()
        if try await watch.isOfNobody() {
            throw UsageError(
                "you are subscribed to nobody: presence watch NAME ..., or first "
                    + "presence subscribe NAME ..."
            )
        }
        guard let live else {
            let lines = RosterLines(json: json)
            for status in statuses { lines.show(.status(status)) }
            try lines.flush()
            StatusTable.doubt(statuses).map(Output.error.say)
            defer { try? lines.flush() }
            return try await Race.first(
                { try await watch.follow(lines) },
                { try await lines.run() },
                { try await Output.standard.untilClosed() }
            )
        }
        let roster = LiveRoster(watch.scope, statuses, on: live)
        try await Race.first({ try await watch.follow(roster) }, { try await roster.run() })
    }
}
