import PresenceClient

/// The roster as a page that fits the window.
struct RosterPage {
    private var widest: [Int] = []
    private var columns = 0

    /// The lines of the page: what it is about, titles, as many users as there is room for, and how
    /// many there are besides.
    ///
    /// Columns only grow, until the window changes, so that nothing jumps to and fro.
    mutating func lines(
        _ roster: Roster,
        warning: String?,
        size: Screen.Size,
        style: Style,
        now: Int64
    ) -> [String] {
        let head = head(roster, warning, size, style)
        let room = max(0, size.rows - 2)
        let isWhole = roster.statuses.count <= room
        let shown = roster.statuses.prefix(isWhole ? room : max(0, room - 1))
        let table = StatusTable.table(Array(shown), now: now)
        if columns != size.columns { widest = [] }
        columns = size.columns
        let natural = table.naturalWidths
        widest =
            widest.isEmpty ? natural : zip(widest, natural).map { max($0, $1) }
        let places = table.layout(widest, width: size.columns)
        var lines = [head]
        lines += ([table.titles] + table.rows).map { Table.placed($0, places, style) }
        if !isWhole {
            lines.append(style.paint(more(roster, after: shown.count, size), .gray))
        }
        return Array(lines.prefix(size.rows))
    }

    private func head(
        _ roster: Roster,
        _ warning: String?,
        _ size: Screen.Size,
        _ style: Style
    ) -> String {
        let count = "\(roster.onlineCount) of \(roster.statuses.count) online"
        guard let warning else {
            return style.paint(DisplayText.cut(count, to: size.columns), .bold)
        }
        let text = DisplayText.safe(warning)
        return style.paint(DisplayText.cut(text, to: size.columns), .alarm)
    }

    private func more(_ roster: Roster, after shown: Int, _ size: Screen.Size) -> String {
        let rest = roster.statuses.count - shown
        let online = max(0, roster.onlineCount - shown)
        let text = "and \(rest) more" + (online > 0 ? ", \(online) of them online" : "")
        return DisplayText.cut(text, to: size.columns)
    }
}
