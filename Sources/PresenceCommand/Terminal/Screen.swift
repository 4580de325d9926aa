/// A screen on which only what changes is written.
struct Screen {
    struct Size: Hashable {
        var rows: Int
        var columns: Int
    }

    private var shown: [String] = []

    /// What makes a terminal ready: its other screen, no cursor, no wrapping.
    static let enter = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J"
    /// What gives it back as it was.
    static let leave = "\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    /// The screen shows something else, as after a change of its size.
    mutating func forget() { shown = [] }

    /// What to write so that the screen shows these lines.
    mutating func update(to lines: [String]) -> String {
        var text = shown.isEmpty ? "\u{1B}[2J" : ""
        for (index, line) in lines.enumerated()
        where index >= shown.count || shown[index] != line {
            text += "\u{1B}[\(index + 1);1H\u{1B}[K\(line)"
        }
        if shown.count > lines.count {
            text += "\u{1B}[\(lines.count + 1);1H\u{1B}[J"
        }
        shown = lines
        return text
    }
}
