import ArgumentParser
import PresenceClient

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
        let names = try await ConnectedClient.run(connection) { try await $0.watchers() }
        try list.print(names.sorted(), empty: "nobody is subscribed to you")
    }
}
