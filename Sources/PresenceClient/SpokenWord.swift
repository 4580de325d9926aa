import Presence

/// What a text means to the bridge that a device states as its word.
///
/// It is read by the bridge's own reader, so that an app learns at once what others would see.
package enum SpokenWord {
    /// The word; `nil` for a text that is none.
    package static func meaning(of text: String) -> StatusWord? {
        guard !text.contains("{") else { return nil }
        return try? Statement(reading: Array(text.utf8), longest: Statement.longest).status
    }
}
