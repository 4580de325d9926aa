/// Rows under titles, in columns that are as wide as they need to be, and as narrow as they must.
struct Table {
    /// A column, and how it gives way where there is no room for all.
    struct Column {
        let title: String
        /// It is not made narrower than this, if it needs so much.
        var narrowest = 1_000
        /// When it is left out: the highest first; `nil` for never.
        var dispensable: Int?
    }

    /// A text that is safe to show, and its colour.
    struct Cell: Hashable {
        let text: String
        var paint: Style.Paint?
    }

    /// A column that is shown: which, from which terminal column on, how wide.
    struct Place: Hashable {
        let index: Int
        let start: Int
        let width: Int
    }

    static let gap = 2

    let columns: [Column]
    var rows: [[Cell]] = []

    var naturalWidths: [Int] {
        columns.indices.map { index in
            rows.reduce(DisplayText.width(columns[index].title)) {
                max($0, DisplayText.width($1[index].text))
            }
        }
    }

    /// Lays the columns out side by side.
    ///
    /// - Parameters:
    ///   - natural: How wide each would like to be.
    ///   - width: What there is; `nil` for as much as it takes.
    func layout(_ natural: [Int], width: Int?) -> [Place] {
        guard let width else { return places(Array(columns.indices), natural) }
        var kept = Array(columns.indices)
        let least = columns.indices.map { min(natural[$0], columns[$0].narrowest) }
        while needed(kept, least) > width,
            let victim = kept.filter({ columns[$0].dispensable != nil })
                .max(by: { columns[$0].dispensable ?? 0 < columns[$1].dispensable ?? 0 })
        {
            kept.removeAll { $0 == victim }
        }
        var widths = least
        var left = width - needed(kept, least)
        if left < 0 {
            // Even what must be there does not fit: the widest gives way.
            for index in kept.sorted(by: { least[$0] > least[$1] }) where left < 0 {
                let given = min(-left, max(0, least[index] - 4))
                widths[index] -= given
                left += given
            }
        }
        // The first column grows first, and the others in proportion to what each lacks.
        if let first = kept.first, left > 0 {
            let more = min(left, natural[first] - widths[first])
            widths[first] += more
            left -= more
        }
        var lack = kept.reduce(0) { $0 + natural[$1] - widths[$1] }
        for index in kept where left > 0 && lack > 0 {
            let own = natural[index] - widths[index]
            let more = min(own, left * own / lack)
            widths[index] += more
            left -= more
            lack -= own
        }
        return places(kept, widths)
    }

    private func needed(_ kept: [Int], _ widths: [Int]) -> Int {
        kept.reduce(0) { $0 + widths[$1] } + Self.gap * max(0, kept.count - 1)
    }

    private func places(_ kept: [Int], _ widths: [Int]) -> [Place] {
        var start = 0
        return kept.map { index in
            defer { start += widths[index] + Self.gap }
            return Place(index: index, start: start, width: widths[index])
        }
    }

    var titles: [Cell] { columns.map { Cell(text: $0.title, paint: .gray) } }

    /// All lines, the titles first, for output that scrolls.
    func lines(_ style: Style, width: Int?) -> [String] {
        let places = layout(naturalWidths, width: width)
        return ([titles] + rows).map { row in Self.line(row, places, style) }
    }

    private static func line(_ row: [Cell], _ places: [Place], _ style: Style) -> String {
        var line = ""
        var column = 0
        for place in places {
            let cell = row[place.index]
            let text = DisplayText.cut(cell.text, to: place.width)
            guard !text.isEmpty else { continue }
            line += String(repeating: " ", count: place.start - column)
            line += style.paint(text, cell.paint)
            column = place.start + DisplayText.width(text)
        }
        return line
    }

    /// A row for a place on the screen: each cell is put where it belongs, however wide the
    /// terminal takes the letters of the one before to be.
    static func placed(_ row: [Cell], _ places: [Place], _ style: Style) -> String {
        places.reduce(into: "") { line, place in
            let text = DisplayText.cut(row[place.index].text, to: place.width)
            guard !text.isEmpty else { return }
            // What is left of the cell before goes first: at the last column it would be too late.
            if place.start > 0 { line += "\u{1B}[\(place.start + 1)G\u{1B}[K" }
            line += style.paint(text, row[place.index].paint)
        }
    }
}
