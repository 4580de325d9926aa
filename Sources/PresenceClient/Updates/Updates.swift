/// The stream of what a client learns, from the moment at which it was asked for.
///
/// One reader reads it. When that is slower than the news, it gets of each user the newest; nothing
/// grows without end. The stream ends when the client is closed.
public struct Updates: AsyncSequence, Sendable {
    let buffer: UpdateBuffer

    /// The reader.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(buffer: buffer, rings: buffer.bell.rings.makeAsyncIterator())
    }

    /// Reads one update after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let buffer: UpdateBuffer
        var rings: AsyncStream<Void>.AsyncIterator

        /// The next update, waiting for it if need be; `nil` at the end, or when the task is
        /// cancelled.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(Never) -> Update? {
            while !Task.isCancelled {
                if let update = buffer.take() { return update }
                guard await rings.next(isolation: actor) != nil else { return buffer.take() }
            }
            return nil
        }
    }
}
