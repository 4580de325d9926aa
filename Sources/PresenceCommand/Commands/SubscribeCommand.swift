import ArgumentParser
import PresenceClient

/// `presence subscribe`: a subscription that lasts.
struct SubscribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscribe",
        abstract: "Subscribe to users for some time, and show their statuses.",
        usage: "presence subscribe <name> ... | --all [--for <duration>] [<connection>]",
        discussion: """
            The subscriptions are yours, for all your devices. Subscribing again sets the time anew, \
            to a shorter one, too.

              presence subscribe bob
              presence subscribe bob carol --for 12h
            """
    )

    @Argument(help: ArgumentHelp("To whom.", valueName: "name"), transform: UserArgument.read)
    var names: [Name] = []

    @Flag(help: "Subscribe to everyone; needs the operator's leave.")
    var all = false

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "For how long: 30s, 10m, 12h, 7d. (7d, unless the operator has set another)",
            valueName: "duration"
        ),
        transform: Lifetime.read
    )
    var lifetime: Lifetime?

    @OptionGroup var list: ListFlags
    @OptionGroup(title: "CONNECTION") var connection: ConnectionFlags

    func validate() throws {
        guard all == names.isEmpty else { throw ValidationError("Names or --all, one of both.") }
    }

    func run() async throws {
        if all { return try await subscribeToEveryone() }
        let done = try await ConnectedClient.run(connection) { client in
            try await client.subscribe(to: names.map(\.text), expiry: lifetime?.duration)
        }
        var table = StatusTable.table(done.subscribed.map(\.status), now: HumanTime.now)
        table = Table(
            columns: table.columns + [Table.Column(title: "UNTIL")],
            rows: zip(table.rows, done.subscribed).map { row, subscription in
                row + [Table.Cell(text: HumanTime.stamp(subscription.expires))]
            }
        )
        let json = JSONText.line { json in
            json.beginArray()
            for subscription in done.subscribed {
                subscription.status.write(to: &json, expires: subscription.expires)
            }
            json.endArray()
        }
        try list.print(table, json: json)
        StatusTable.doubt(done.subscribed.map(\.status)).map(Output.error.say)
        for name in done.evicted { Output.error.say("\(name) had to give way") }
        if !done.rejected.isEmpty {
            let names = done.rejected.map(\.text).joined(separator: ", ")
            throw PresenceError.refused(
                code: ErrorCode.limitExceeded.rawValue,
                message: "there was no place for \(names)",
                retryAfter: nil
            )
        }
    }

    private func subscribeToEveryone() async throws {
        let end = try await ConnectedClient.run(connection) { client in
            try await client.subscribeToEveryone(expiry: lifetime?.duration)
        }
        try list.print(
            SubscriptionTable.table([], everyone: end, now: HumanTime.now),
            json: SubscriptionTable.json([], everyone: end)
        )
    }
}
