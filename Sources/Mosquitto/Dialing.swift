import CMosquitto
import Glibc
import Synchronization

/// The part of connecting that may wait for the system's resolver, on another thread.
///
/// Without TLS it is the look-up of the host's addresses. With TLS the library has to look the host
/// up itself, since the name that it is given is the one that the broker's certificate must have. So
/// there it is the library's call, and until it is over nobody else may use the library's object.
final class Dialing: Sendable {
    static let patience: Duration = .seconds(8)

    /// What came of it.
    enum Outcome: Sendable {
        case resolved(HostAddresses.Outcome)
        /// The library has been called with the host: its code, what `errno` said, and what it
        /// complained of.
        case begun(code: Int32, cause: Int32, complaints: [String])
    }

    let end = ContinuousClock.now + patience
    private let waker: Waker
    private let outcome = Mutex<Outcome?>(nil)

    /// Looks a host up.
    ///
    /// - Throws: when the process has no file descriptor or no thread left.
    init(host: String) throws(NoDescriptor) {
        waker = try Waker()
        try begin { .resolved(HostAddresses.lookUp(host)) }
    }

    /// Has the library connect with TLS, and leaves its object alone after that.
    ///
    /// - Throws: when the process has no file descriptor or no thread left.
    init(_ library: LibraryObject, _ options: ConnectionOptions) throws(NoDescriptor) {
        waker = try Waker()
        try begin { library.connect(options) }
    }

    private func begin(_ work: @escaping @Sendable () -> Outcome) throws(NoDescriptor) {
        let isTaken = Resolver.perform { [weak self] in
            // Nobody waits for it any more if its turn came late.
            guard self != nil else { return }
            let outcome = work()
            self?.finish(outcome)
        }
        guard isTaken else { throw NoDescriptor(code: EAGAIN) }
    }

    private func finish(_ result: Outcome) {
        outcome.withLock { $0 = result }
        waker.wake()
    }

    var descriptor: Int32 { waker.descriptor }

    func take() -> Outcome? { outcome.withLock { $0 } }
}

extension Connection {
    /// Whether the host's name is being looked up.
    package var isResolving: Bool { state == .connecting && dialing != nil }

    /// Goes on once the resolver has answered, and ends when it has had its time.
    func settleDialing() {
        guard state == .connecting, let dialing else { return }
        guard let outcome = dialing.take() else {
            guard dialing.end <= .now else { return }
            let words = "the resolver did not answer within \(Dialing.patience)"
            return finish(.hostNotFound("\(options.host): \(words)"))
        }
        self.dialing = nil
        do throws(MosquittoError) {
            switch outcome {
            case .resolved(.found(let addresses)): try connect(to: addresses)
            case .resolved(.notFound(let words)): finish(.hostNotFound(words))
            case .begun(let code, let cause, let complaints):
                unsafe mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
                unsafe Callbacks.listenForComplaints(on: handle)
                for complaint in complaints { complained(complaint) }
                if let closure = try closure(of: code, cause, at: options.host) { finish(closure) }
            }
        } catch {
            finish(.lost(error.description))
        }
    }
}
