import ArgumentParser
import PresenceClient

/// What all commands print that list something.
struct ListFlags: ParsableArguments {
    @Flag(help: "Print JSON, as the protocol has it.")
    var json = false

    /// Prints a table as wide as the terminal, or JSON.
    func print(_ table: Table, json line: @autoclosure () -> String) throws {
        if json { return try Output.standard.write(line() + "\n") }
        guard !table.rows.isEmpty else { return }
        let width = Output.standard.isTerminal ? LiveScreen.size.columns : nil
        try Output.standard.write(lines: table.lines(.standard(), width: width))
    }

    /// Prints names, one a line, or JSON.
    ///
    /// - Parameter empty: What to say beside it when there are none.
    func print(_ names: [Name], empty: String? = nil) throws {
        if names.isEmpty, !json, let empty { Output.error.say(empty) }
        let lines = json ? [JSONText.line(names: names)] : names.map { DisplayText.safe($0.text) }
        try Output.standard.write(lines: lines)
    }
}

/// `presence get`: statuses, once.
struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show the statuses of users now; needs no subscription.",
        usage: "presence get <name> ... [--json] [<connection>]",
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
        let statuses = try await Session.run(connection) { client in
            try await client.status(of: names.map(\.text))
        }
        let table = StatusTable.table(statuses, now: HumanTime.now)
        try list.print(table, json: JSONText.line(statuses: statuses))
        StatusTable.doubt(statuses).map(Output.error.say)
    }
}

/// `presence online`: who is there.
struct OnlineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "online",
        abstract: "List who is online, one name a line.",
        usage: "presence online [--count] [--json] [<connection>]",
        discussion: """
              presence online
              presence online --count
              presence online --json
            """
    )

    @Flag(help: "Print only how many there are.")
    var count = false

    @OptionGroup var list: ListFlags
    @OptionGroup(title: "CONNECTION") var connection: ConnectionFlags

    func run() async throws {
        if count {
            let number = try await Session.run(connection) { try await $0.onlineCount() }
            return try Output.standard.write("\(number)\n")
        }
        let names = try await Session.run(connection) { try await $0.onlineUsers() }
        try list.print(names.sorted(), empty: "nobody is online")
    }
}

/// `presence watchers`: who wants to know.
struct WatchersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watchers",
        abstract: "List who is subscribed to you, one name a line.",
        usage: "presence watchers [--json] [<connection>]",
        discussion: """
            Those who are subscribed to everyone are not among them.

              presence watchers
              presence watchers --json
            """
    )

    @OptionGroup var list: ListFlags
    @OptionGroup(title: "CONNECTION") var connection: ConnectionFlags

    func run() async throws {
        let names = try await Session.run(connection) { try await $0.watchers() }
        try list.print(names.sorted(), empty: "nobody is subscribed to you")
    }
}
