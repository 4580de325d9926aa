import CCurl

/// Requests that are under way, all on one thread; another thread may end the waiting.
///
/// ``begin(_:onBody:)`` begins one, ``wait(milliseconds:)`` lets all go on, and ``takeFinished()`` says what
/// became of those that are over.
public final class Transfers {
    /// Names a request that is under way.
    public typealias Number = UInt64

    /// What became of a request.
    public typealias Outcome = Result<HTTPResponse, TransferFailure>

    private let bundle: Bundle
    private var running: [Number: Transfer] = [:]
    private var refused: [(Number, Outcome)] = []
    private var last: Number = 0

    /// No requests.
    ///
    /// - Parameter waker: Ends the waiting from another thread; it is for these transfers alone.
    public init(wokenBy waker: TransferWaker) { bundle = waker.bundle }

    /// No requests, whose waiting nobody ends.
    ///
    /// - Throws: when the process has no memory or no descriptors left.
    public convenience init() throws(TransferFailure) {
        self.init(wokenBy: try TransferWaker())
    }

    deinit { cancelAll() }

    /// Begins a request; its end is among those of ``takeFinished()``.
    ///
    /// - Parameter onBody: called with each part of the answer's body as it comes; what is returned says whether
    ///   the transfer is to go on.
    public func begin(
        _ request: HTTPRequest,
        onBody: (([UInt8]) -> Bool)? = nil
    ) -> Number {
        last &+= 1
        do throws(TransferFailure) {
            let transfer = try Transfer(request, number: last, onBody: onBody)
            running[last] = transfer
            try bundle.add(transfer)
        } catch {
            running[last] = nil
            refused.append((last, .failure(error)))
        }
        return last
    }

    /// Lets all requests go on, and waits until one of them has news, somebody wakes, or for so long.
    public func wait(milliseconds: Int) {
        bundle.perform()
        guard refused.isEmpty, bundle.finishedCount == 0 else { return }
        bundle.poll(milliseconds: milliseconds)
        bundle.perform()
    }

    /// What became of those that are over since the last time.
    public func takeFinished() -> [(number: Number, outcome: Outcome)] {
        defer { refused = [] }
        var finished = refused.map { (number: $0.0, outcome: $0.1) }
        for (number, code) in bundle.takeFinished() {
            guard let transfer = running.removeValue(forKey: number) else { continue }
            bundle.remove(transfer)
            finished.append((number, transfer.outcome(code)))
        }
        return finished
    }

    /// Ends all requests without an outcome.
    public func cancelAll() {
        for transfer in running.values { bundle.remove(transfer) }
        running = [:]
        refused = []
    }
}
