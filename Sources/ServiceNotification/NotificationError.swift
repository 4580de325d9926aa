import Glibc

/// Why the service manager is not told.
public struct NotificationError: Error, CustomStringConvertible {
    /// What is wrong, in words.
    public let description: String

    init(_ description: String) { self.description = description }

    init(code: Int32) {
        unsafe description = "the service manager is not told: \(String(cString: strerror(code)))"
    }
}
