import ArgumentParser
import PresenceClient

/// `presence get`: statuses, once.
struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show the statuses of users now; needs no subscription.",
        usage: "presence get <name> ... [--wide] [--json] [<connection>]",
        discussion: """
              presence get alice bob
              presence get --json alice | jq -r '.[0].description'
            """
    )

    @Argument(help: ArgumentHelp("Whose.", valueName: "name"), transform: UserArgument.read)
    var names: [Name]

    @OptionGroup var list: ListFlags
    @OptionGroup(title: "CONNECTION") var connection: ConnectionFlags

    func run() async throws {
        let statuses = try await ConnectedClient.run(connection) { client in
            try await client.status(of: names.map(\.text))
        }
        let table = StatusTable.table(statuses, now: HumanTime.now)
        try list.print(table, json: JSONText.line(statuses: statuses))
        StatusTable.doubt(statuses).map(Output.error.say)
    }
}
