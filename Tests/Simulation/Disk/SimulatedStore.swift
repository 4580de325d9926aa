import Presence
import PresenceBridge
import PresenceStore

/// The store of one process of the bridge, on a disk that outlives it.
package final class SimulatedStore: Store {
    /// Where a commit can kill the process.
    package enum Death: Hashable, Sendable {
        /// Nothing was stored.
        case beforeCommit
        /// Everything was, and nothing said of it.
        case afterCommit
    }

    private static let path = "the simulated disk"
    private static let closed = "the store is closed"

    private let disk: SimulatedDisk
    /// What it has of the database where bridges share it; `nil` where the disk is this bridge's own.
    private let session: SimulatedSession?
    private var isClosed = false
    /// Whether the process is no more: nothing that it does reaches anyone, not even an error.
    private var isDead = false

    /// How the process dies at its next commit, if it is to.
    package var death: Death?
    /// Called with what was stored, or with `nil` where the disk refused.
    package var onCommit: ([Change]?) -> Void = { _ in }
    /// Called where the process dies: nothing that it does from then on reaches anyone.
    package var onDeath: () -> Void = {}

    /// A store on a disk.
    package init(_ disk: SimulatedDisk) {
        self.disk = disk
        session = nil
    }

    /// A store that bridges share, while this one owns it.
    init(_ disk: SimulatedDisk, _ session: SimulatedSession) {
        self.disk = disk
        self.session = session
    }

    package func replay(
        _ body: (Change) -> Void,
        subscriptions: (UserID, [WatchedUser]) -> Void
    ) throws(StoreError) {
        guard !isClosed else { throw .readFailed(path: Self.path, reason: Self.closed) }
        for change in disk.contents {
            guard case .putSubscription(let record) = change else {
                body(change)
                continue
            }
            // One at a time: those of one watcher may come in several parts.
            let watched = WatchedUser(user: record.user, expires: record.expires)
            subscriptions(record.watcher, [watched])
        }
    }

    /// Stores the changes; what a bridge journals outlives it just as what is in SQLite.
    package func commit(_ changes: [Change], isRequested: Bool) throws(StoreError) {
        guard !isDead else { return }
        guard !isClosed else { throw .writeFailed(path: Self.path, reason: Self.closed) }
        guard !changes.isEmpty else { return }
        if death == .beforeCommit {
            isDead = true
            onDeath()
            return
        }
        do throws(StoreError) {
            try session?.check()
            if disk.isFull { throw .full(path: Self.path) }
        } catch {
            onCommit(nil)
            throw error
        }
        for change in changes { disk.apply(change) }
        onCommit(changes)
        if death == .afterCommit {
            isDead = true
            onDeath()
        }
    }

    package var rows: Int64 { Int64(disk.rows) }

    package func beginApplying() { if !isDead { session?.sign() } }

    package var applyingPause: Int64 { session?.signPause ?? 1_000 }

    package func archive() throws(StoreError) -> any Archive { SimulatedArchive(disk) }

    package var archivedThrough: Int64 { .max }

    package var unarchived: [LoggedChange] { [] }

    package func beginCutting(_ cut: LogCut) {}

    package func beginCheckpoint() throws(StoreError) {}

    package var ownership: StoreTerm { session?.term ?? StoreTerm() }

    package var isConfirmed: Bool { session?.isConfirmed ?? true }

    package var loss: StoreError? { session?.loss }

    package func confirmAfterPause() -> Bool { isDead || session?.confirmAfterPause() ?? true }

    package func close() {
        isClosed = true
        session?.leave()
    }

    /// The process is killed, or its host is no more.
    func abandon(_ end: BridgeProcess.End) {
        isClosed = true
        if end == .vanished { session?.fallSilent() } else { session?.breakOff() }
    }
}
