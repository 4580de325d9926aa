import Presence

/// Why an `adopt` line cannot be, as the end of an error message: `topic 'a/b' has no {name}`.
public struct AdoptionFault: Error, Hashable, Sendable {
    /// The reason, in words.
    public let reason: String

    init(_ reason: String) { self.reason = reason }

    /// A word that is none of those there are.
    static func unknown(_ what: String, _ word: String, among known: [String]) -> AdoptionFault {
        if let near = Suggestion.nearest(to: word, among: known) {
            return AdoptionFault("unknown \(what) '\(word)'; did you mean '\(near)'?")
        }
        return AdoptionFault(
            "unknown \(what) '\(word)'; there are \(known.sorted().joined(separator: ", "))"
        )
    }
}
