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
        let (entries, everyone) = try await Session.run(connection, Self.read)
        if entries.isEmpty, everyone == nil, !list.json {
            Output.error.say("you are subscribed to nobody")
        }
        try list.print(
            SubscriptionTable.table(entries, everyone: everyone, now: HumanTime.now),
            json: SubscriptionTable.json(entries, everyone: everyone)
        )
    }

    private static func read(
        _ client: PresenceClient
    ) async throws -> ([SubscriptionPage.Entry], Int64?) {
        var entries: [SubscriptionPage.Entry] = []
        var number = 0
        while true {
            let page = try await client.subscriptions(page: number, size: 500)
            entries += page.entries
            number += 1
            if page.entries.isEmpty || entries.count >= page.total {
                return (entries, page.everyone)
            }
        }
    }
}

/// Subscriptions as rows for people, and as JSON.
enum SubscriptionTable {
    static func table(
        _ entries: [SubscriptionPage.Entry],
        everyone: Int64?,
        now: Int64
    ) -> Table {
        let columns = [
            Table.Column(title: "NAME", narrowest: 16), Table.Column(title: "ENDS"),
            Table.Column(title: "IN", dispensable: 1),
        ]
        var rows = entries.map { entry in
            row(Table.Cell(text: DisplayText.safe(entry.username.text)), entry.expires, now)
        }
        if let everyone {
            rows.insert(row(Table.Cell(text: "(everyone)", paint: .bold), everyone, now), at: 0)
        }
        return Table(columns: columns, rows: rows)
    }

    private static func row(_ name: Table.Cell, _ end: Int64, _ now: Int64) -> [Table.Cell] {
        [
            name, Table.Cell(text: HumanTime.stamp(end)),
            Table.Cell(text: HumanTime.left(until: end, now: now), paint: .gray),
        ]
    }

    static func json(_ entries: [SubscriptionPage.Entry], everyone: Int64?) -> String {
        JSONText.line { json in
            json.beginArray()
            if let everyone {
                json.beginObject()
                json.key("all")
                json.bool(true)
                json.key("expires")
                json.integer(everyone)
                json.endObject()
            }
            for entry in entries {
                json.beginObject()
                json.key("username")
                json.string(entry.username.text)
                json.key("expires")
                json.integer(entry.expires)
                json.endObject()
            }
            json.endArray()
        }
    }
}
