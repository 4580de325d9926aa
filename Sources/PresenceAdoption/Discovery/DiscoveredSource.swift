import Presence

/// A topic with words that say whether an entity is available.
public struct DiscoveredSource: Hashable, Sendable {
    /// The topic, without wildcards.
    public var topic: String { exactTopic.text }
    package let exactTopic: ExactText
    private let words: WordList

    package init(topic: String, words: WordList) {
        exactTopic = ExactText(topic)
        self.words = words
    }

    /// Whether a payload says that the entity is available; `nil` if it says neither.
    ///
    /// Words are compared as those of all kinds are, without case; Home Assistant compares them to the letter.
    public func read(_ payload: Payload) -> Bool? {
        guard payload.bytes.count <= Payload.longest else { return nil }
        return switch words.read(payload) {
        case .online: true
        case .lost: false
        default: nil
        }
    }

    /// How long the words are that are looked for, and the names of the members in which they stand, in bytes.
    package var textLength: Int { words.textLength }

    /// Whether another topic's payload would be read in the same way.
    public func reads(like other: DiscoveredSource) -> Bool { words == other.words }
}
