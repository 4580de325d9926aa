/// Texts as a terminal shows them.
extension String {
    /// What others wrote, in one line and without anything that a terminal obeys.
    var onOneLine: String {
        unicodeScalars.map { scalar -> String in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: " "
            default: String(scalar)
            }
        }.joined()
    }

    /// The text with blanks behind it, up to so many characters.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}
