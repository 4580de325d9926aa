import Presence
import PresenceCore

/// To everyone else, a device that is `invisible` is one that has logged out.
///
/// Reads two histories that differ only in that, and finds the first thing that others could tell
/// them apart by: a retained status, an event, or an answer to a user who is not one of those who
/// hide.
package enum InvisibleIsLogout {
    /// The first difference that others could see, `nil` if there is none.
    ///
    /// - Parameter hiding: the users who are `invisible` in the first history and `offline` in the
    ///   second: what they are answered is for them alone.
    package static func firstDifference(
        _ invisible: [Entry],
        _ offline: [Entry],
        hiding: Set<String> = []
    ) -> String? {
        let left = invisible.lazy.filter { isVisible($0, hiding) }
        let right = offline.lazy.filter { isVisible($0, hiding) }
        var others = right.makeIterator()
        for entry in left {
            guard let other = others.next() else {
                return "with invisible there is, at \(text(entry)), and with offline nothing more"
            }
            if entry.time != other.time || !isSame(entry.event, other.event) {
                return "with invisible there is, at \(text(entry)), and with offline, at "
                    + text(other)
            }
        }
        return others.next().map {
            "with offline there is, at \(text($0)), and with invisible nothing more"
        }
    }

    private static func isVisible(_ entry: Entry, _ hiding: Set<String>) -> Bool {
        switch entry.event {
        case .status, .told: true
        case .answered(let answer): !hiding.contains(answer.user)
        default: false
        }
    }

    private static func isSame(_ left: Entry.Event, _ right: Entry.Event) -> Bool {
        switch (left, right) {
        case (.status(let user, let status), .status(let otherUser, let other)):
            user == otherUser && status == other
        case (.told(let watcher, let told, let bytes), .told(let otherWatcher, let other, let size)):
            watcher == otherWatcher && told == other && bytes == size
        case (.answered(let answer), .answered(let other)): answer == other
        default: false
        }
    }

    private static func text(_ entry: Entry) -> String {
        "\(Inspection.text(of: entry.time)), \(entry.event)"
    }
}
