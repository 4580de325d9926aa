import Presence

/// Something that must never happen, or must happen in the end.
///
/// A checker reads the history of a run, entry by entry, and says what was wrong. It is told the
/// limits that the run was made with, and nothing else.
package protocol Checker {
    /// The rule that it keeps, as a sentence.
    static var rule: String { get }

    /// Begins with nothing seen.
    init(_ limits: CheckedLimits)

    /// Reads the next entry; adds a sentence for each breach of the rule that it shows.
    mutating func read(_ entry: Entry, _ breaches: inout [String])
}

/// What the checkers know of the configuration of a run.
package struct CheckedLimits: Sendable {
    package var maxSubscriptions = 3_000
    package var maxWatchers = 0
    package var maxDevices = 64
    package var maxMessage = 65_536
    /// Milliseconds.
    package var eventInterval: Int64 = 100
    /// Seconds; 0 for never.
    package var forgetAfter: Int64 = 2_592_000
    /// Whether the rates are so low that requests may be dropped by them.
    package var dropsRequests = false
    /// Requests a second that one user may send, and at once.
    package var requestRate = 50
    package var requestBurst = 200
    /// Milliseconds within which a device that was lost, or has logged out, may come back unnoticed.
    package var offlineGrace: Int64 = 3_000
    package var logoutGrace: Int64 = 0

    /// Whether there is a change log.
    package var keepsHistory = false
    /// The URLs of webhooks, and the kinds of change that they want.
    package var webhooks: [String] = []
    package var webhookKinds: Set<LoggedChange.Kind> = []

    package init() {}
}
