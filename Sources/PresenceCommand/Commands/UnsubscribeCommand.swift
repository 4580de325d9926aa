import ArgumentParser
import PresenceClient

/// `presence unsubscribe`: the end of subscriptions.
struct UnsubscribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unsubscribe",
        abstract: "End subscriptions, and list those that there were.",
        usage: "presence unsubscribe <name> ... | --all [--json] [<connection>]",
        discussion: """
              presence unsubscribe bob
              presence unsubscribe --all          (every single one, and the one to everyone)
            """
    )

    @Argument(help: ArgumentHelp("From whom.", valueName: "name"), transform: UserArgument.read)
    var names: [Name] = []

    @Flag(help: "End all of them.")
    var all = false

    @OptionGroup var list: ListFlags
    @OptionGroup(title: "CONNECTION") var connection: ConnectionFlags

    func validate() throws {
        guard all == names.isEmpty else { throw ValidationError("Names or --all, one of both.") }
    }

    func run() async throws {
        let (ended, everyone) = try await ConnectedClient.run(connection) { client in
            all
                ? try await client.unsubscribeFromEveryone()
                : (try await client.unsubscribe(from: names.map(\.text)), false)
        }
        try list.print(ended)
        if everyone { Output.error.say("the subscription to everyone has ended, too") }
        let missing = Set(names).subtracting(ended).sorted()
        for name in missing { Output.error.say("there was no subscription to \(name)") }
    }
}
