import Presence
import PresenceCore

/// How the bridge stands, in words for whoever operates it.
package enum Standing: Equatable, CustomStringConvertible {
    case disconnected
    /// It is connected, and another bridge serves the prefix.
    case standingBy
    /// It is connected, and reads what the broker has retained.
    case reading
    /// It serves so many users online; the reason is why the store took nothing the last time.
    case serving(usersOnline: Int, storeFailure: String?)
    case ending

    package var description: String {
        switch self {
        case .disconnected: "no connection to the broker"
        case .standingBy: "standing by: another bridge serves"
        case .reading: "reading what the broker has retained"
        case .serving(let count, nil): "serving, \(count.of("user")) online"
        case .serving(let count, let failure?):
            "serving, \(count.of("user")) online; the store takes nothing: \(failure)"
        case .ending: "ending"
        }
    }

    /// Whether it is the same but for numbers.
    func isKin(of other: Standing) -> Bool {
        switch (self, other) {
        case (.serving(_, let failure), .serving(_, let other)): failure == other
        default: self == other
        }
    }
}
