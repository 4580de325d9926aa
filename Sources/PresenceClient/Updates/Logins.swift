import Presence

/// The first logins and last logouts of users, from a moment on.
///
/// Changes of the word, of the description or of further devices are not among them. One reader
/// reads it.
public struct Logins: AsyncSequence, Sendable {
    let updates: Updates
    let start: LoginChanges

    /// The reader.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(updates: updates.makeAsyncIterator(), changes: start)
    }

    /// Reads one login or logout after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var updates: Updates.AsyncIterator
        var changes: LoginChanges

        /// The next login or logout; `nil` when the client is closed or the task is cancelled.
        public mutating func next() async -> Login? {
            while let update = await updates.next() {
                if let login = changes.hear(update) { return login }
            }
            return nil
        }
    }
}
