import PresenceClient

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
                json.member("all", true)
                json.member("expires", everyone)
                json.endObject()
            }
            for entry in entries {
                json.beginObject()
                json.member("username", entry.username.text)
                json.member("expires", entry.expires)
                json.endObject()
            }
            json.endArray()
        }
    }
}
