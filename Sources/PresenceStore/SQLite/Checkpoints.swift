import GRDB
import Synchronization

/// Works the log of a store into its file beside the commits that go on meanwhile: on a connection
/// and a thread of its own.
///
/// A checkpoint waits for the disk, twice, and writes every page that was changed. It reads what
/// lies in the log and leaves alone what is appended to it (https://www.sqlite.org/wal.html,
/// section 2.2), so that a commit need not wait for it, nor it for a commit.
final class Checkpoints {
    /// How far one has come.
    private enum State {
        case idle
        case running
        case failed(any Error)
    }

    private let queue: DatabaseQueue
    private let state = Shared()

    /// Opens a connection of its own to a file that has a log.
    init(path: String, configuration: Configuration) throws {
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Begins one, unless one is under way.
    ///
    /// - Returns: whether one was begun.
    /// - Throws: why the last one failed.
    func begin() throws -> Bool {
        guard try state.start() else { return false }
        queue.asyncWriteWithoutTransaction { [state] database in
            state.end(Result { _ = try database.checkpoint(.passive) })
        }
        return true
    }

    /// Waits for one that is under way, and closes the connection.
    func close() { try? queue.close() }

    /// What the two threads know of each other.
    private final class Shared: Sendable {
        private let state = Mutex(State.idle)

        func start() throws -> Bool {
            try state.withLock { state in
                switch state {
                case .running: return false
                case .failed(let error):
                    state = .idle
                    throw error
                case .idle:
                    state = .running
                    return true
                }
            }
        }

        func end(_ result: Result<Void, any Error>) {
            state.withLock { state in
                if case .failure(let error) = result {
                    // Another program, or a commit, is at it: as good.
                    let isBusy = (error as? DatabaseError)?.resultCode == .SQLITE_BUSY
                    state = isBusy ? .idle : .failed(error)
                } else {
                    state = .idle
                }
            }
        }
    }
}
