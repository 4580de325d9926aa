/// What a shell can offer where a value is typed.
public enum ValueCompletion: Hashable, Sendable {
    /// Nothing: only whoever types knows it.
    case nothing
    /// One of these words.
    case words([String])
    /// The path of a file.
    case path
}
