import ArgumentParser
import PresenceClient

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
            let number = try await ConnectedClient.run(connection) { try await $0.onlineCount() }
            return try Output.standard.write("\(number)\n")
        }
        let names = try await ConnectedClient.run(connection) { try await $0.onlineUsers() }
        try list.print(names.sorted(), empty: "nobody is online")
    }
}
