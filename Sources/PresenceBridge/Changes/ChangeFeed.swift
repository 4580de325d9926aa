import DequeModule
import Presence
import PresenceStore
import Synchronization

/// The change log, read beside the loop: what lies in the store's file, and behind it what the bridge has added
/// since it started and may not be in the file yet.
///
/// Any thread may read; a reading may wait for the disk. Only the loop's thread adds.
package final class ChangeFeed: Sendable {
    /// How many changes are held that are in the file, too, so that who follows the log reads no file.
    private static let held = 4_096

    private struct State {
        /// The newest changes, in the order of their ids.
        var tail: Deque<LoggedChange> = []
        /// The id behind which all changes are in ``tail``.
        var start: Int64
        /// The last id that was given out.
        var last: Int64
        /// Whether changes are kept for whoever asks.
        var isKept = false
        /// Whether the bridge serves.
        var isServing = false

        /// The changes of the tail with higher ids than one, so many at most.
        func next(after id: Int64, limit: Int) -> [LoggedChange] {
            var (low, high) = (tail.startIndex, tail.endIndex)
            while low < high {
                let middle = low + (high - low) / 2
                if tail[middle].id <= id { low = middle + 1 } else { high = middle }
            }
            return Array(tail[low..<min(tail.endIndex, low + limit)])
        }
    }

    private let archive: any Archive
    private let state: Mutex<State>
    /// Who waits for changes.
    private let waiting = ChangeWaiting()

    /// - Parameters:
    ///   - last: The last id that was given out.
    ///   - unarchived: What the archive does not have yet, in the order of their ids.
    package init(_ archive: any Archive, last: Int64, unarchived: [LoggedChange] = []) {
        self.archive = archive
        let start = unarchived.first.map { $0.id - 1 } ?? last
        state = Mutex(State(tail: Deque(unarchived), start: start, last: last))
    }

    // MARK: - Adding

    /// Learns what a commit has stored.
    ///
    /// - Parameter archived: the id through which the archive has everything.
    func append(_ changes: [Change], archivedThrough archived: Int64) {
        guard case .log? = changes.last else { return }
        let last = state.withLock { state in
            for case .log(let step) in changes {
                switch step {
                case .put(let change): state.tail.append(change)
                case .erase(let user, let id):
                    state.tail.removeAll { $0.user == user && $0.id <= id }
                case .end(let id): state.last = max(state.last, id)
                }
            }
            while state.tail.count > Self.held, let first = state.tail.first, first.id <= archived {
                state.tail.removeFirst()
                state.start = first.id
            }
            return state.last
        }
        waiting.tell(last)
    }

    /// Lets go of what the archive has and may be cut off there: nobody is shown more than is kept.
    func drop(_ cut: LogCut) {
        state.withLock { state in
            while let first = state.tail.first, first.id <= cut.through,
                first.time < cut.time || state.tail.count > cut.most
            {
                state.tail.removeFirst()
                state.start = first.id
            }
        }
    }

    /// Learns whether the bridge serves, and whether it keeps changes for whoever asks.
    func set(isServing: Bool, isKept: Bool) {
        state.withLock { ($0.isServing, $0.isKept) = (isServing, isKept) }
    }

    // MARK: - Reading

    var last: Int64 { state.withLock { $0.last } }
    var isKept: Bool { state.withLock { $0.isKept } }
    var isServing: Bool { state.withLock { $0.isServing } }

    /// Waits until there is a change with a higher id than one, so long and no longer.
    func wait(after id: Int64, for patience: Duration) async {
        await waiting.wait(after: id, for: patience, last: { self.last })
    }

    /// What a reading finds.
    package enum Found: Hashable, Sendable {
        /// Changes, the lowest id first, and the id through which there are no others: beyond the last of them
        /// where the rows behind it were erased.
        case changes([LoggedChange], through: Int64)
        /// Some of those that were asked for are no longer there, or the id was never given out.
        case gone
    }

    /// Changes with higher ids than one, if no file need be read for them; else `nil`.
    func recent(after id: Int64, limit: Int) -> Found? {
        state.withLock { state in
            guard id <= state.last else { return .gone }
            guard id >= state.start else { return nil }
            return Found(state.next(after: id, limit: limit), limit, end: state.last)
        }
    }

    /// Changes with higher ids than one.
    package func changes(after id: Int64, limit: Int) throws(StoreError) -> Found {
        // The tail first: what leaves it is in the archive by then.
        let (isRecent, tail, last) = state.withLock { state in
            (id >= state.start, state.next(after: id, limit: limit), state.last)
        }
        guard id <= last else { return .gone }
        if isRecent { return Found(tail, limit, end: last) }
        var changes = try archive.changes(after: id, limit: limit)
        guard try archive.cut() <= id else { return .gone }
        if changes.count < limit {
            let end = changes.last?.id ?? id
            changes += tail.lazy.filter { $0.id > end }.prefix(limit - changes.count)
        }
        return Found(changes, limit, end: last)
    }

    /// Changes of a user, the newest first.
    package func history(_ query: HistoryQuery) throws(StoreError) -> [LoggedChange] {
        let tail = state.withLock { state in
            Array(state.tail.reversed().lazy.filter(query.includes).prefix(query.limit))
        }
        guard tail.count < query.limit else { return tail }
        var rest = query
        rest.limit -= tail.count
        rest.below = min(query.below, tail.last?.id ?? .max)
        return try tail + archive.history(rest)
    }

    /// Frees the file.
    func close() { archive.close() }
}

extension ChangeFeed.Found {
    /// What was found when the log ended with an id: fewer changes than were asked for are all there are.
    fileprivate init(_ changes: [LoggedChange], _ limit: Int, end: Int64) {
        let last = changes.last?.id ?? 0
        self = .changes(changes, through: changes.count < limit ? max(last, end) : last)
    }
}
