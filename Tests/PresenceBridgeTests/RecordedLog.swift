import Logging
import Synchronization

/// What is logged, line by line, for a test to look at.
final class RecordedLog: Sendable {
    private let written = Mutex<[(level: Logger.Level, text: String)]>([])

    /// A logger that writes into it.
    var logger: Logger { Logger(label: "test") { _ in Handler(book: self) } }

    /// The lines of one level.
    func lines(_ level: Logger.Level) -> [String] {
        written.withLock { $0.filter { $0.level == level }.map(\.text) }
    }

    private struct Handler: LogHandler {
        let book: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            book.written.withLock { $0.append((event.level, "\(event.message)")) }
        }
    }
}
