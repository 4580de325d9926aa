import Foundation

/// A point in time up to which something is tried: nothing in a test waits for ever.
struct Deadline {
    private let end: ContinuousClock.Instant

    init(in duration: Duration) {
        end = ContinuousClock.now + duration
    }

    var isOver: Bool { ContinuousClock.now >= end }

    /// Asks again every two milliseconds; `nil` when time is up.
    func poll<Result>(_ attempt: () throws -> Result?) rethrows -> Result? {
        while true {
            if let result = try attempt() { return result }
            if isOver { return nil }
            usleep(2_000)
        }
    }
}

/// Runs what takes long on a thread of its own that gives way to all others, so that tests which
/// measure time are not held up.
public func inBackground<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await offPool {
        #if os(Linux)
        // With 0 it is this thread's alone, which ends with the body.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 15)
        #endif
        return try body()
    }
}

/// Runs what blocks on a thread of its own, away from the few threads that the tests share.
public func offPool<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(with: Swift.Result(catching: body))
        }
    }
}
