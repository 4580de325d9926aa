import Logging
import Synchronization

/// What the server's library has to say: why it ends by itself, and nothing once it was told to end, for that
/// connections break then is no news.
struct ServerLog: LogHandler {
    /// Whether the server was told to end.
    final class Ending: Sendable {
        private let state = Mutex(false)
        var hasBegun: Bool { state.withLock { $0 } }
        func begin() { state.withLock { $0 = true } }
    }

    private var inner: any LogHandler
    private let ending: Ending

    /// Hands on to another handler what is at least an error.
    init(_ inner: any LogHandler, _ ending: Ending) {
        self.inner = inner
        self.inner.logLevel = max(inner.logLevel, .error)
        self.ending = ending
    }

    var metadata: Logger.Metadata {
        get { inner.metadata }
        set { inner.metadata = newValue }
    }

    var logLevel: Logger.Level {
        get { inner.logLevel }
        set { inner.logLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { inner[metadataKey: key] }
        set { inner[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        if !ending.hasBegun { inner.log(event: event) }
    }
}
