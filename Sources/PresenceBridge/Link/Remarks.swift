import Logging

/// The lines that were logged, so that each is logged once.
struct Remarks {
    private var said: Set<String> = []

    /// Whether a line is new; it is not from now on.
    mutating func isNew(_ line: String) -> Bool {
        said.count < LinkBounds.remarks && said.insert(line).inserted
    }

    /// Logs a line, if it is new.
    mutating func say(_ level: Logger.Level, _ line: String, _ out: inout Pending) {
        if isNew(line) { out.log(level, line) }
    }
}
