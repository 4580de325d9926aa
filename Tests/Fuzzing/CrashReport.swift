import Foundation
import Glibc
import Synchronization

/// Says on its way out, when the process is ended by a trap, which input it was at.
public enum CrashReport {
    private static let length = 256

    private struct Buffer: @unchecked Sendable {
        /// Lives as long as the process: a signal may come at any time.
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: CrashReport.length)
    }

    private static let buffer = Buffer()
    private static let count = Atomic<Int>(0)

    /// Listens for the signals of a trap.
    public static func listen() {
        note("nothing")
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE] {
            signal(number) { number in
                CrashReport.write()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }

    /// Notes what is about to be run.
    public static func note(_ text: String) {
        let bytes = Array("\nThe process ends at: \(text)\n".utf8.prefix(length))
        for (place, byte) in bytes.enumerated() {
            buffer.bytes[place] = byte
        }
        count.store(bytes.count, ordering: .releasing)
    }

    private static func write() {
        _ = Glibc.write(STDERR_FILENO, buffer.bytes, count.load(ordering: .acquiring))
    }
}
