/// Rings once, however often it was rung since it was heard last.
package struct Bell: Sendable {
    package let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (rings, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package func ring() { continuation.yield() }

    /// It will not ring any more.
    func finish() { continuation.finish() }
}
