import Glibc

/// Where the standard error of a service goes.
public enum JournalStream {
    /// Whether standard error goes to the journal: `JOURNAL_STREAM` has its device and inode then
    /// (systemd.exec(5)).
    ///
    /// - Parameter environment: The process's.
    public static func isStandardError(_ environment: [String: String]) -> Bool {
        var status = stat()
        guard let stream = environment["JOURNAL_STREAM"],
            unsafe fstat(STDERR_FILENO, &status) == 0
        else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }
}
