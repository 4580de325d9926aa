/// The stream of what a client learns, from the moment at which it was asked for.
///
/// One reader reads it. When that is slower than the news, it gets of each user the newest; nothing
/// grows without end. The stream ends when the client is closed.
public struct Updates: AsyncSequence, Sendable {
    let buffer: UpdateBuffer

    /// The reader.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(buffer: buffer, doorbell: buffer.doorbell.makeAsyncIterator())
    }

    /// Reads one update after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let buffer: UpdateBuffer
        var doorbell: AsyncStream<Void>.AsyncIterator

        /// The next update, waiting for it if need be; `nil` at the end, or when the task is
        /// cancelled.
        public mutating func next() async -> Update? {
            while !Task.isCancelled {
                if let update = buffer.take() { return update }
                guard await doorbell.next() != nil else { return buffer.take() }
            }
            return nil
        }

        /// The next update, on the caller's actor.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(Never) -> Update? {
            while !Task.isCancelled {
                if let update = buffer.take() { return update }
                guard await doorbell.next(isolation: actor) != nil else { return buffer.take() }
            }
            return nil
        }
    }
}
