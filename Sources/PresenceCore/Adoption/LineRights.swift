/// What can be known of the bridge's right to read what a line adopts.
///
/// A broker says nothing of a right that it has not given, or has taken away: all topics look as if they had been
/// emptied. So where nothing that was asked for is found, others of the line are asked for with it. If those are not
/// found, either, nothing is taken away. Of a line with a single topic nothing can be known.
struct LineRights: Sendable {
    /// How many others are asked for.
    static let witnesses = 3

    /// What a reading has found of the topics of a line that were asked for alone.
    struct Finding: Sendable {
        /// Those that were there and are not.
        var lacking: [String] = []
        var hasFound = false
    }

    /// What is to be made of that.
    enum Verdict: Equatable, Sendable {
        case emptied
        /// They are asked for again, with others.
        case asks([String])
        /// The line cannot be read, it seems.
        case isLost
    }

    /// The lines of which nothing was found, and others were asked for.
    private var doubted: Set<Int> = []

    /// - Parameter others: Finds other topics of the line that were found before, at most so many.
    mutating func judge(
        _ line: Int,
        _ finding: Finding,
        others: (_ most: Int) -> [String]
    ) -> Verdict {
        guard !finding.hasFound else {
            doubted.remove(line)
            return .emptied
        }
        guard !finding.lacking.isEmpty else { return .emptied }
        if doubted.remove(line) != nil { return .isLost }
        let others = others(Self.witnesses)
        guard !others.isEmpty else { return finding.lacking.count > 1 ? .isLost : .emptied }
        doubted.insert(line)
        return .asks(finding.lacking + others)
    }
}
