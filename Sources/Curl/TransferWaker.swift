/// Ends the waiting of ``Transfers`` from any thread.
public struct TransferWaker: Sendable {
    private let bundle: Bundle

    init(_ bundle: Bundle) { self.bundle = bundle }

    /// Ends the wait that goes on, or else the next one.
    public func wake() { bundle.wake() }
}
