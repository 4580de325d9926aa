import ArgumentParser
import PresenceClient

/// `presence subscriptions`: whom the user wants to know about.
struct SubscriptionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscriptions",
        abstract: "List whom you are subscribed to, and until when.",
        usage: "presence subscriptions [--json] [<connection>]",
        discussion: """
            With --json an array of {"username":...,"expires":...}; a subscription to everyone is \
            {"all":true,"expires":...}.

              presence subscriptions
              presence subscriptions --json | jq -r '.[].username'
            """
    )

    @OptionGroup var list: ListFlags
    @OptionGroup(title: "CONNECTION") var connection: ConnectionFlags

    func run() async throws {
        let all = try await ConnectedClient.run(connection) { try await $0.allSubscriptions() }
        if all.entries.isEmpty, all.everyone == nil, !list.json {
            Output.error.say("you are subscribed to nobody")
        }
        try list.print(
            SubscriptionTable.table(all.entries, everyone: all.everyone, now: HumanTime.now),
            json: SubscriptionTable.json(all.entries, everyone: all.everyone)
        )
    }
}
