import Foundation
import Presence
import PresenceCore

/// A wall clock that is behind the store: the machine has forgotten the time, or the store is of
/// another one.
///
/// What is told never goes back (`seq`, `since`, `updated`), but the end of a subscription is a time
/// of the wall clock.
struct SlowClock {
    /// By how many seconds a clock may be behind, as one that is set right now and then is.
    static let tolerance: Int64 = 60

    let shown: Int64
    let stored: Int64

    /// A clock that is behind by more than the tolerance; `nil` for one that is not.
    init?(shown: Int64, stored: Int64) {
        guard stored > shown + Self.tolerance else { return nil }
        self.shown = shown
        self.stored = stored
    }

    /// What is wrong, what follows from it, and what to do.
    var warning: String {
        "the clock of this machine is behind the store: it shows \(Self.text(shown)), and the store"
            + " was written at \(Self.text(stored)); subscriptions and descriptions that are made"
            + " until it is set end too early, as soon as it is"
    }

    private static func text(_ second: Int64) -> String {
        let second = min(second, UnixSeconds.range.upperBound)
        return Date(timeIntervalSince1970: TimeInterval(second)).formatted(.iso8601)
    }
}
