import PresenceClient

/// The roster as a page that fits the window.
struct RosterPage {
    private var widest: [Int] = []
    private var columns = 0

    /// From so many columns on there is room to say which keys there are.
    private static let roomForKeys = 40

    /// The lines of the page: what it is about, titles, as many users as there is room for, and how
    /// many there are besides.
    ///
    /// Columns only grow, until the window changes, so that nothing jumps to and fro.
    mutating func lines(
        _ roster: Roster,
        _ view: inout RosterView,
        warning: String?,
        size: Screen.Size,
        style: Style,
        now: Int64
    ) -> [String] {
        let chosen = view.chosen(roster)
        let head = head(roster, view.words(chosen.count), warning, size, style)
        if view.isHelping {
            let help = RosterView.help.map { DisplayText.cut($0, to: size.columns) }
            return Array(([head, ""] + help).prefix(size.rows))
        }
        let room = max(0, size.rows - 2)
        let isWhole = chosen.count <= room && !view.isTyping
        let places = isWhole ? room : max(0, room - 1)
        view.fit(places, of: chosen.count)
        let shown = chosen.dropFirst(view.offset).prefix(places)
        let table = StatusTable.table(Array(shown), now: now)
        if columns != size.columns { widest = [] }
        columns = size.columns
        let natural = table.naturalWidths
        widest =
            widest.isEmpty ? natural : zip(widest, natural).map { max($0, $1) }
        let layout = table.layout(widest, width: size.columns)
        var lines = [head]
        lines += ([table.titles] + table.rows).map { Table.placed($0, layout, style) }
        let foot = foot(roster, view, chosen.count, shown.count, isWhole, size)
        if !foot.isEmpty {
            let isLast = isWhole || view.isTyping
            while isLast, lines.count < size.rows - 1 { lines.append("") }
            lines.append(style.paint(foot, .gray))
        }
        return Array(lines.prefix(size.rows))
    }

    private func head(
        _ roster: Roster,
        _ view: String,
        _ warning: String?,
        _ size: Screen.Size,
        _ style: Style
    ) -> String {
        let count = "\(roster.onlineCount) of \(roster.statuses.count) online\(view)"
        guard let warning else {
            return style.paint(DisplayText.cut(count, to: size.columns), .bold)
        }
        let text = DisplayText.safe(warning)
        return style.paint(DisplayText.cut(text, to: size.columns), .alarm)
    }

    /// The last line: what is typed, how many there are besides, or which keys there are; empty for nothing.
    private func foot(
        _ roster: Roster,
        _ view: RosterView,
        _ chosen: Int,
        _ shown: Int,
        _ isWhole: Bool,
        _ size: Screen.Size
    ) -> String {
        let keys = size.columns >= Self.roomForKeys ? "? keys · q quits" : ""
        if view.isTyping {
            return DisplayText.cut("/\(DisplayText.safe(view.filter))▏", to: size.columns)
        }
        // Without a free line above it, it would be taken for one of them.
        if isWhole { return shown + 3 < size.rows ? keys : "" }
        let below = chosen - view.offset - shown
        var text = "and \(below) more"
        if view.offset > 0 {
            text = "\(view.offset) above, \(below) below"
        } else if view.filter.isEmpty {
            let online = max(0, roster.onlineCount - shown)
            if online > 0 { text += ", \(online) of them online" }
        }
        if DisplayText.width(text) + keys.count + 3 <= size.columns, !keys.isEmpty {
            text += " · \(keys)"
        }
        return DisplayText.cut(text, to: size.columns)
    }
}
