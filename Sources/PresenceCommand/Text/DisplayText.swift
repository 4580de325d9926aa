/// What others wrote, made fit for a terminal: their names and descriptions can hold anything.
enum DisplayText {
    /// So many marks at most stand on one letter.
    private static let mostMarks = 4

    /// The text in one line, without anything that a terminal would obey.
    ///
    /// Line breaks and tabs become spaces; other control characters a replacement; what turns the
    /// direction of the line, or is never seen, goes.
    static func safe(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
        var result = String.UnicodeScalarView()
        var marks = 0
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x09...0x0D, 0x85, 0x2028, 0x2029: result.append(" ")
            case 0x00...0x1F, 0x7F...0x9F: result.append("\u{FFFD}")
            case 0x200C, 0x200D: result.append(scalar)
            default:
                if scalar.properties.generalCategory == .format { continue }
                marks = scalar.displayWidth == 0 ? marks + 1 : 0
                if marks <= mostMarks { result.append(scalar) }
                continue
            }
            marks = 0
        }
        return String(result)
    }

    /// How many columns of a terminal a safe text takes, at most.
    static func width(_ text: String) -> Int {
        text.reduce(0) { $0 + width($1) }
    }

    private static func width(_ character: Character) -> Int {
        if let ascii = character.asciiValue { return ascii < 0x20 ? 0 : 1 }
        let scalars = character.unicodeScalars
        // A picture that is asked for as such takes two columns.
        let isPicture = scalars.contains { $0.value == 0xFE0F }
        return max(isPicture ? 2 : 0, scalars.reduce(0) { $0 + $1.displayWidth })
    }

    /// A safe text cut to so many columns; one that is cut ends in an ellipsis.
    static func cut(_ text: String, to columns: Int) -> String {
        guard columns > 0 else { return "" }
        // Each byte takes a column at most.
        if text.utf8.count <= columns || width(text) <= columns { return text }
        var result = ""
        var used = 0
        for character in text {
            used += width(character)
            if used > columns - 1 { break }
            result.append(character)
        }
        return result + "…"
    }
}

extension Unicode.Scalar {
    /// The columns that a terminal gives it: none for marks, two for the wide ones of East Asia and
    /// for pictures.
    var displayWidth: Int {
        if value < 0x300 { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        if properties.isEmojiPresentation { return 2 }
        return Self.wide.contains { $0.contains(value) } ? 2 : 1
    }

    /// East Asian Width W and F, in runs.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F,
        0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265,
        0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD,
    ]
}
