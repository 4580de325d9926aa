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
        var isKept: Bool
        /// How often somebody's changes were erased.
        var erasures = 0
        /// Whether the bridge serves.
        var isServing = false
        /// Called when there is more.
        var onGrowth: (@Sendable () -> Void)?

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
    ///   - isKept: Whether changes are kept for whoever asks.
    ///   - unarchived: What the archive does not have yet, in the order of their ids.
    package init(
        _ archive: any Archive,
        last: Int64,
        isKept: Bool = true,
        unarchived: [LoggedChange] = []
    ) {
        self.archive = archive
        let start = unarchived.first.map { $0.id - 1 } ?? last
        state = Mutex(State(tail: Deque(unarchived), start: start, last: last, isKept: isKept))
    }

    // MARK: - Adding

    /// Learns what a commit has stored.
    ///
    /// - Parameter archived: the id through which the archive has everything.
    func append(_ changes: [Change], archivedThrough archived: Int64) {
        guard case .log? = changes.last else { return }
        let (last, onGrowth) = state.withLock { state in
            for case .log(let step) in changes {
                switch step {
                case .put(let change): state.tail.append(change)
                case .erase(let user, let id):
                    state.tail.removeAll { $0.user == user && $0.id <= id }
                    state.erasures += 1
                case .end(let id): state.last = max(state.last, id)
                case .putWebhook, .removeWebhook: break
                }
            }
            while state.tail.count > Self.held, let first = state.tail.first, first.id <= archived {
                state.tail.removeFirst()
                state.start = first.id
            }
            return (state.last, state.onGrowth)
        }
        waiting.tell(last)
        onGrowth?()
    }

    /// Calls somebody, on the loop's thread, when there is more.
    func onGrowth(_ hear: @escaping @Sendable () -> Void) {
        state.withLock { $0.onGrowth = hear }
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
        let ends = state.withLock { state in
            defer { (state.isServing, state.isKept) = (isServing, isKept) }
            return state.isKept && !isKept
        }
        if ends { waiting.endAll() }
    }

    // MARK: - Reading

    package var last: Int64 { state.withLock { $0.last } }
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
            let changes = state.next(after: id, limit: limit)
            return .changes(changes, through: Self.end(of: changes, limit, last: state.last))
        }
    }

    /// Changes with higher ids than one.
    package func changes(after id: Int64, limit: Int) throws(StoreError) -> Found {
        if let found = recent(after: id, limit: limit) { return found }
        let (changes, end) = try all(after: id, limit: limit)
        guard try archive.cut() <= id else { return .gone }
        return .changes(changes, through: end)
    }

    /// Changes with higher ids than one, and those that are kept for webhooks alone, and the id through which
    /// there are no others.
    func all(
        after id: Int64,
        limit: Int
    ) throws(StoreError) -> (changes: [LoggedChange], through: Int64) {
        // The tail first: what leaves it is in the archive by then.
        let (isRecent, tail, last, erasures) = state.withLock { state in
            (id >= state.start, state.next(after: id, limit: limit), state.last, state.erasures)
        }
        guard !isRecent else { return (tail, Self.end(of: tail, limit, last: last)) }
        // What the archive has beyond that is not told yet.
        var changes = try archive.changes(after: id, limit: limit).filter { $0.id <= last }
        if changes.count < limit {
            let end = changes.last?.id ?? id
            changes += tail.lazy.filter { $0.id > end }.prefix(limit - changes.count)
        }
        // What was erased meanwhile may be among them.
        guard state.withLock({ $0.erasures == erasures }) else {
            return try all(after: id, limit: limit)
        }
        return (changes, Self.end(of: changes, limit, last: last))
    }

    /// The id through which there is nothing else where so many were asked for and the log ended with an id.
    private static func end(of changes: [LoggedChange], _ limit: Int, last: Int64) -> Int64 {
        let end = changes.last?.id ?? 0
        return changes.count < limit ? max(end, last) : end
    }

    /// See ``Archive/newest(of:after:through:limit:)``: what the archive has not is newer than all of that.
    func newest(
        of kinds: Set<LoggedChange.Kind>,
        after id: Int64,
        through end: Int64,
        limit: Int
    ) throws(StoreError) -> [LoggedChange] {
        let erasures = state.withLock { $0.erasures }
        let changes = try archive.newest(of: kinds, after: id, through: end, limit: limit)
        // What was erased meanwhile may be among them.
        guard state.withLock({ $0.erasures == erasures }) else {
            return try newest(of: kinds, after: id, through: end, limit: limit)
        }
        return changes
    }

    /// See ``Archive/condense(_:_:)``.
    package func condense(
        _ position: WebhookPosition,
        _ backlog: Backlog
    ) throws(StoreError) -> WebhookPosition {
        try archive.condense(position, backlog)
    }

    /// Changes of a user, the newest first.
    package func history(_ query: HistoryQuery) throws(StoreError) -> [LoggedChange] {
        let (tail, last, erasures) = state.withLock { state in
            let tail = state.tail.reversed().lazy.filter(query.includes).prefix(query.limit)
            return (Array(tail), state.last, state.erasures)
        }
        guard tail.count < query.limit else { return tail }
        var rest = query
        rest.limit -= tail.count
        rest.below = min(query.below, tail.last?.id ?? last + 1)
        let found = try archive.history(rest)
        guard state.withLock({ $0.erasures == erasures }) else { return try history(query) }
        return tail + found
    }

    /// Frees the file.
    func close() { archive.close() }
}
