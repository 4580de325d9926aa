/// Ends the waiting of ``Transfers`` from any thread.
public struct TransferWaker: Sendable {
    let bundle: Bundle

    /// A waker for transfers that are yet to be made with it.
    ///
    /// - Throws: when the process has no memory or no descriptors left.
    public init() throws(TransferFailure) { bundle = try Bundle() }

    /// Ends the wait that goes on, or else the next one.
    public func wake() { bundle.wake() }
}
