import Glibc
import Synchronization

/// Threads for what may wait for the system's resolver.
///
/// The resolver cannot be told to stop, and with a name server that is away it takes up to half a
/// minute for each name. So whoever has a loop to keep running leaves it to a thread. There are a
/// few threads at most; what comes while all are busy waits for its turn.
enum Resolver {
    static let mostThreads = 8

    private struct State {
        var threads = 0
        var waiting: [Work] = []
    }

    typealias Work = @Sendable () -> Void

    private static let state = Mutex(State())

    /// Does the work on one of the threads, as soon as one is free.
    ///
    /// - Returns: Whether it will be done: not when the system has no thread left.
    static func perform(_ work: @escaping Work) -> Bool {
        let needsThread = state.withLock { state in
            guard state.threads < mostThreads else {
                state.waiting.append(work)
                return false
            }
            state.threads += 1
            return true
        }
        guard needsThread, !start(work) else { return true }
        state.withLock { $0.threads -= 1 }
        return false
    }

    private static func next() -> Work? {
        state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.threads -= 1
            return nil
        }
    }

    /// Carries the first work to its thread.
    private final class Parcel: Sendable {
        let work: Work

        init(_ work: @escaping Work) { self.work = work }
    }

    private static func start(_ work: @escaping Work) -> Bool {
        let parcel = unsafe Unmanaged.passRetained(Parcel(work))
        var thread = pthread_t()
        guard unsafe pthread_create(&thread, nil, run, parcel.toOpaque()) == 0 else {
            unsafe parcel.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private static let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? =
        { parcel in
            guard let parcel = unsafe parcel else { return nil }
            unsafe Unmanaged<Parcel>.fromOpaque(parcel).takeRetainedValue().work()
            while let work = next() { work() }
            return nil
        }
}
