import Logging

/// Writes lines as the journal of systemd reads them from a service, with the level before the words (sd-daemon(3)).
///
/// A warning begins with `<4>`. The journal has the time and the name of the service by itself.
struct JournalLog: LogHandler {
    var logLevel = Logger.Level.info
    var metadata = Logger.Metadata()

    func log(event: LogEvent) {
        // Each line of a message would be one of its own, of the level that is usual.
        let lines = "\(event.message)".split(separator: "\n", omittingEmptySubsequences: true)
        Output.error(lines.map { "<\(event.level.priority)>\($0)\n" }.joined())
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}

extension Logger.Level {
    /// The priority of syslog(3).
    fileprivate var priority: Int {
        switch self {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }
}
