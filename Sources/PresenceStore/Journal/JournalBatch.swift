import Presence
import Synchronization

/// Journaled turns on their way into SQLite, which is worked on by another thread.
final class JournalBatch {
    /// How far it has come.
    enum State {
        /// Nobody is at it: it was just made, or has failed.
        case waiting
        case underWay
        /// SQLite has it, and has grown by so many rows.
        case applied(growth: Int64)
        case failed(any Error)
    }

    /// The changes, in their order.
    let changes: [Change]
    /// The sequence number of the last turn among them.
    let sequence: Int64
    /// The file that holds them until SQLite does.
    let file: JournalFile
    private let shared = Shared()

    init(_ changes: [Change], sequence: Int64, in file: JournalFile) {
        self.changes = changes
        self.sequence = sequence
        self.file = file
    }

    var isUnderWay: Bool { if case .underWay = shared.state { true } else { false } }

    /// What became of it, said once: one that has failed waits from then on.
    func takeState() -> State { shared.takeState() }

    /// Begins to bring it into SQLite, and empties its file afterwards, on the other thread.
    func begin(_ store: SQLiteStore) {
        shared.state = .underWay
        store.begin(changes, sequence: sequence) { [shared, emptying = file.emptying] result in
            switch result {
            case .success(let growth):
                emptying()
                shared.state = .applied(growth: growth)
            case .failure(let error): shared.state = .failed(error)
            }
        }
    }

    /// What the two threads know of each other.
    private final class Shared: Sendable {
        private let locked = Mutex(State.waiting)

        var state: State {
            get { locked.withLock { $0 } }
            set { locked.withLock { $0 = newValue } }
        }

        func takeState() -> State {
            locked.withLock { state in
                let taken = state
                if case .failed = state { state = .waiting }
                return taken
            }
        }
    }
}
