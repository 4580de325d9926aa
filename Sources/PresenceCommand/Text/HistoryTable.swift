import PresenceClient

/// Changes of a user as rows for people.
enum HistoryTable {
    private static let columns = [
        Table.Column(title: "TIME"),
        Table.Column(title: "CHANGE", narrowest: 11),
        Table.Column(title: "STATUS", narrowest: 12),
        Table.Column(title: "DESCRIPTION", narrowest: 12, dispensable: 1),
        Table.Column(title: "DEVICES", narrowest: 10, dispensable: 2),
    ]

    static func table(_ changes: [UserChange]) -> Table {
        Table(columns: columns, rows: changes.map(row))
    }

    private static func row(_ change: UserChange) -> [Table.Cell] {
        let status = change.status
        let cause = status.cause.map { " (\($0.rawValue))" } ?? ""
        let dot = status.isOnline ? "●" : "○"
        return [
            Table.Cell(text: HumanTime.stamp(change.time, seconds: true), paint: .gray),
            Table.Cell(text: change.kind.rawValue),
            Table.Cell(
                text: "\(dot) \(status.status)\(cause)",
                paint: Style.paint(of: status.status)
            ),
            Table.Cell(text: DisplayText.safe(status.description)),
            Table.Cell(
                text: DisplayText.safe(status.devices.map(\.name.text).joined(separator: ", ")),
                paint: .gray
            ),
        ]
    }
}
