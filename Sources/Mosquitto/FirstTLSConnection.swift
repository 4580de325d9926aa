import Synchronization

/// Lets one thread at a time connect with TLS until one has.
///
/// The library sets up its part of OpenSSL at the first connection with TLS of the process, and
/// libmosquitto 2.0.11 does so without a lock: each of several threads that come at once takes an
/// index of its own under which a session knows its connection, and the last one counts for all.
/// A session that was begun under another one is then not found when the broker's certificate is
/// looked at, and the library says that it was not verified. Once one connection has begun,
/// everything is set up.
struct FirstTLSConnection: ~Copyable {
    static let ofProcess = FirstTLSConnection()

    private let hasBegun = Mutex(false)

    /// Begins a connection by the body, whose result has the code 0 when it worked.
    func begin(_ body: () -> LibraryObject.Result) -> LibraryObject.Result {
        let first: LibraryObject.Result? = hasBegun.withLock { hasBegun in
            guard !hasBegun else { return nil }
            let result = body()
            hasBegun = result.code == 0
            return result
        }
        return first ?? body()
    }
}
