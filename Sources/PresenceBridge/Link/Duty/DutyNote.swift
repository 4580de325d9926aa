import Foundation
import Logging

/// What is worth a line in the log of the question who serves.
enum DutyNote: Equatable {
    /// It is asked whether a bridge is there that is said to be online.
    case asks(bridge: String)
    case standsBy(for: BridgeProcessID)
    /// A bridge that is said to be online does not answer.
    case isDead(bridge: String)
    /// The process for which this one stood by has ended, or answers no more.
    case takesOver(from: BridgeProcessID)

    /// The line in the log.
    ///
    /// - Parameters:
    ///   - prefix: What every topic of the service begins with.
    ///   - own: The bridge id of this process.
    func line(prefix: String, own: String) -> (Logger.Level, String) {
        switch self {
        case .asks(let bridge):
            let words = "is said to be online on the prefix \(prefix): asking whether it is"
            return (.notice, "bridge '\(bridge)' \(words)")
        case .standsBy(let other):
            let name =
                other.bridge == own
                ? "another process with the bridge_id '\(own)'"
                : "another bridge, '\(other.bridge)'"
            return (
                .error,
                """
                \(name), started \(Self.time(other.started)), serves the prefix \(prefix): this one \
                stands by, and serves when that one ends. For a second service use another \
                topic_prefix, and a store of its own
                """
            )
        case .isDead(let bridge):
            let words = "is said to be online, and does not answer: it is no more"
            return (.warning, "bridge '\(bridge)' \(words)")
        case .takesOver(let other):
            return (
                .notice,
                """
                bridge '\(other.bridge)', started \(Self.time(other.started)), has ended, or answers \
                no more: this one serves now
                """
            )
        }
    }

    private static func time(_ second: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(second)).ISO8601Format()
    }
}
