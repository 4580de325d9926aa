/// The levels of topic names and filters as numbers, each text split once.
final class TopicLevels {
    /// A topic name or filter, level by level.
    struct Path {
        let levels: [Int]
        /// Whether the first level begins with `$`, so that a leading wildcard does not match it.
        let isHidden: Bool
    }

    /// The number of the level `+`.
    static let plus = 0
    /// The number of the level `#`.
    static let hash = 1

    private var numbers = ["+": plus, "#": hash]
    private var paths: [String: Path] = [:]

    func path(_ text: String) -> Path {
        if let path = paths[text] { return path }
        let levels = text.split(separator: "/", omittingEmptySubsequences: false).map { level in
            let name = String(level)
            if let number = numbers[name] { return number }
            numbers[name] = numbers.count
            return numbers.count - 1
        }
        let path = Path(levels: levels, isHidden: text.utf8.first == UInt8(ascii: "$"))
        paths[text] = path
        return path
    }
}
