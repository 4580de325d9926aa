import PresenceClient

/// Statuses as rows for people.
enum StatusTable {
    static let columns = [
        Table.Column(title: "NAME", narrowest: 16),
        Table.Column(title: "STATUS", narrowest: 12),
        Table.Column(title: "DESCRIPTION", narrowest: 12, dispensable: 1),
        Table.Column(title: "DEVICES", narrowest: 10, dispensable: 3),
        Table.Column(title: "SINCE", dispensable: 2),
    ]

    static func table(_ statuses: [UserStatus], now: Int64) -> Table {
        Table(columns: columns, rows: statuses.map { row($0, now: now) })
    }

    /// One status; the dot before the word says without colour, too, who is online.
    static func row(_ status: UserStatus, now: Int64) -> [Table.Cell] {
        let word = status.status
        let dot = status.isOnline ? "●" : "○"
        let devices = status.devices.map { device in
            device.status == word ? device.name.text : "\(device.name) (\(device.status))"
        }
        return [
            Table.Cell(text: DisplayText.safe(status.username.text)),
            Table.Cell(text: "\(dot) \(word)", paint: Style.paint(of: word)),
            Table.Cell(text: DisplayText.safe(status.description)),
            Table.Cell(text: DisplayText.safe(devices.joined(separator: ", ")), paint: .gray),
            Table.Cell(
                text: status.since.map {
                    HumanTime.since($0, isOnline: status.isOnline, now: now)
                } ?? "never seen",
                paint: .gray
            ),
        ]
    }

    /// A word about those who were never seen, who may be misspelled; `nil` when all were.
    static func doubt(_ statuses: [UserStatus]) -> String? {
        let names = statuses.filter { $0.since == nil && !$0.isOnline }.map(\.username.text)
        guard let first = names.first else { return nil }
        let list = names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", ..." : "")
        return names.count == 1
            ? "\(first) was never seen; is the name right?"
            : "never seen, are the names right? \(list)"
    }

    /// One status as a line for pipes: time, name, word and description between tabs.
    static func line(_ status: UserStatus, now: Int64) -> String {
        [
            HumanTime.stamp(status.updated ?? now, seconds: true),
            DisplayText.safe(status.username.text), status.status.text,
            DisplayText.safe(status.description),
        ].joined(separator: "\t")
    }
}
