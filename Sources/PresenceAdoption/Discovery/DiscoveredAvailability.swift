/// How one can tell by topics whether an entity is available (Home Assistant, `availability`).
public struct DiscoveredAvailability: Hashable, Sendable {
    /// What several topics mean together.
    public enum Mode: String, Sendable {
        /// All of them must say so.
        case all
        /// One of them must say so.
        case any
        /// The word that came last counts, on whichever topic.
        case latest
    }

    /// What several topics mean together.
    public let mode: Mode
    /// The topics; none stands there twice.
    public let sources: [DiscoveredSource]

    /// How long all its texts are, in bytes.
    package var textLength: Int {
        sources.reduce(0) { $0 + $1.topic.utf8.count + $1.textLength }
    }

    package init(mode: Mode, sources: [DiscoveredSource]) {
        self.mode = mode
        self.sources = sources
    }
}
