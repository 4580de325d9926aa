/// Why a fixture could not do its part, with what helps to see why.
public struct FixtureError: Error, CustomStringConvertible, Sendable {
    /// The whole story.
    public let description: String

    /// An error in words.
    public init(_ description: String) {
        self.description = description
    }
}
