/// What is promised of plain things, by how the broker ended before its last start.
///
/// Such a thing names no session and is not asked: a retained word of it, from before the bridge came,
/// is all that there is.
package struct PlainTruth {
    /// How the broker ended.
    package enum End: CaseIterable, Sendable {
        /// In order: every will was sent, and all was saved.
        case inOrder
        /// Killed, with all saved, the bridge's `online` as well.
        case killed
        /// Killed, and nothing was kept.
        case emptied
        /// Killed, with all saved, when it had been told of the bridge's end.
        case killedWithoutBridge
    }

    /// Whether what a thing said counts.
    enum Verdict {
        case counts
        case doesNot
        case open
    }

    /// The users who are plain things.
    let users: Set<String>
    let end: End
    /// When the bridge was started, in milliseconds of uptime; `nil` where it ran all the time, and
    /// nobody can say who was first.
    let bridgeCame: Int64?
    /// Whether the broker's plugin tells the bridge what was said since its start.
    let isVouched: Bool

    package init(users: Set<String>, end: End, bridgeCame: Int64?, isVouched: Bool = false) {
        self.users = users
        self.end = end
        self.bridgeCame = bridgeCame
        self.isVouched = isVouched
    }

    /// Whether a word of a plain thing counts that came since the broker's start; `nil` where it is none.
    func verdict(_ user: String, _ stated: Int64, knownSince: Int64) -> Verdict? {
        guard users.contains(user) else { return nil }
        // After a crash its word looks like the old copy, but for what the plugin knows.
        guard end == .killed, !isVouched, stated < knownSince else { return .counts }
        return bridgeCame.map { stated < $0 } == true ? .doesNot : .open
    }
}
