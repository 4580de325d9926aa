import Foundation
import Logging

extension Duty.Note {
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

    /// A Unix second as people read it.
    private static func time(_ second: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(second)).ISO8601Format()
    }
}
